//! A ruleset's way from a draft to the kernel and back, against a helper that only keeps the books.

use std::time::{Duration, Instant};

use portreeve::{
    actions::{Apply, ApplyError, ConfirmError, DraftError, EditError, SignedIn},
    firewall::{
        Policy, Rule, RuleId, Ruleset,
        edit::{Edit, EditProblem},
        enforcement::{Drift, RollBackCause},
    },
    store::{Ending, Error},
};
use tokio::time::{sleep, timeout};

use super::{
    helper::Helper,
    panel::{HOME, NAME, PASSWORD, Panel, origin},
};

const DOORS: &str = r#""to":["portreeve","ssh"]"#;

pub struct Stage {
    pub panel: Panel,
    pub helper: Helper,
    pub anna: SignedIn,
}

impl Stage {
    pub async fn set() -> Self {
        let (panel, session) = Panel::with_account().await;
        let helper = Helper::start(panel.state.path());
        panel.actions.refresh_firewall().await;
        Self { panel, helper, anna: session.signed_in }
    }

    pub async fn add(&self, fields: &str) -> RuleId {
        let id = self.panel.actions.new_rule_id().await.expect("a number");
        let edit = Edit::AddRule { rule: rule(id.get(), fields), at: usize::MAX };
        self.edit(edit).await.expect("the rule is staged");
        id
    }

    pub async fn edit(&self, edit: Edit) -> Result<(), EditError> {
        self.panel.actions.edit_draft(&self.anna, edit, &origin(HOME)).await
    }

    pub async fn apply(&self) -> Result<u64, ApplyError> {
        let base = self.panel.actions.draft(&self.anna).await.expect("a database").base;
        let wanted = Apply { window_seconds: 60, sentence: None, consent: None, base };
        self.panel.actions.apply(&self.anna, wanted, &origin(HOME)).await.map(|applied| applied.revision)
    }

    pub async fn confirm(&self, revision: u64, accepted_at: Instant) -> Result<Option<f64>, ConfirmError> {
        let proof = self.panel.actions.confirm(&self.anna, revision, accepted_at, &origin(HOME)).await?;
        Ok(proof.seconds)
    }

    /// Confirms a revision 1 with open doors.
    pub async fn turn_on(&self) {
        self.add(DOORS).await;
        assert_eq!(self.apply().await.expect("it is applied"), 1);
        self.confirm(1, Instant::now()).await.expect("it is confirmed");
    }

    pub async fn ending(&self, revision: u64) -> (Ending, String) {
        let found = self.panel.actions.store().find_revision(revision).await.expect("a database");
        found.map(|revision| (revision.ending, revision.reason)).expect("it is in the history")
    }

    pub async fn staged(&self) -> usize {
        self.panel.actions.store().count_staged(self.anna.user.id).await.expect("a database")
    }

    /// Signs anna in anew, with another role.
    pub async fn as_role(&self, role: &'static str) -> SignedIn {
        let mut connection = self.panel.connection().await;
        sqlx::query("update user set role = ?").bind(role).execute(&mut connection).await.expect("a role");
        self.panel.sign_in(NAME, PASSWORD, HOME).await.expect("she signs in").signed_in
    }
}

