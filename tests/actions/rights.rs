//! Who may do what: every verb that changes something is called by every role.

use std::{collections::BTreeSet, fs, path::Path, time::Instant};

use portreeve::{
    actions::{
        ActError, Apply, ApplyError, ChangePasswordError, CloseError, CloseLevel, ClosePort, ConfirmError, DraftError,
        EditError, FactorError, Lift, LimitPort, NoteAddressError, OpenPort, PeopleError, Quick, QuickError, Right,
        SaveFilterError, SignedIn, UndoError, UserChange,
    },
    firewall::{Action, AddressRange, Direction, Peer, RuleId, Ruleset, Text, edit::Edit, listener::Transport},
    store::{ClosureId, Retention, Role, SavedFilter, Theme},
};
use syn::{FnArg, ImplItem, Item, Visibility};

use super::{
    panel::{HOME, PASSWORD, origin},
    rulesets::Stage,
};

/// Every verb and the right it takes. What comes after a space tells two ways of one verb apart.
const VERBS: &[(&str, Right)] = &[
    ("add_user", Right::ManagePeople),
    ("remove_factor_of", Right::ManagePeople),
    ("require_factor", Right::ManagePeople),
    ("change_user", Right::ManagePeople),
    ("renew_password", Right::ManagePeople),
    ("end_sessions_of", Right::ManagePeople),
    ("set_theme", Right::OwnAccount),
    ("save_filter", Right::OwnAccount),
    ("forget_filter", Right::OwnAccount),
    ("end_session", Right::OwnAccount),
    ("end_other_sessions", Right::OwnAccount),
    ("change_password", Right::OwnAccount),
    ("add_second_factor", Right::OwnAccount),
    ("renew_recovery_codes", Right::OwnAccount),
    ("remove_second_factor", Right::OwnAccount),
    ("step_up", Right::OwnAccount),
    ("sign_out", Right::OwnAccount),
    ("quick for_a_time", Right::Ban),
    ("lift a_ban", Right::Ban),
    ("confirm", Right::Answer),
    ("extend", Right::Answer),
    ("roll_back", Right::Answer),
    ("note_address", Right::NoteAddress),
    ("quick always", Right::ChangeRules),
    ("lift a_rule", Right::ChangeRules),
    ("edit_draft", Right::ChangeRules),
    ("discard_draft", Right::ChangeRules),
    ("rebase_draft", Right::ChangeRules),
    ("return_to", Right::ChangeRules),
    ("revert", Right::ChangeRules),
    ("apply", Right::ChangeRules),
    ("put_back", Right::ChangeRules),
    ("accept_drift", Right::ChangeRules),
    ("open_port", Right::ChangeRules),
    ("limit_port", Right::ChangeRules),
    ("close", Right::ClosePorts),
    ("undo", Right::ClosePorts),
    ("turn_off", Right::TurnOff),
    ("note_export", Right::SeeAudit),
    ("set_retention", Right::ChangeSettings),
];

/// What only reads, or is another verb under a second name.
const OTHERS: &[&str] = &[
    "draft",
    "review",
    "list_sessions",
    "live_sessions",
    "listener_news",
    "unseen_listeners",
    "close_many",
    "factor_of",
];

fn range() -> AddressRange {
    AddressRange::parse("198.51.100.7").expect("an address")
}

fn quick(seconds: Option<i64>) -> Quick {
    let (action, direction) = (Action::Drop, Direction::In);
    Quick { addresses: range(), action, seconds, to: Vec::new(), direction, note: Text::empty() }
}

