//! A record as the page shows it.

use crate::{
    firewall::Moment,
    store::AuditRecord,
    web::kit::{Shown, Stamp, Tag, words},
};

/// The longest text of one cell.
const LONGEST: usize = 200;

/// A record, laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) at: Stamp,
    pub(super) who: Shown,
    pub(super) address: Option<String>,
    pub(super) strength: Option<String>,
    pub(super) what: String,
    pub(super) subject: Option<Shown>,
    pub(super) detail: Option<Shown>,
    pub(super) change: Option<(Shown, Shown)>,
    pub(super) result: Tag,
}

impl Row {
    pub(super) fn new(record: &AuditRecord, now: Moment) -> Self {
        Self {
            id: record.id,
            at: Stamp::new(record.at, now),
            who: Shown::new(&record.who, LONGEST),
            address: record.address.as_deref().map(|address| Shown::new(address, LONGEST).short),
            strength: strength(&record.strength),
            what: what(&record.verb),
            subject: shown(&record.subject),
            detail: shown(&record.detail),
            change: record.change.as_ref().map(|(old, new)| (Shown::new(old, LONGEST), Shown::new(new, LONGEST))),
            result: if record.is_refused {
                Tag::new("warn", "stop", "Refused")
            } else {
                Tag::new("host", "good", "Done")
            },
        }
    }
}

fn shown(text: &str) -> Option<Shown> {
    (!text.is_empty()).then(|| Shown::new(text, LONGEST))
}

/// By what it is known who acted. The console says so by itself.
fn strength(stored: &str) -> Option<String> {
    match stored {
        "" | "console" => None,
        "password" => Some("by password".to_owned()),
        other => Some(format!("by {}", Shown::new(&spaced(other), LONGEST).short)),
    }
}

/// What was done, in words.
pub(super) fn what(verb: &str) -> String {
    match verb {
        "set_theme" => "Choose colours".to_owned(),
        "begin_audit_chain" => "Take old records into the chain".to_owned(),
        "note_revision" => "Note what the helper did".to_owned(),
        other => Shown::new(words::sentence(&spaced(other)).trim_end_matches('.'), LONGEST).short,
    }
}

fn spaced(stored: &str) -> String {
    stored.replace('_', " ")
}
