//! Closing ports and taking that back, against a helper that keeps the books of rules and units.

use std::time::{Duration, Instant};

use portreeve::{
    actions::{
        CloseError, CloseLevel, ClosePort, Closed, LimitPort, OpenPort, QuickDone, QuickError, RulesDone, UndoError,
        Undone,
    },
    firewall::{Peer, Ruleset, Target, Text, edit::Edit, listener::Transport},
    store::{Closure, ClosureId, ClosureState, Ending},
};

use super::{
    panel::{HOME, origin},
    rulesets::Stage,
    services::unit,
};

const MAIL: &str = r#"{"rules":[
    {"id":1,"action":"allow","direction":"in","to":["portreeve","ssh"]},
    {"id":2,"action":"allow","direction":"in","to":["pop3","pop3s","imaps"]},
    {"id":3,"action":"allow","direction":"in","to":["ftp"],"note":"Anna's camera"}]}"#;

fn mail() -> Ruleset {
    serde_json::from_str(MAIL).expect("a ruleset")
}

fn port(number: u16, level: CloseLevel) -> ClosePort {
    ClosePort { port: number, transport: Transport::Tcp, level }
}

/// A mail server whose confirmed revision 1 is [`MAIL`].
struct Host(Stage);

impl Host {
    async fn new() -> Self {
        let stage = Stage::set().await;
        stage.edit(Edit::ReplaceAll(mail())).await.expect("it is staged");
        assert_eq!(stage.apply().await.expect("it is applied"), 1);
        stage.confirm(1, Instant::now()).await.expect("it is confirmed");
        let host = Self(stage);
        host.services(|services| {
            services.now = Some(host.0.panel.actions.now());
            services.run("dovecot.service", &[110, 995, 993]);
            services.run("vsftpd.service", &[21]);
            services.run("ssh.service", &[22]);
        });
        host
    }

    fn services<T>(&self, work: impl FnOnce(&mut super::services::Services) -> T) -> T {
        work(&mut self.0.helper.state().services)
    }

    fn standing(&self, name: &str) -> (bool, String) {
        self.services(|services| {
            let (runs, file) = services.standing(name);
            (runs, file.to_owned())
        })
    }

    async fn close(&self, ports: &[ClosePort]) -> Result<Closed, CloseError> {
        self.0.panel.actions.close_many(&self.0.anna, ports.to_vec(), &origin(HOME)).await
    }

    async fn undo(&self, id: ClosureId) -> Result<Undone, UndoError> {
        self.0.panel.actions.undo(&self.0.anna, id, &origin(HOME)).await
    }

    async fn closure(&self, id: ClosureId) -> Closure {
        self.0.panel.actions.store().find_closure(id).await.expect("a database").expect("it is there")
    }

    /// Targets of rules in force, disabled ones in brackets.
    fn rules(&self) -> Vec<String> {
        let state = self.0.helper.state();
        let rules = &state.confirmed.as_ref().expect("a revision is confirmed").parts().rules;
        let words = |rule: &portreeve::firewall::Rule| {
            let to: Vec<String> = rule.to.iter().map(ToString::to_string).collect();
            let text = format!("{} {}", rule.action.as_str(), to.join(" "));
            if rule.enabled { text } else { format!("({text})") }
        };
        rules.iter().map(words).collect()
    }

    async fn audit(&self, verb: &str) -> Vec<String> {
        self.0.panel.audit().await.into_iter().filter(|row| row.contains(verb)).collect()
    }
}

