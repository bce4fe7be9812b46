//! What the helper knows of itself, as it is on disk and as the panel sees it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::emergency::Emergency;
use crate::{
    firewall::{
        Ruleset,
        enforcement::{Enforcement, Mode, Pending, RollBackCause, RolledBack},
    },
    helper::clock,
};

/// A revision with its ruleset, on disk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored<R = Ruleset> {
    /// Its number.
    pub revision: u64,
    /// Its ruleset.
    pub ruleset: R,
}

/// How long the pending revision may wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The pending revision.
    pub revision: u64,
    /// When it is over, in milliseconds since the start of the host. No helper but the one that opened it counts on that:
    /// the next one rolls back at once.
    pub deadline: u64,
    /// How long it is in all.
    pub seconds: u32,
    /// Whether the revision only observes.
    #[serde(default)]
    pub observes: bool,
}

impl Window {
    /// Opens now.
    pub fn open(revision: u64, seconds: u32, observes: bool) -> Self {
        let deadline = clock::since_boot() + u64::from(seconds) * 1000;
        Self { revision, deadline, seconds, observes }
    }

    /// A window that was cut short by a restart.
    pub const fn closed(revision: u64) -> Self {
        Self { revision, deadline: 0, seconds: 0, observes: false }
    }

    /// Milliseconds until it is over.
    pub fn left(&self) -> u64 {
        self.deadline.saturating_sub(clock::since_boot())
    }

    /// Why the revision is rolled back if nobody acts.
    pub const fn cause(&self) -> RollBackCause {
        if self.deadline == 0 { RollBackCause::Restart } else { RollBackCause::Silence }
    }
}

/// What else must survive a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// What root ordered.
    pub emergency: Option<Emergency>,
    /// The highest revision ever applied.
    pub newest: u64,
    /// The last roll back.
    pub rolled_back: Option<RolledBack>,
    /// Where SSH was seen to listen, for a rescue before it listens again.
    pub ssh_ports: BTreeSet<u16>,
}

/// What is in the kernel, or should be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Nothing of ours.
    #[default]
    Nothing,
    /// A revision.
    Revision(u64),
    /// A revision that only observes.
    Observed(u64),
    /// A ruleset of an emergency.
    Emergency(Emergency),
}

impl Content {
    /// A revision as what it is.
    pub const fn of(revision: u64, observes: bool) -> Self {
        if observes { Self::Observed(revision) } else { Self::Revision(revision) }
    }

    const fn mode(self) -> Mode {
        match self {
            Self::Nothing => Mode::Off,
            Self::Revision(_) => Mode::Enforcing,
            Self::Observed(_) => Mode::Observing,
            Self::Emergency(Emergency::Panic) => Mode::Panic,
            Self::Emergency(Emergency::Rescue) => Mode::Rescue,
        }
    }
}

/// All of it, in memory.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// See [`Standing`].
    pub standing: Standing,
    /// What would be in the kernel if nothing were pending.
    pub settled: Content,
    /// The last confirmed revision that could be read.
    pub confirmed: Option<u64>,
    /// Whether `confirmed` comes from the file of the one before, because the newest is of no use or not there.
    pub fell_back: bool,
    /// The pending revision's window.
    pub window: Option<Window>,
    /// What an administrator must know.
    pub notice: Option<String>,
}

impl State {
    /// As the panel sees it.
    pub fn view(&self) -> Enforcement {
        let pending = self.window.as_ref().map(|window| Pending {
            revision: window.revision,
            millis_left: window.left(),
            window_seconds: window.seconds,
        });
        let mode = match (self.window.as_ref(), self.settled) {
            (Some(window), _) if window.observes => Mode::Observing,
            (Some(_), _) => Mode::Enforcing,
            (None, content) => content.mode(),
        };
        Enforcement {
            mode,
            confirmed: self.confirmed,
            pending,
            rolled_back: self.standing.rolled_back,
            notice: self.notice.clone(),
        }
    }

    /// Adds to what an administrator must know.
    pub fn note(&mut self, text: &str) {
        self.notice = Some(self.notice.take().map_or_else(|| text.to_owned(), |notice| format!("{notice}; {text}")));
    }

    /// Notes how the pending revision ended.
    pub fn end_window(&mut self, cause: RollBackCause) {
        if let Some(window) = self.window.take() {
            self.standing.rolled_back = Some(RolledBack { revision: window.revision, cause, at: clock::now() });
        }
    }
}