/// Calls a verb for real; tells whether it was refused for want of a right.
async fn is_forbidden(stage: &Stage, verb: &str, by: &SignedIn) -> bool {
    let (actions, home) = (&stage.panel.actions, &origin(HOME));
    match verb {
        "set_theme" => matches!(actions.set_theme(by, Theme::Dark, home).await, Err(ActError::Forbidden)),
        "save_filter" => {
            let filter = SavedFilter { name: "ssh".to_owned(), query: "?port=22".to_owned() };
            matches!(actions.save_filter(by, filter, home).await, Err(SaveFilterError::Forbidden))
        }
        "forget_filter" => matches!(actions.forget_filter(by, "ssh", home).await, Err(ActError::Forbidden)),
        "end_session" => {
            let id = "1".parse().expect("a number");
            matches!(actions.end_session(by, id, home).await, Err(ActError::Forbidden))
        }
        "end_other_sessions" => matches!(actions.end_other_sessions(by, home).await, Err(ActError::Forbidden)),
        "change_password" => {
            let changed = actions.change_password(by, PASSWORD, "brass heron 4 kites", home).await;
            matches!(changed, Err(ChangePasswordError::Forbidden))
        }
        "sign_out" => matches!(actions.sign_out(by, home).await, Err(ActError::Forbidden)),
        "quick for_a_time" => matches!(actions.quick(by, quick(Some(3600)), home).await, Err(QuickError::Forbidden)),
        "quick always" => matches!(actions.quick(by, quick(None), home).await, Err(QuickError::Forbidden)),
        "lift a_ban" => matches!(actions.lift(by, Lift::Ban(range()), home).await, Err(QuickError::Forbidden)),
        "lift a_rule" => {
            let rule = Lift::Rule(RuleId::new(1).expect("not 0"));
            matches!(actions.lift(by, rule, home).await, Err(QuickError::Forbidden))
        }
        "confirm" => matches!(actions.confirm(by, 1, Instant::now(), home).await, Err(ConfirmError::Forbidden)),
        "extend" => matches!(actions.extend(by, 1, 60, home).await, Err(ConfirmError::Forbidden)),
        "roll_back" => matches!(actions.roll_back(by, 1, home).await, Err(ConfirmError::Forbidden)),
        "note_address" => {
            let noted = actions.note_address(by, range(), Text::empty(), home).await;
            matches!(noted, Err(NoteAddressError::Forbidden))
        }
        "edit_draft" => {
            let edit = Edit::ReplaceAll(Ruleset::default());
            matches!(actions.edit_draft(by, edit, home).await, Err(EditError::Forbidden))
        }
        "discard_draft" => matches!(actions.discard_draft(by, home).await, Err(DraftError::Forbidden)),
        "rebase_draft" => matches!(actions.rebase_draft(by, home).await, Err(DraftError::Forbidden)),
        "return_to" => matches!(actions.return_to(by, 1, home).await, Err(DraftError::Forbidden)),
        "revert" => matches!(actions.revert(by, 1, home).await, Err(DraftError::Forbidden)),
        "apply" => {
            let wanted = Apply { window_seconds: 60, sentence: None, consent: None, base: Some(1) };
            matches!(actions.apply(by, wanted, home).await, Err(ApplyError::Forbidden))
        }
        "put_back" => matches!(actions.put_back(by, home).await, Err(ConfirmError::Forbidden)),
        "accept_drift" => matches!(actions.accept_drift(by, "", home).await, Err(ConfirmError::Forbidden)),
        other => is_forbidden_at_ports(stage, other, by).await,
    }
}

async fn is_forbidden_at_ports(stage: &Stage, verb: &str, by: &SignedIn) -> bool {
    let (actions, home) = (&stage.panel.actions, &origin(HOME));
    let (port, transport, note) = (8080, Transport::Tcp, Text::empty());
    match verb {
        "open_port" => {
            let open = OpenPort { port, transport, who: Vec::new(), seconds: None, note };
            matches!(actions.open_port(by, open, home).await, Err(QuickError::Forbidden))
        }
        "limit_port" => {
            let limit = LimitPort { port, transport, who: vec![Peer::Addresses(range())], note };
            matches!(actions.limit_port(by, limit, home).await, Err(QuickError::Forbidden))
        }
        "close" => {
            let port = ClosePort { port, transport, level: CloseLevel::Block };
            matches!(actions.close(by, port, home).await, Err(CloseError::Forbidden))
        }
        "undo" => {
            matches!(actions.undo(by, ClosureId::parse("1").expect("a number"), home).await, Err(UndoError::Forbidden))
        }
        "set_retention" => {
            matches!(actions.set_retention(by, Retention::default(), home).await, Err(ActError::Forbidden))
        }
        "turn_off" => matches!(actions.turn_off(by, 1, home).await, Err(ConfirmError::Forbidden)),
        "note_export" => matches!(actions.note_export(by, "", home).await, Err(ActError::Forbidden)),
        other => is_forbidden_with_people(stage, other, by).await,
    }
}