#[tokio::test]
async fn a_port_is_blocked_by_one_revision_one_row_and_one_undo() {
    let host = Host::new().await;
    let closed = host.close(&[port(110, CloseLevel::Block)]).await.expect("it is closed");
    assert_eq!((closed.rules, closed.units.len(), closed.trouble.len()), (RulesDone::InForce(2), 0, 0));
    assert_eq!(host.rules(), ["allow portreeve ssh", "allow pop3s imaps", "allow ftp"]);
    assert_eq!(host.audit("close_ports").await, ["user anna close_ports 110/tcp done Close 110/tcp"]);
    assert_eq!(host.0.ending(2).await.0, Ending::Confirmed);
    assert!(host.standing("dovecot.service").0, "what listens goes on");

    host.0.panel.pass(5 * 86_400);
    let id = closed.id.expect("it can be taken back");
    let undone = host.undo(id).await.expect("it is taken back");
    assert!(undone.is_complete && undone.kept.is_empty() && undone.trouble.is_empty(), "{undone:?}");
    assert_eq!(undone.rules, RulesDone::InForce(3));
    assert_eq!(host.0.helper.state().confirmed, Some(mail()));
    let closure = host.closure(id).await;
    assert_eq!((closure.state, closure.undone_by.as_deref()), (ClosureState::Undone, Some("anna from 192.0.2.10")));
    assert_eq!(host.audit("undo_closure").await, ["user anna undo_closure act 1 done Undo: Close 110/tcp"]);
    assert!(matches!(host.undo(id).await, Err(UndoError::NothingLeft(_))));
}

#[tokio::test]
async fn what_listens_is_stopped_and_everything_comes_back_as_it_was() {
    for (level, file) in
        [(CloseLevel::Stop, "enabled"), (CloseLevel::Disable, "disabled"), (CloseLevel::Mask, "masked")]
    {
        let host = Host::new().await;
        let closed = host.close(&[port(110, level)]).await.expect("it is closed");
        assert_eq!((closed.units, closed.trouble), (vec![unit("dovecot.service")], Vec::new()));
        assert_eq!(host.standing("dovecot.service"), (false, file.to_owned()));
        assert_eq!(host.rules()[1], "allow pop3s imaps");
        let id = closed.id.expect("an act");
        assert_eq!(host.closure(id).await.state, ClosureState::Done);
        assert!(host.undo(id).await.expect("it is taken back").is_complete);
        assert_eq!(host.standing("dovecot.service"), (true, "enabled".to_owned()));
        assert_eq!(host.0.helper.state().confirmed, Some(mail()));
    }
}

#[tokio::test]
async fn many_ports_are_one_act() {
    let host = Host::new().await;
    let wanted = [
        port(110, CloseLevel::Stop),
        port(995, CloseLevel::Disable),
        port(21, CloseLevel::Mask),
        port(110, CloseLevel::Block),
    ];
    let closed = host.close(&wanted).await.expect("they are closed");
    assert_eq!(closed.rules, RulesDone::InForce(2));
    assert_eq!(host.rules(), ["allow portreeve ssh", "allow imaps", "(allow ftp)"]);
    assert_eq!(host.standing("dovecot.service"), (false, "disabled".to_owned()), "the level that goes farthest");
    assert_eq!(host.standing("vsftpd.service"), (false, "masked".to_owned()));
    let all = host.0.panel.actions.closures().await.expect("a database");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].sentence, "Close 21/tcp, 110/tcp, 995/tcp and disable dovecot.service, mask vsftpd.service");
    assert!(host.undo(closed.id.expect("an act")).await.expect("it is taken back").is_complete);
    assert_eq!(host.0.helper.state().confirmed, Some(mail()));
}

#[tokio::test]
async fn ways_in_and_protected_units_are_refused_before_anything_is_done() {
    let host = Host::new().await;
    for (wanted, words) in [
        (
            port(22, CloseLevel::Block),
            "administrators come in there by SSH. Change its rule under Rules and look at Review",
        ),
        (port(22, CloseLevel::Stop), "SSH"),
        (port(8470, CloseLevel::Block), "this panel answers there"),
        (port(25, CloseLevel::Stop), "nothing listens there"),
        (port(0, CloseLevel::Block), "0 is no port"),
    ] {
        let refused =
            host.close(&[port(110, CloseLevel::Disable), wanted]).await.expect_err("it is refused").to_string();
        assert!(refused.contains(words), "{refused}");
    }
    host.services(|services| services.run("docker.service", &[8080]));
    let refused = host.close(&[port(8080, CloseLevel::Stop)]).await.expect_err("it is refused").to_string();
    assert!(refused.contains("docker.service is protected"), "{refused}");
    assert_eq!(host.standing("dovecot.service"), (true, "enabled".to_owned()));
    assert_eq!(host.0.helper.state().confirmed, Some(mail()));
    assert!(host.0.panel.actions.closures().await.expect("a database").is_empty());
}