fn rule(id: u32, fields: &str) -> Rule {
    serde_json::from_str(&format!(r#"{{"id":{id},"action":"allow","direction":"in",{fields}}}"#)).expect(fields)
}

fn doors(ids: &[u32]) -> Ruleset {
    let rule = |id: &u32| format!(r#"{{"id":{id},"action":"allow","direction":"in",{DOORS}}}"#);
    let rules: Vec<String> = ids.iter().map(rule).collect();
    serde_json::from_str(&format!(r#"{{"rules":[{}]}}"#, rules.join(","))).expect("a ruleset")
}

#[tokio::test]
async fn what_is_applied_is_in_the_history_and_its_draft_lives_until_it_is_confirmed() {
    let stage = Stage::set().await;
    stage.add(DOORS).await;
    assert_eq!(stage.apply().await.expect("it is applied"), 1);
    assert_eq!(stage.ending(1).await.0, Ending::Applied);
    assert!(stage.helper.state().probes >= 2, "the ways in are rehearsed");
    assert_eq!(stage.staged().await, 1, "a roll back must not lose it");
    let seconds = stage.confirm(1, Instant::now()).await.expect("it is confirmed");
    assert!(seconds.is_some_and(|seconds| seconds > 0.0));
    let (ending, reason) = stage.ending(1).await;
    assert!(ending == Ending::Confirmed && reason.starts_with("by anna, over a connection opened"), "{reason}");
    assert_eq!(stage.staged().await, 0);
}

#[tokio::test]
async fn a_browser_that_hangs_up_leaves_no_act_half_written() {
    let stage = Stage::set().await;
    stage.add(DOORS).await;
    stage.helper.state().pace = Duration::from_secs(1);
    assert!(timeout(Duration::from_millis(300), stage.apply()).await.is_err(), "it was given up");
    while stage.helper.state().enforcement.pending.is_none() {
        sleep(Duration::from_millis(20)).await;
        stage.panel.actions.refresh_firewall().await;
    }
    assert_eq!(stage.ending(1).await.0, Ending::Applied);
    stage.confirm(1, Instant::now()).await.expect("it is confirmed");
    assert_eq!(stage.ending(1).await.0, Ending::Confirmed);
}

#[tokio::test]
async fn a_second_apply_is_told_who_is_at_it() {
    let stage = Stage::set().await;
    stage.add(DOORS).await;
    stage.helper.state().pace = Duration::from_secs(5);
    let (first, second) = tokio::join!(stage.apply(), async {
        while stage.panel.actions.store().list_open_revisions().await.expect("a database").is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
        stage.apply().await
    });
    assert!(first.is_ok() && second.expect_err("busy").to_string().starts_with("anna is applying a change"));
}

#[tokio::test]
async fn a_revision_that_came_into_force_after_all_is_in_the_history_as_such() {
    let stage = Stage::set().await;
    stage.add(DOORS).await;
    stage.helper.state().hangs_up = true;
    assert!(matches!(stage.apply().await, Err(ApplyError::Helper(_))));
    // Whatever the first look found: the helper puts it in force now, if it hadn't.
    let _ = stage.helper.state().apply(doors(&[1]), 1, None, 60);
    stage.panel.actions.refresh_firewall().await;
    assert_eq!(stage.ending(1).await.0, Ending::Applied);
    let _ = stage.helper.state().end(1, None);
    stage.panel.actions.refresh_firewall().await;
    assert_eq!(stage.ending(1).await, (Ending::Confirmed, "confirmed outside the panel".to_owned()));
    assert_eq!(stage.staged().await, 0, "the draft is what is in force");
}

#[tokio::test]
async fn silence_and_its_cause_are_written_down_and_the_draft_stays() {
    let stage = Stage::set().await;
    stage.add(DOORS).await;
    stage.apply().await.expect("it is applied");
    let _ = stage.helper.state().end(1, Some(RollBackCause::Silence));
    stage.panel.actions.refresh_firewall().await;
    assert_eq!(stage.ending(1).await, (Ending::RolledBack, "nobody confirmed it in time".to_owned()));
    assert_eq!(stage.staged().await, 1);
}

#[tokio::test]
async fn what_the_console_did_is_neither_lost_nor_confirmed_by_an_old_connection() {
    let stage = Stage::set().await;
    stage.turn_on().await;
    let old = Instant::now();
    let _ = stage.helper.state().apply(doors(&[1, 7]), 2, Some(1), 60);
    assert!(matches!(stage.confirm(2, old).await, Err(ConfirmError::OldConnection)), "not even before the next look");
    stage.confirm(2, Instant::now()).await.expect("a new one confirms it");
    assert_eq!(stage.ending(2).await.0, Ending::Confirmed);
    let draft = stage.panel.actions.draft(&stage.anna).await.expect("a database");
    assert_eq!((draft.running, draft.base), (doors(&[1, 7]), Some(2)));
    assert_eq!(stage.panel.actions.new_rule_id().await.expect("a number").get(), 8, "no id is given twice");
}

#[tokio::test]
async fn rules_that_nobody_knows_are_never_taken_for_none() {
    let stage = Stage::set().await;
    stage.turn_on().await;
    {
        let mut books = stage.helper.state();
        let _ = books.apply(doors(&[1, 7]), 2, Some(1), 60);
        let _ = books.end(2, None);
        books.confirmed = None;
    }
    stage.panel.actions.refresh_firewall().await;
    let outcome = stage.panel.actions.draft(&stage.anna).await;
    assert!(matches!(outcome, Err(Error::Inconsistent { .. })), "{outcome:?}");
    stage.helper.state().confirmed = Some(doors(&[1, 7]));
    assert_eq!(stage.panel.actions.draft(&stage.anna).await.expect("it is read now").running, doors(&[1, 7]));
}

#[tokio::test]
async fn numbers_that_the_helper_has_seen_are_not_given_again() {
    let stage = Stage::set().await;
    stage.turn_on().await;
    {
        let mut books = stage.helper.state();
        let _ = books.apply(doors(&[1, 7]), 2, Some(1), 60);
        let _ = books.end(2, Some(RollBackCause::Silence));
    }
    stage.panel.actions.refresh_firewall().await;
    stage.add(r#""to":["https"]"#).await;
    assert_eq!(stage.apply().await.expect("it is applied"), 3);
    stage.panel.actions.roll_back(&stage.anna, 3, &origin(HOME)).await.expect("it is rolled back");
    stage.helper.state().newest = 40;
    assert!(matches!(stage.apply().await, Err(ApplyError::Helper(_))), "the panel can't know");
    assert_eq!(stage.ending(4).await.0, Ending::Failed);
    assert_eq!(stage.apply().await.expect("it knows now"), 42);
}

#[tokio::test]
async fn two_edits_at_once_are_both_staged() {
    let stage = Stage::set().await;
    let (first, second) = tokio::join!(stage.add(DOORS), stage.add(r#""to":["https"]"#));
    let draft = stage.panel.actions.draft(&stage.anna).await.expect("a database");
    let mut ids: Vec<RuleId> = draft.ruleset.parts().rules.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [first, second]);
}

#[tokio::test]
async fn an_id_from_a_draft_is_never_given_again() {
    let stage = Stage::set().await;
    stage.edit(Edit::ReplaceAll(doors(&[12]))).await.expect("it is staged");
    assert_eq!(stage.add(r#""to":["https"]"#).await.get(), 13);
    let twice = Edit::AddRule { rule: rule(12, DOORS), at: 0 };
    assert!(matches!(stage.edit(twice).await, Err(EditError::Edit(EditProblem::RuleTaken(_)))));
}

#[tokio::test]
async fn whose_base_has_moved_on_merges_before_he_applies() {
    let stage = Stage::set().await;
    stage.turn_on().await;
    stage.add(r#""to":["https"]"#).await;
    {
        let mut books = stage.helper.state();
        let _ = books.apply(doors(&[1, 7]), 2, Some(1), 60);
        let _ = books.end(2, None);
    }
    stage.panel.actions.refresh_firewall().await;
    assert!(stage.panel.actions.draft(&stage.anna).await.expect("a database").is_stale);
    assert!(matches!(stage.apply().await, Err(ApplyError::Stale)));
    let conflicts = stage.panel.actions.rebase_draft(&stage.anna, &origin(HOME)).await.expect("it merges");
    assert_eq!(conflicts, []);
    assert_eq!(stage.apply().await.expect("it is applied"), 3);
    let ids: Vec<u32> = stage
        .helper
        .state()
        .pending
        .as_ref()
        .expect("it waits")
        .parts()
        .rules
        .iter()
        .map(|rule| rule.id.get())
        .collect();
    assert_eq!(ids, [1, 7, 2]);
}

#[tokio::test]
async fn contents_of_lists_are_kept_as_long_as_something_has_them() {
    let stage = Stage::set().await;
    let list = |entry: &str| -> Ruleset {
        serde_json::from_str(&format!(r#"{{"lists":[{{"name":"office","entries":["{entry}"]}}]}}"#)).expect("a ruleset")
    };
    stage.edit(Edit::ReplaceAll(list("192.0.2.1"))).await.expect("it is staged");
    stage.edit(Edit::ReplaceAll(list("192.0.2.2"))).await.expect("it is staged");
    let count = async || {
        let count = sqlx::query_scalar::<_, i64>("select count(*) from list_content");
        count.fetch_one(&mut stage.panel.connection().await).await.expect("a count")
    };
    assert_eq!(count().await, 2);
    stage.panel.actions.forget_expired().await.expect("a database");
    assert_eq!(count().await, 1);
    assert_eq!(stage.panel.actions.draft(&stage.anna).await.expect("a database").ruleset, list("192.0.2.2"));
}

#[tokio::test]
async fn what_another_program_changed_is_left_as_it_is_until_something_else_changes() {
    let stage = Stage::set().await;
    stage.turn_on().await;
    let (actions, anna, from) = (&stage.panel.actions, &stage.anna, origin(HOME));
    let drift =
        |content: &str| Drift { is_foreign: true, place: "incoming".into(), line: None, content: content.into() };
    let undecided = async || {
        actions.refresh_surroundings().await;
        actions.drift().undecided()
    };
    stage.helper.state().drift = vec![drift("one"), drift("two")];
    assert_eq!(undecided().await, 2);
    let seen = actions.drift().hash.clone();
    stage.helper.state().drift.push(drift("three"));
    assert!(!actions.accept_drift(anna, &seen, &from).await.expect("an answer"), "it isn't what was seen");
    assert_eq!(undecided().await, 3);
    stage.helper.state().drift = vec![drift("two"), drift("one")];
    assert!(actions.accept_drift(anna, &seen, &from).await.expect("an answer"), "the order doesn't matter");
    assert_eq!(undecided().await, 0);
    assert_eq!(actions.drift().accepted.as_ref().map(|accepted| accepted.by.as_str()), Some("anna"));
    assert!(stage.panel.audit().await.iter().any(|row| row.contains("accept_drift table") && row.contains("done")));
    stage.helper.state().drift.push(drift("three"));
    assert_eq!(undecided().await, 3, "something more changed");
    stage.helper.state().drift.clear();
    assert_eq!((undecided().await, actions.drift().accepted.is_some()), (0, false));
}

/// What each role may: edit, apply, confirm, prolong, roll back, turn off, put back, accept.
#[tokio::test]
async fn rights_are_checked_in_actions_and_refusals_are_written_down() {
    for (role, may) in [
        ("viewer", [false; 8]),
        ("operator", [false, false, true, true, true, false, false, false]),
        ("administrator", [true; 8]),
    ] {
        let stage = Stage::set().await;
        stage.turn_on().await;
        let who = stage.as_role(role).await;
        let (actions, from) = (&stage.panel.actions, origin(HOME));
        let wait = |revision| {
            let refused = stage.helper.state().apply(doors(&[1]), revision, Some(1), 60);
            assert_eq!(refused, None);
        };
        let edited =
            actions.edit_draft(&who, Edit::SetPolicy(Policy { dhcpv6: false, ..Policy::default() }), &from).await;
        let wanted = Apply { window_seconds: 60, sentence: None, consent: None, base: Some(1) };
        let applied = actions.apply(&who, wanted, &from).await;
        if applied.is_ok() {
            actions.roll_back(&who, 2, &from).await.expect("an administrator may");
        }
        wait(3);
        let extended = actions.extend(&who, 3, 60, &from).await;
        let rolled_back = actions.roll_back(&who, 3, &from).await;
        let _ = stage.helper.state().end(3, Some(RollBackCause::Silence));
        let put_back = actions.put_back(&who, &from).await;
        let accepted = actions.accept_drift(&who, "", &from).await;
        let off = actions.turn_off(&who, 1, &from).await;
        if off.is_ok() {
            stage.helper.state().enforcement.confirmed = Some(1);
        }
        wait(4);
        let confirmed = actions.confirm(&who, 4, Instant::now(), &from).await;
        let allowed = [
            !matches!(edited, Err(EditError::Forbidden)),
            !matches!(applied, Err(ApplyError::Forbidden)),
            !matches!(confirmed, Err(ConfirmError::Forbidden)),
            !matches!(extended, Err(ConfirmError::Forbidden)),
            !matches!(rolled_back, Err(ConfirmError::Forbidden)),
            !matches!(off, Err(ConfirmError::Forbidden)),
            !matches!(put_back, Err(ConfirmError::Forbidden)),
            !matches!(accepted, Err(ConfirmError::Forbidden)),
        ];
        assert_eq!(allowed, may, "{role}");
        let discarded = actions.discard_draft(&who, &from).await;
        assert_eq!(!matches!(discarded, Err(DraftError::Forbidden)), may[0], "{role}");
        let refused: Vec<String> =
            stage.panel.audit().await.into_iter().filter(|row| row.contains(" refused ")).collect();
        let forbidden = refused.iter().filter(|row| row.ends_with("your account may not do this")).count();
        assert_eq!(forbidden, may[2..].iter().filter(|may| !**may).count(), "{role}: {refused:?}");
    }
}

#[tokio::test]
async fn refusals_of_a_minute_are_one_row() {
    let stage = Stage::set().await;
    let viewer = stage.as_role("viewer").await;
    let refused = async || {
        for _ in 0..5 {
            let outcome = stage.panel.actions.turn_off(&viewer, 1, &origin(HOME)).await;
            assert!(matches!(outcome, Err(ConfirmError::Forbidden)));
        }
        let rows = stage.panel.audit().await;
        rows.iter().filter(|row| *row == "user anna turn_off revision 1 refused your account may not do this").count()
    };
    assert_eq!(refused().await, 1);
    stage.panel.pass(60);
    assert_eq!(refused().await, 2);
}