async fn is_forbidden_with_people(stage: &Stage, verb: &str, by: &SignedIn) -> bool {
    let (actions, home, somebody) = (&stage.panel.actions, &origin(HOME), by.user.id);
    match verb {
        "add_second_factor" => {
            let added = actions.add_second_factor(by, ("", "", ""), home).await;
            matches!(added, Err(FactorError::Forbidden))
        }
        "renew_recovery_codes" => {
            matches!(actions.renew_recovery_codes(by, "", home).await, Err(FactorError::Forbidden))
        }
        "remove_second_factor" => {
            matches!(actions.remove_second_factor(by, "", home).await, Err(FactorError::Forbidden))
        }
        "step_up" => matches!(actions.step_up(by, "", home).await, Err(FactorError::Forbidden)),
        "add_user" => {
            let added = actions.add_user(by, "ben", Role::Viewer, home).await;
            matches!(added, Err(PeopleError::Forbidden))
        }
        "renew_password" => {
            matches!(actions.renew_password(by, somebody, home).await, Err(PeopleError::Forbidden))
        }
        "end_sessions_of" => {
            matches!(actions.end_sessions_of(by, somebody, None, home).await, Err(PeopleError::Forbidden))
        }
        "remove_factor_of" => {
            matches!(actions.remove_factor_of(by, somebody, home).await, Err(PeopleError::Forbidden))
        }
        "require_factor" => {
            matches!(actions.require_factor(by, &[], home).await, Err(PeopleError::Forbidden))
        }
        "change_user" => {
            let change = UserChange::Enabled(false);
            matches!(actions.change_user(by, somebody, change, home).await, Err(PeopleError::Forbidden))
        }
        other => panic!("{other} is in the table, but nobody calls it"),
    }
}

#[tokio::test]
async fn each_role_can_do_what_it_is_for_and_nothing_else() {
    for role in [Role::Viewer, Role::Operator, Role::Administrator] {
        let stage = Stage::set().await;
        stage.turn_on().await;
        let by = stage.as_role(role.as_str()).await;
        for &(verb, right) in VERBS {
            let before = done(&stage).await;
            let is_forbidden = is_forbidden(&stage, verb, &by).await;
            assert_eq!(is_forbidden, role < right.role(), "{verb} by {}", role.as_str());
            if is_forbidden {
                assert_eq!(done(&stage).await, before, "{verb} was refused and done");
            }
        }
    }
}

async fn done(stage: &Stage) -> usize {
    stage.panel.audit().await.iter().filter(|row| row.contains(" done")).count()
}

/// The names of all public acts that take a proof of who asks.
fn verbs_of_the_source() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/actions");
    let mut verbs = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let source = fs::read_to_string(&path).expect("readable source");
        let items = syn::parse_file(&source).expect("the source parses").items;
        let impls = items.into_iter().filter_map(|item| if let Item::Impl(item) = item { Some(item) } else { None });
        for item in impls.flat_map(|item| item.items) {
            let ImplItem::Fn(function) = item else { continue };
            let asks_who = function.sig.inputs.iter().any(|input| {
                let FnArg::Typed(input) = input else { return false };
                let syn::Type::Reference(reference) = &*input.ty else { return false };
                matches!(&*reference.elem, syn::Type::Path(path) if path.path.is_ident("SignedIn"))
            });
            if matches!(function.vis, Visibility::Public(_)) && asks_who {
                verbs.insert(function.sig.ident.to_string());
            }
        }
    }
    verbs
}

#[test]
fn no_verb_is_missing_from_the_table() {
    let table = VERBS.iter().map(|(verb, _)| verb.split(' ').next().expect("a name"));
    let known: BTreeSet<String> = table.chain(OTHERS.iter().copied()).map(str::to_owned).collect();
    assert_eq!(verbs_of_the_source(), known);
}