#[tokio::test]
async fn without_a_service_manager_the_firewall_still_closes() {
    let host = Host::new().await;
    host.services(|services| services.is_missing = true);
    assert!(matches!(host.close(&[port(110, CloseLevel::Stop)]).await, Err(CloseError::Unavailable { .. })));
    assert!(host.close(&[port(110, CloseLevel::Block)]).await.is_ok());
    let plan = host.0.panel.actions.close_plan(21, Transport::Tcp).await.expect("a database");
    let unavailable: Vec<bool> = plan.levels.iter().map(|level| level.unavailable.is_some()).collect();
    assert_eq!(unavailable, [false, true, true, true]);
}

#[tokio::test]
async fn while_the_firewall_is_off_services_can_still_be_stopped() {
    let host = Host::new().await;
    host.0.panel.actions.turn_off(&host.0.anna, 1, &origin(HOME)).await.expect("it is off");
    host.services(|services| services.run("vsftpd.service", &[21]));
    assert!(matches!(host.close(&[port(21, CloseLevel::Block)]).await, Err(CloseError::Unavailable { .. })));
    let closed = host.close(&[port(21, CloseLevel::Stop)]).await.expect("it is stopped");
    assert_eq!((closed.rules, closed.units.len()), (RulesDone::Nothing, 1));
    assert!(host.undo(closed.id.expect("an act")).await.expect("it is taken back").is_complete);
    assert!(host.standing("vsftpd.service").0);
}

#[tokio::test]
async fn what_failed_is_told_and_the_rest_is_taken_back_when_it_can_be() {
    let host = Host::new().await;
    host.services(|services| services.stubborn = vec![unit("vsftpd.service")]);
    let closed = host.close(&[port(110, CloseLevel::Stop), port(21, CloseLevel::Stop)]).await.expect("in part");
    assert_eq!(closed.units, [unit("dovecot.service")]);
    assert!(closed.trouble[0].starts_with("vsftpd.service was not closed: the service manager refused"), "{closed:?}");
    assert_eq!(host.rules()[2], "(allow ftp)", "it is blocked all the same");
    let id = closed.id.expect("an act");
    assert_eq!(host.closure(id).await.state, ClosureState::Partly);

    host.services(|services| services.stubborn = vec![unit("dovecot.service")]);
    let undone = host.undo(id).await.expect("in part");
    assert!(!undone.is_complete && undone.rules == RulesDone::InForce(3), "{undone:?}");
    let closure = host.closure(id).await;
    assert_eq!(closure.state, ClosureState::PartlyUndone);
    assert!(closure.trouble.contains("dovecot.service was not opened again") && closure.can_undo());

    host.services(|services| services.stubborn.clear());
    let again = host.undo(id).await.expect("the rest");
    assert!(again.is_complete && again.rules == RulesDone::Nothing, "{again:?}");
    assert_eq!(host.0.helper.state().enforcement.confirmed, Some(3), "no revision for nothing");
    assert!(host.standing("dovecot.service").0);
}

#[tokio::test]
async fn what_somebody_changed_since_is_not_trampled() {
    let host = Host::new().await;
    let closed = host.close(&[port(110, CloseLevel::Disable), port(21, CloseLevel::Block)]).await.expect("closed");
    let mut parts = host.0.helper.state().confirmed.clone().expect("confirmed").into_parts();
    parts.rules.remove(2);
    parts.rules[1].who = vec![Peer::parse("203.0.113.0/24").expect("a peer")];
    let edited = Ruleset::try_from(parts).expect("not too many");
    {
        let mut books = host.0.helper.state();
        let _ = books.apply(edited, 3, Some(2), 60);
        let _ = books.end(3, None);
        books.services.records.clear();
    }
    let undone = host.undo(closed.id.expect("an act")).await.expect("it is taken back");
    assert!(undone.is_complete, "{undone:?}");
    assert_eq!(undone.kept.len(), 2, "{undone:?}");
    assert!(undone.kept[0].starts_with("rule r3 was removed since"), "{undone:?}");
    assert!(undone.kept[1].starts_with("dovecot.service was opened again before"), "{undone:?}");
    assert_eq!(host.rules(), ["allow portreeve ssh", "allow pop3 pop3s imaps"]);
    let rule = host.0.helper.state().confirmed.clone().expect("confirmed").into_parts().rules.remove(1);
    assert_eq!(rule.who.len(), 1, "whom it is about stays as it was changed");
}

