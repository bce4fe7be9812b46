//! One revision as the pages show it.

use crate::{
    firewall::Moment,
    store::{Ending, Revision},
    web::kit::{Shown, Stamp, Tag},
};

/// The longest sentence in the list.
const LONGEST_SENTENCE: usize = 300;

/// What is known of a revision, laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(super) number: u64,
    pub(super) parent: Option<u64>,
    pub(super) author: Shown,
    pub(super) at: Stamp,
    pub(super) sentence: Shown,
    pub(super) ending: Tag,
    pub(super) ended_at: Option<Stamp>,
    pub(super) reason: Option<Shown>,
    pub(super) is_in_force: bool,
}

impl Entry {
    /// Lays out what is known of a revision as of `now`.
    #[must_use]
    pub fn new(revision: &Revision, in_force: Option<u64>, now: Moment) -> Self {
        Self {
            number: revision.number,
            parent: revision.parent,
            author: Shown::new(&revision.author, 100),
            at: Stamp::new(revision.at, now),
            sentence: Shown::new(&revision.sentence, LONGEST_SENTENCE),
            ending: tag(revision.ending),
            ended_at: revision.ended_at.map(|moment| Stamp::new(moment, now)),
            reason: (!revision.reason.is_empty()).then(|| Shown::new(&revision.reason, LONGEST_SENTENCE)),
            is_in_force: in_force == Some(revision.number),
        }
    }
}

fn tag(ending: Ending) -> Tag {
    match ending {
        Ending::Applied => Tag::new("warn", "clock", "Waits to be confirmed"),
        Ending::Confirmed => Tag::new("host", "good", "Confirmed"),
        Ending::RolledBack => Tag::new("warn", "back", "Rolled back"),
        Ending::Failed => Tag::new("bad", "bad", "Failed"),
    }
}
