//! One revision as the pages show it.

use crate::{
    firewall::Moment,
    web::kit::{Shown, Stamp},
};

/// The longest sentence in the list.
const LONGEST_SENTENCE: usize = 300;

/// How a revision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is in force and waits for its confirmation.
    Waiting,
    /// It was confirmed.
    Confirmed,
    /// It was rolled back.
    RolledBack,
    /// It never was in force.
    Failed,
}

impl Ending {
    /// The class and symbol of the tag, and its word.
    #[must_use]
    pub const fn tag(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Waiting => ("warn", "clock", "Waits to be confirmed"),
            Self::Confirmed => ("host", "good", "Confirmed"),
            Self::RolledBack => ("warn", "back", "Rolled back"),
            Self::Failed => ("bad", "bad", "Failed"),
        }
    }
}

/// What is known of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its number.
    pub number: u64,
    /// The revision it was made from; none for the first.
    pub parent: Option<u64>,
    /// Who made it, and from where.
    pub author: String,
    /// When.
    pub at: Moment,
    /// What it does, in its author's words.
    pub sentence: String,
    /// How it ended.
    pub ending: Ending,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// Why it ended so.
    pub reason: String,
    /// Whether it is the one in force.
    pub is_in_force: bool,
}

/// The same, laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(super) number: u64,
    pub(super) parent: Option<u64>,
    pub(super) author: Shown,
    pub(super) at: Stamp,
    pub(super) sentence: Shown,
    pub(super) ending: Ending,
    pub(super) ended_at: Option<Stamp>,
    pub(super) reason: Option<Shown>,
    pub(super) is_in_force: bool,
}

impl Entry {
    /// Lays out what is known of a revision as of `now`.
    #[must_use]
    pub fn new(facts: &Facts, now: Moment) -> Self {
        Self {
            number: facts.number,
            parent: facts.parent,
            author: Shown::new(&facts.author, 100),
            at: Stamp::new(facts.at, now),
            sentence: Shown::new(&facts.sentence, LONGEST_SENTENCE),
            ending: facts.ending,
            ended_at: facts.ended_at.map(|moment| Stamp::new(moment, now)),
            reason: (!facts.reason.is_empty()).then(|| Shown::new(&facts.reason, LONGEST_SENTENCE)),
            is_in_force: facts.is_in_force,
        }
    }

    pub(super) fn tag(&self) -> (&'static str, &'static str, &'static str) {
        self.ending.tag()
    }
}