#[tokio::test]
async fn of_two_acts_on_one_unit_the_later_is_taken_back_first() {
    let host = Host::new().await;
    let first = host.close(&[port(110, CloseLevel::Stop)]).await.expect("closed").id.expect("an act");
    host.services(|services| {
        let facts = services.units.get_mut(&unit("dovecot.service")).expect("a unit");
        "active".clone_into(&mut facts.active_state);
    });
    let second = host.close(&[port(995, CloseLevel::Disable)]).await.expect("closed").id.expect("an act");
    assert!(matches!(host.undo(first).await, Err(UndoError::Later { id, .. }) if id == second));
    assert!(host.undo(second).await.expect("taken back").is_complete);
    assert!(host.undo(first).await.expect("taken back").is_complete);
    assert_eq!(host.0.helper.state().confirmed, Some(mail()));
}

#[tokio::test]
async fn while_a_revision_waits_the_rules_go_into_the_draft() {
    let host = Host::new().await;
    let _ = host.0.helper.state().apply(mail(), 2, Some(1), 60);
    host.0.panel.actions.refresh_firewall().await;
    let closed = host.close(&[port(110, CloseLevel::Block)]).await.expect("it is staged");
    assert_eq!((closed.rules, closed.id), (RulesDone::Staged, None));
    assert_eq!(host.0.staged().await, 1);
    let stopped = host.close(&[port(21, CloseLevel::Stop)]).await.expect("it is stopped");
    assert_eq!((stopped.rules, stopped.units.len()), (RulesDone::Staged, 1));
    assert!(host.undo(stopped.id.expect("an act")).await.expect("taken back").is_complete, "the unit was all of it");
    assert!(host.standing("vsftpd.service").0);
}

#[tokio::test]
async fn what_is_shut_already_is_no_act() {
    let host = Host::new().await;
    let closed = host.close(&[port(3306, CloseLevel::Block)]).await.expect("nothing to do");
    assert_eq!((closed.id, closed.rules), (None, RulesDone::Nothing));
    assert_eq!(host.0.helper.state().enforcement.confirmed, Some(1));
}

#[tokio::test]
async fn an_act_that_was_cut_off_is_settled_by_the_helpers_records() {
    let host = Host::new().await;
    let closed = host.close(&[port(110, CloseLevel::Disable), port(21, CloseLevel::Stop)]).await.expect("closed");
    let id = closed.id.expect("an act");
    // As a panel leaves it that dies after the helper closed one of two units.
    let last = host.services(|services| services.records.pop()).expect("a record");
    let mut connection = host.0.panel.connection().await;
    let units = r#"[{"name":"dovecot.service","level":"disable","record":null,"reopened":false},
        {"name":"vsftpd.service","level":"stop","record":null,"reopened":false}]"#;
    let cut = sqlx::query("update closure set state = 'under_way', units = ?").bind(units);
    cut.execute(&mut connection).await.expect("a row");
    assert!(matches!(host.undo(id).await, Err(UndoError::NothingLeft(_))));
    host.0.panel.actions.settle_closures().await.expect("a database");
    let closure = host.closure(id).await;
    assert_eq!(closure.state, ClosureState::Partly);
    assert_eq!(closure.trouble, "the panel was stopped in the middle; vsftpd.service was not closed");
    assert_eq!(last.name, unit("vsftpd.service"));
    assert!(host.undo(id).await.expect("taken back").is_complete);
    assert_eq!(host.standing("dovecot.service"), (true, "enabled".to_owned()));
}

