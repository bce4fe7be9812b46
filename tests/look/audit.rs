//! Samples of the audit log.

use askama::Template;
use portreeve::{
    actions::AuditVerdict,
    store::{AuditHead, AuditRecord, AuditReport, Broken},
    web::pages::audit::{AuditView, Filter, Found},
};

use super::{HOSTILE, NOW, Sample, signed_in};

fn record(id: i64, who: &str, address: &str, verb: &str, subject: &str) -> AuditRecord {
    AuditRecord {
        id,
        at: NOW.plus_seconds((id - 1204) * 700 - 40),
        who: who.into(),
        address: (!address.is_empty()).then(|| address.into()),
        strength: if address.is_empty() { String::new() } else { "password".into() },
        verb: verb.into(),
        subject: subject.into(),
        detail: String::new(),
        change: None,
        is_refused: false,
    }
}

fn ordinary() -> Vec<AuditRecord> {
    let (anna, ben) = ("203.0.113.9", "2001:db8:5c1:40:9d2e:1f00:77a1:c3");
    vec![
        AuditRecord {
            detail: "over a connection opened 1.2 s after the change".into(),
            ..record(1204, "anna", anna, "confirm", "revision 42")
        },
        AuditRecord {
            detail: "Let the office in by SSH; rule r5 added: Allow 198.51.100.0/24 to reach 9100/tcp".into(),
            change: Some(("revision 41".into(), "revision 42".into())),
            ..record(1203, "anna", anna, "apply", "revision 42")
        },
        AuditRecord { detail: "from a new address".into(), ..record(1202, "Ben", ben, "sign_in", "Ben") },
        AuditRecord {
            strength: String::new(),
            is_refused: true,
            detail: "59 more within a minute".into(),
            ..record(1201, "a stranger", "198.51.100.77", "sign_in", "anna")
        },
        record(1200, "root on the console", "", "reset_password", "Ben"),
        AuditRecord { change: Some(("light".into(), "dark".into())), ..record(1199, "Ben", ben, "set_theme", "Ben") },
        record(1198, "Portreeve", "", "note_revision", "revision 40"),
    ]
}

fn verdict(records: i64, broken: Option<Broken>) -> AuditVerdict {
    let head = Some(AuditHead { id: records, hash: [7; 32] });
    let report = AuditReport { records, head, taken_in: 311, broken };
    AuditVerdict { report, at: NOW.plus_seconds(-700) }
}

pub(super) fn samples() -> Vec<Sample> {
    let verbs: Vec<String> = ["apply", "confirm", "set_theme", "sign_in"].map(str::to_owned).into();
    let found = Found { records: ordinary(), has_older: true, verbs, newest: 1204, verdict: Some(verdict(1204, None)) };
    let hostile = AuditRecord {
        detail: HOSTILE.into(),
        change: Some((HOSTILE.into(), HOSTILE.into())),
        ..record(9, HOSTILE, "198.51.100.77", HOSTILE, HOSTILE)
    };
    let filter = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Filter::from_pairs(&pairs)
    };
    let page = |name, filter, found: &Found| {
        let view = AuditView::new(signed_in(), filter, found, NOW);
        Sample { name, html: view.render().expect("the page renders") }
    };
    vec![
        page("audit", Filter::default(), &found),
        page(
            "audit-broken",
            filter(&[("below", "1205")]),
            &Found { verdict: Some(verdict(811, Some(Broken::Changed { id: 812 }))), ..found.clone() },
        ),
        page(
            "audit-empty",
            filter(&[("who", "carla"), ("from", "2026-11-22T19:00")]),
            &Found { records: Vec::new(), verdict: None, has_older: false, ..found.clone() },
        ),
        page(
            "audit-hostile",
            filter(&[("who", HOSTILE), ("address", HOSTILE), ("what", "x")]),
            &Found { records: vec![hostile; 3], verbs: vec![HOSTILE.into()], ..found },
        ),
    ]
}
