//! Samples of History: the list, one revision, two compared.

use std::sync::Arc;

use askama::Template;
use portreeve::{
    actions::{DriftView, Turned},
    firewall::{Listener, Ruleset, enforcement::Drift},
    store::{AcceptedDrift, Ending, Revision},
    web::{
        kit::Problems,
        pages::history::{CompareView, HistoryView, Listed, Pair, RevisionView, Whole},
    },
};

use super::{HOSTILE, NOW, Sample, ports, review::difference, signed_in};

fn facts(number: u64, sentence: &str, ending: Ending, reason: &str) -> Revision {
    let days = i64::try_from(42 - number).expect("few");
    Revision {
        number,
        parent: number.checked_sub(1).filter(|parent| *parent > 0),
        author: "anna from 203.0.113.9".into(),
        at: NOW.plus_seconds(-86_400 * days - 600),
        sentence: sentence.into(),
        ending,
        ended_at: (ending != Ending::Applied).then(|| NOW.plus_seconds(-86_400 * days - 560)),
        reason: reason.into(),
    }
}

fn ordinary() -> Vec<Revision> {
    vec![
        facts(42, "Open the staging app, close the database", Ending::Applied, ""),
        facts(41, "Let the office in by SSH", Ending::Confirmed, "by anna, 14 s after the change"),
        facts(40, "Deny everything from 198.51.100.0/24", Ending::RolledBack, "nobody confirmed it within 2 minutes"),
        facts(
            39,
            "Switch pings off",
            Ending::Failed,
            "the kernel refused the ruleset, so nothing was changed: Error: Could not process rule: No such file or directory",
        ),
        facts(
            38,
            "Rule r5 added: Allow everybody to reach 8080/tcp; Rule r6 added: Allow 198.51.100.0/24 to reach 9100/tcp; Rule r3 removed: Allow 203.0.113.0/24 to reach postgresql (5432/tcp)",
            Ending::Confirmed,
            "",
        ),
    ]
}

fn ruleset() -> Ruleset {
    let json = r#"{"lists":[{"name":"office","entries":["203.0.113.0/24"]}],"rules":[
        {"id":1,"action":"allow","direction":"in","to":["http","https"],"note":"The shop"},
        {"id":2,"action":"allow","direction":"in","who":["list:office"],"to":["ssh"]},
        {"id":3,"action":"drop","direction":"in","who":["198.51.100.0/24"],"enabled":false}]}"#;
    serde_json::from_str(json).expect("a ruleset")
}

fn drift() -> DriftView {
    let drift =
        |is_foreign, content: &str| Drift { is_foreign, place: "incoming".into(), line: None, content: content.into() };
    let drift = vec![
        drift(true, r#"{"rule":{"family":"inet","table":"portreeve","chain":"incoming","expr":[{"accept":null}]}}"#),
        drift(false, HOSTILE),
    ];
    DriftView { drift, hash: "ab".repeat(32), accepted: None }
}

fn accepted_drift() -> DriftView {
    let drift = drift();
    let by_anna = AcceptedDrift { hash: drift.hash.clone(), at: NOW.plus_seconds(-7_200), by: "Anna".to_owned() };
    DriftView { accepted: Some(by_anna), ..drift }
}

/// Two ports of a host whose table somebody emptied.
fn turned() -> Vec<Turned> {
    let listeners = ports::ordinary();
    let (on, off) = (ports::exposures(&listeners, true), ports::exposures(&listeners, false));
    let turned = |listener: &Listener| {
        let (by_the_rules, found) = (on.of(listener)?.clone(), off.of(listener)?.clone());
        (!found.agrees_with(&by_the_rules)).then(|| Turned { listener: listener.clone(), by_the_rules, found })
    };
    listeners.iter().filter_map(turned).take(2).collect()
}

pub(super) fn samples() -> Vec<Sample> {
    let (revisions, found, ruleset) = (ordinary(), difference(), ruleset());
    let answer = "Revision 41 is in force. Revision 42 waits to be confirmed.";
    let (drift, accepted) = (Arc::new(drift()), Arc::new(accepted_drift()));
    let listed = Listed {
        revisions: &revisions,
        in_force: Some(41),
        has_older: true,
        is_newest: true,
        compared: ("41".into(), "42".into()),
        ..Listed::default()
    };
    let drifted = Listed { drift, turned: Some(turned()), is_newest: false, ..listed.clone() };
    let accepted = Listed { drift: accepted, turned: Some(Vec::new()), ..listed.clone() };
    let hostile =
        vec![Revision { author: HOSTILE.into(), reason: HOSTILE.into(), ..facts(41, HOSTILE, Ending::Failed, "") }; 3];
    let of_liars = Listed { revisions: &hostile, compared: (HOSTILE.into(), String::new()), ..listed.clone() };
    let empty = Listed { is_newest: true, ..Listed::default() };
    let wrong = Problems::one("from", "There is no revision “<b>”.");
    let parent = Ruleset::default();
    let (one, two) = ("{\"add\":{\"chain\":1}}\n{\"same\":1}\n", "{\"same\":1}\n{\"add\":{\"chain\":2}}\n");
    let whole = Whole {
        revision: &revisions[2],
        ruleset: &ruleset,
        parent: &parent,
        diff: Some(&found),
        nft: one,
        in_force: Some(41),
    };
    let pair = Pair {
        from: (&revisions[4], &parent),
        to: (&revisions[1], &ruleset),
        diff: Some(&found),
        nft: (one, two),
        in_force: Some(41),
    };
    let hostile_whole = Whole { revision: &hostile[0], diff: None, ..whole };
    let list = |name, answer: &str, listed: &Listed<'_>, problems| {
        let view = HistoryView::new(signed_in(), answer.to_owned(), listed, problems, NOW);
        Sample { name, html: view.render().expect("the page renders") }
    };
    let page = |name, html: askama::Result<String>| Sample { name, html: html.expect("the page renders") };
    vec![
        list("history", answer, &listed, Problems::default()),
        list("history-drift", answer, &drifted, wrong),
        list("history-drift-accepted", answer, &accepted, Problems::default()),
        list("history-empty", "The firewall isn’t turned on.", &empty, Problems::default()),
        list("history-hostile", answer, &of_liars, Problems::default()),
        page("history-revision", RevisionView::new(signed_in(), whole, NOW).render()),
        page("history-revision-hostile", RevisionView::new(signed_in(), hostile_whole, NOW).render()),
        page("history-compare", CompareView::new(signed_in(), pair, NOW).render()),
    ]
}