/// A helper that dies in the middle may have closed the unit: nothing is taken for failed before its records are read.
#[tokio::test]
async fn a_unit_closed_by_a_helper_that_hung_up_can_be_opened_again() {
    let host = Host::new().await;
    host.close(&[port(110, CloseLevel::Block)]).await.expect("closed");
    host.0.helper.state().hangs_up = true;
    let closed = host.close(&[port(110, CloseLevel::Disable)]).await.expect("it was asked for");
    assert!(closed.trouble[0].starts_with("it isn't known yet whether dovecot.service was closed: "), "{closed:?}");
    let id = closed.id.expect("an act");
    assert_eq!(host.closure(id).await.state, ClosureState::UnderWay);
    while host.standing("dovecot.service").0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    host.0.helper.state().hangs_up = false;
    host.0.panel.actions.settle_closures().await.expect("a database");
    let closure = host.closure(id).await;
    assert_eq!((closure.state, closure.trouble.as_str()), (ClosureState::Done, ""));
    assert!(host.undo(id).await.expect("taken back").is_complete);
    assert_eq!(host.standing("dovecot.service"), (true, "enabled".to_owned()));
}

#[tokio::test]
async fn an_act_whose_revision_was_never_confirmed_holds_no_rules() {
    let host = Host::new().await;
    let id = host.close(&[port(110, CloseLevel::Block)]).await.expect("closed").id.expect("an act");
    let mut connection = host.0.panel.connection().await;
    for statement in
        ["update closure set state = 'under_way'", "update revision set outcome = 'rolled_back' where number = 2"]
    {
        sqlx::query(statement).execute(&mut connection).await.expect("a row");
    }
    host.0.panel.actions.settle_closures().await.expect("a database");
    let closure = host.closure(id).await;
    assert_eq!(closure.state, ClosureState::Failed);
    assert!(closure.trouble.contains("the rules were not changed"), "{}", closure.trouble);
}

#[tokio::test]
async fn a_helper_that_does_not_answer_leaves_no_half_act() {
    let host = Host::new().await;
    host.0.helper.state().hangs_up = true;
    assert!(matches!(host.close(&[port(110, CloseLevel::Stop)]).await, Err(CloseError::Helper(_))));
    assert!(host.standing("dovecot.service").0, "units are left alone when the rules failed");
    let all = host.0.panel.actions.closures().await.expect("a database");
    assert_eq!(all[0].state, ClosureState::UnderWay, "it may have been understood");
}

#[tokio::test]
async fn the_plan_tells_what_would_happen() {
    let host = Host::new().await;
    host.0.panel.actions.refresh_listeners().await;
    let plan = host.0.panel.actions.close_plan(110, Transport::Tcp).await.expect("a database");
    assert_eq!((plan.is_shut, plan.protected.as_deref(), plan.listeners.len()), (false, None, 1));
    assert_eq!(plan.units[0].name, unit("dovecot.service"));
    assert_eq!(plan.units[0].others, [(993, Transport::Tcp), (995, Transport::Tcp)]);
    assert_eq!(plan.rule_changes.len(), 1);
    assert!(plan.rule_changes[0].starts_with("Rule r2 changed: "), "{:?}", plan.rule_changes);
    assert!(plan.levels.iter().all(|level| level.unavailable.is_none()));
    assert!(plan.levels[2].effects.iter().any(|effect| effect == "With it 993/tcp, 995/tcp ends too."));
    let ssh = host.0.panel.actions.close_plan(22, Transport::Tcp).await.expect("a database");
    assert!(ssh.protected.is_some() && ssh.levels.iter().all(|level| level.unavailable.is_some()));
    let next = host.0.panel.actions.new_rule_id().await.expect("a number").get();
    assert_eq!(next, 4, "looking takes no number");
}

#[tokio::test]
async fn a_port_is_limited_and_opened() {
    let host = Host::new().await;
    let (actions, anna, from) = (&host.0.panel.actions, &host.0.anna, origin(HOME));
    let office = vec![Peer::parse("203.0.113.0/24").expect("a peer")];
    let limit = LimitPort { port: 21, transport: Transport::Tcp, who: office, note: Text::empty() };
    assert_eq!(actions.limit_port(anna, limit, &from).await.expect("it is limited"), QuickDone::InForce);
    assert_eq!(host.rules(), ["allow ftp", "allow portreeve ssh", "allow pop3 pop3s imaps", "(allow ftp)"]);
    let open =
        OpenPort { port: 8080, transport: Transport::Tcp, who: Vec::new(), seconds: Some(3600), note: Text::empty() };
    assert_eq!(actions.open_port(anna, open, &from).await.expect("it is open"), QuickDone::InForce);
    assert_eq!(host.rules()[0], "allow 8080/tcp");
    let sentences = actions.store().list_revisions(None, 2).await.expect("a database");
    assert_eq!(sentences[0].sentence, "Open 8080/tcp to everybody for 1 hour");
    assert_eq!(sentences[1].sentence, "Limit ftp to 203.0.113.0/24");
}

