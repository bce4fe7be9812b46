//! Samples of Review and of the page after Apply.

use std::time::Duration;

use askama::Template;
use portreeve::{
    firewall::{
        CheckedRuleset, Diff, Moment, Problem, Surroundings, check, diff,
        enforcement::{Enforcement, Pending},
        lockout::{Fate, Hold, Lifeline},
        simulate::Situation,
    },
    store::Role,
    web::{
        kit::{Frame, Problems, Standing, Viewer},
        pages::review::{AppliedView, Draft, ReviewView, Stale, State, Typed, Waiting},
    },
};

use super::{HOSTILE, NOW, Sample, enforcing, signed_in, standing};

const OLD: &str = r#"
    {"id":1,"action":"allow","direction":"in","to":["http","https"]},
    {"id":2,"action":"allow","direction":"in","who":["203.0.113.0/24","198.51.100.7"],"to":["ssh"]},
    {"id":3,"action":"allow","direction":"in","who":["203.0.113.0/24"],"to":["postgresql"]},
    {"id":4,"action":"drop","direction":"in","who":["192.0.2.0/24"]}"#;

const NEW: &str = r#"
    {"id":1,"action":"allow","direction":"in","to":["http","https"]},
    {"id":2,"action":"allow","direction":"in","who":["203.0.113.0/24"],"to":["ssh"]},
    {"id":4,"action":"reject","direction":"in","who":["192.0.2.0/24"]},
    {"id":5,"action":"allow","direction":"in","to":["8080/tcp"]},
    {"id":6,"action":"allow","direction":"in","who":["198.51.100.0/24"],"to":["9100/tcp"]}"#;

fn surroundings() -> Surroundings {
    Surroundings { now: Moment::from_millis(0), interfaces: None, networks: Vec::new() }
}