/// What would shut somebody out goes into the draft, in which the same rules may have been changed.
#[tokio::test]
async fn a_limit_that_is_staged_keeps_what_the_draft_made_of_the_same_rule() {
    let host = Host::new().await;
    let mut edited = mail().parts().rules[0].clone();
    edited.to.push(Target::parse("https").expect("a target"));
    host.0.edit(Edit::ReplaceRule(edited)).await.expect("it is staged");
    let elsewhere = vec![Peer::parse("10.0.0.0/8").expect("a peer")];
    let limit = LimitPort { port: 22, transport: Transport::Tcp, who: elsewhere, note: Text::empty() };
    let actions = &host.0.panel.actions;
    let limited = actions.limit_port(&host.0.anna, limit, &origin(HOME)).await.expect("it is staged");
    assert_eq!(limited, QuickDone::Staged);
    let draft = actions.draft(&host.0.anna).await.expect("a database").ruleset;
    let targets = |rule: &portreeve::firewall::Rule| rule.to.iter().map(ToString::to_string).collect::<Vec<_>>();
    let rules: Vec<_> = draft.parts().rules.iter().take(2).map(targets).collect();
    assert_eq!(rules, [vec!["ssh".to_owned()], vec!["portreeve".to_owned(), "https".to_owned()]]);
}

#[tokio::test]
async fn what_a_rule_bars_can_be_opened_to_everybody_again() {
    let host = Host::new().await;
    let open = r#"{"policy":{"incoming":"allow"}}"#;
    {
        let mut books = host.0.helper.state();
        let _ = books.apply(serde_json::from_str(open).expect("a ruleset"), 2, Some(1), 60);
        let _ = books.end(2, None);
    }
    host.0.panel.actions.refresh_firewall().await;
    host.close(&[port(21, CloseLevel::Block)]).await.expect("closed");
    assert_eq!(host.rules(), ["drop ftp"]);
    let open = OpenPort { port: 21, transport: Transport::Tcp, who: Vec::new(), seconds: None, note: Text::empty() };
    let opened = host.0.panel.actions.open_port(&host.0.anna, open, &origin(HOME)).await.expect("it is open");
    assert_eq!(opened, QuickDone::InForce);
    assert_eq!(host.rules(), ["allow ftp", "(drop ftp)"]);
}

/// What each role may: close, take back, limit, open.
#[tokio::test]
async fn only_an_administrator_closes_limits_and_opens() {
    for (role, may) in [("viewer", false), ("operator", false), ("administrator", true)] {
        let host = Host::new().await;
        let id = host.close(&[port(21, CloseLevel::Block)]).await.expect("closed").id.expect("an act");
        let who = host.0.as_role(role).await;
        let (actions, from) = (&host.0.panel.actions, origin(HOME));
        let closed = actions.close(&who, port(110, CloseLevel::Block), &from).await;
        let undone = actions.undo(&who, id, &from).await;
        let peers = vec![Peer::OwnNetworks];
        let limit = LimitPort { port: 993, transport: Transport::Tcp, who: peers.clone(), note: Text::empty() };
        let limited = actions.limit_port(&who, limit, &from).await;
        let open = OpenPort { port: 25, transport: Transport::Tcp, who: peers, seconds: Some(60), note: Text::empty() };
        let opened = actions.open_port(&who, open, &from).await;
        let allowed = [
            !matches!(closed, Err(CloseError::Forbidden)),
            !matches!(undone, Err(UndoError::Forbidden)),
            !matches!(limited, Err(QuickError::Forbidden)),
            !matches!(opened, Err(QuickError::Forbidden)),
        ];
        assert_eq!(allowed, [may; 4], "{role}");
        let refused = host.audit(" refused this needs an administrator").await;
        assert_eq!(refused.len(), if may { 0 } else { 2 }, "{role}: {refused:?}");
    }
}