fn checked(policy: &str, rules: &str) -> CheckedRuleset {
    let json = format!(r#"{{"policy":{{{policy}}},"rules":[{rules}]}}"#);
    check(serde_json::from_str(&json).expect("a ruleset"), &surroundings()).expect("no errors")
}

pub(super) fn difference() -> Diff {
    let situation = Situation { now: NOW, bans: Vec::new(), routes: Vec::new() };
    let (old, new) = (checked("", OLD), checked(r#""ping":"off","dhcpv6":false"#, NEW));
    Diff { unexamined: 1_234, ..diff(&old, &new, &situation) }
}

fn errors() -> Vec<Problem> {
    let rules = r#"{"id":7,"action":"allow","direction":"in","who":["list:offcie"],"to":["gopher"]},
        {"id":8,"action":"allow","direction":"in","to":["ssh"]},{"id":9,"action":"allow","direction":"in","to":["ssh"]}"#;
    let ruleset = serde_json::from_str(&format!(r#"{{"rules":[{rules}]}}"#)).expect("a ruleset");
    check(ruleset, &surroundings()).expect_err("errors")
}

fn fates(ssh: Hold) -> Vec<Fate> {
    let one = |address: &str, why: &str, ssh| {
        let lifeline = Lifeline { address: address.parse().expect("an address"), why: why.into() };
        Fate { lifeline, panel: Hold::Kept, ssh }
    };
    vec![
        one("203.0.113.9", "this browser", Hold::Kept),
        one("198.51.100.7", "connected by SSH now", ssh),
        one("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "anna signed in from here 12 days ago", Hold::Shut),
    ]
}

fn typed() -> Typed {
    Typed { window: "120".into(), sentence: "Open the staging app, close the database".into(), consent: String::new() }
}

pub(super) fn samples() -> Vec<Sample> {
    [reviews(), applied()].concat()
}

fn reviews() -> Vec<Sample> {
    let (found, nothing, errors) = (difference(), Diff::default(), errors());
    let (kept, lost) = (fates(Hold::Kept), fates(Hold::Lost));
    let changes = vec![
        "Rule r5 added: Allow everybody to reach 8080/tcp".to_owned(),
        "Rule r3 removed: Allow 203.0.113.0/24 to reach postgresql (5432/tcp)".to_owned(),
        "Policy: pings are no longer answered".to_owned(),
    ];
    let nft = "{\"add\":{\"table\":{\"family\":\"inet\",\"name\":\"portreeve\"}}}\n".repeat(40);
    let draft =
        Draft { base: Some(41), next: 42, changes, diff: Some(&found), fates: &kept, nft: &nft, ..Draft::default() };
    let stale = Stale {
        revision: 43,
        who: "bob applied it 3 min ago from 203.0.113.12: “Let the office in”.".into(),
        changes: vec!["Rule r9 added: Allow list office to reach ssh (22/tcp)".into()],
        conflicts: vec!["Rule r2: you changed who it is about, and so did revision 43".into()],
    };
    let locked = Draft { phrase: Some("lock out 198.51.100.7".into()), fates: &lost, ..draft.clone() };
    let consent = Problems::one("consent", "Type exactly: lock out 198.51.100.7");
    let hostile = Draft { changes: vec![HOSTILE.replace(['\u{202e}', '\u{1b}'], ""); 3], ..draft.clone() };
    let failure = "the kernel refused the ruleset, so nothing was changed: Error: Could not process rule: No such file or directory";
    vec![
        review("review", draft.clone(), Problems::default(), None),
        review(
            "review-nothing-changes",
            Draft { diff: Some(&nothing), base: None, next: 1, ..draft.clone() },
            Problems::default(),
            None,
        ),
        review("review-empty", Draft::default(), Problems::default(), None),
        review(
            "review-errors",
            Draft { diff: None, problems: &errors, nft: "", ..draft.clone() },
            Problems::default(),
            None,
        ),
        review("review-locked", locked, consent, None),
        review(
            "review-stale",
            Draft { stale: Some(Stale { conflicts: Vec::new(), ..stale.clone() }), ..draft.clone() },
            Problems::default(),
            None,
        ),
        review("review-conflict", Draft { stale: Some(stale), ..draft.clone() }, Problems::default(), None),
        review("review-failed", draft, Problems::default(), Some(failure.to_owned())),
        review("review-hostile", hostile, Problems::default(), Some(HOSTILE.replace(['\u{202e}', '\u{1b}'], ""))),
    ]
}

fn review(name: &'static str, draft: Draft<'_>, problems: Problems, failure: Option<String>) -> Sample {
    let view = ReviewView::new(signed_in(), draft, typed(), problems, failure);
    Sample { name, html: view.render().expect("the page renders") }
}

fn applied() -> Vec<Sample> {
    let pending = Some(Pending { revision: 42, millis_left: 83_000, window_seconds: 120 });
    let pending = Standing {
        enforcement: Some(Enforcement { pending, ..enforcing() }),
        left: Some(Duration::from_secs(83)),
        ..Standing::default()
    };
    let frame = standing(&pending);
    let countdown = frame.bars.iter().find_map(|bar| bar.pending().cloned()).expect("a countdown");
    let waiting = |is_proven| State::Waiting(Waiting { countdown: countdown.clone(), is_proven });
    let page = |name, frame: &Frame, state, is_old, failure: Option<&str>| {
        let may_confirm = frame.viewer.as_ref().is_some_and(Viewer::may_confirm);
        let view =
            AppliedView { frame: frame.clone(), state, may_confirm, is_old, failure: failure.map(str::to_owned) };
        Sample { name, html: view.render().expect("the page renders") }
    };
    let viewer = Frame { viewer: Some(Viewer { name: "vera".into(), role: Role::Viewer }), ..frame.clone() };
    vec![
        page("applied", &frame, waiting(false), false, None),
        page("applied-proven", &frame, waiting(true), false, None),
        page("applied-old", &frame, waiting(true), true, None),
        page(
            "applied-failed",
            &frame,
            waiting(true),
            false,
            Some("the helper could not write its state, so nothing was changed: No space left on device"),
        ),
        page("applied-viewer", &viewer, waiting(true), false, None),
        page("applied-over", &signed_in(), State::Over { confirmed: Some(42) }, false, None),
    ]
}
