//! What is known of one act that closed ports.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::firewall::{
    Moment, Port, Ports,
    closing::{CloseLevel, Touched},
    listener::Transport,
    unit::{UnitLevel, UnitName},
};

/// The number of an act that closed ports. It stays and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ClosureId(i64);

impl ClosureId {
    pub(super) const fn new(id: i64) -> Self {
        Self(id)
    }

    /// Reads a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| plain).map(Self)
    }

    /// The number.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ClosureId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// One of the ports of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedPort {
    /// Its number.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// How far it was closed.
    pub level: CloseLevel,
}

impl ClosedPort {
    /// The port as rules name it.
    #[must_use]
    pub fn ports(&self) -> Option<Ports> {
        Port::new(self.port).map(|port| Ports { transport: self.transport, range: port.into() })
    }
}

/// One of the units of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedUnit {
    /// Which.
    pub name: UnitName,
    /// How far it was closed.
    pub level: UnitLevel,
    /// The helper's record of how it was before; none as long as nothing was done to it.
    pub record: Option<u64>,
    /// Whether it was opened again.
    pub reopened: bool,
}

impl ClosedUnit {
    /// Whether it is closed and not opened again.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.record.is_some() && !self.reopened
    }
}

/// How far an act got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosureState {
    /// It is being done, or was cut off in the middle.
    UnderWay,
    /// All of it was done.
    Done,
    /// Some of it was done.
    Partly,
    /// Nothing of it was done.
    Failed,
    /// Some of it was taken back.
    PartlyUndone,
    /// All of it was taken back.
    Undone,
}

impl ClosureState {
    pub(super) const ALL: [Self; 6] =
        [Self::UnderWay, Self::Done, Self::Partly, Self::Failed, Self::PartlyUndone, Self::Undone];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::UnderWay => "under_way",
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Failed => "failed",
            Self::PartlyUndone => "partly_undone",
            Self::Undone => "undone",
        }
    }
}

/// An act that closed ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// Its number.
    pub id: ClosureId,
    /// When.
    pub at: Moment,
    /// Who: `anna from 192.0.2.1`, `root on the console`.
    pub author: String,
    /// What it does.
    pub sentence: String,
    /// The ports.
    pub ports: Vec<ClosedPort>,
    /// The units.
    pub units: Vec<ClosedUnit>,
    /// The revision that shut the ports; none if there was nothing to shut.
    pub revision: Option<u64>,
    /// The rules before and after.
    pub touched: Vec<Touched>,
    /// Whether the rules were taken back.
    pub is_reverted: bool,
    /// How far it got.
    pub state: ClosureState,
    /// What of it wasn't done; empty if all was.
    pub trouble: String,
    /// When it was taken back.
    pub undone_at: Option<Moment>,
    /// Who took it back.
    pub undone_by: Option<String>,
}

impl Closure {
    /// Whether there is something to take back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        match self.state {
            ClosureState::UnderWay | ClosureState::Failed | ClosureState::Undone => false,
            ClosureState::Done | ClosureState::Partly | ClosureState::PartlyUndone => true,
        }
    }

    /// Whether its rules are in force and weren't taken back.
    #[must_use]
    pub fn holds_rules(&self) -> bool {
        self.revision.is_some() && !self.is_reverted
    }
}

/// An act that begins now.
#[derive(Debug)]
pub struct NewClosure<'a> {
    /// What it does.
    pub sentence: &'a str,
    /// The ports.
    pub ports: &'a [ClosedPort],
    /// The units; nothing was done to them yet.
    pub units: &'a [ClosedUnit],
    /// The revision that will shut the ports.
    pub revision: Option<u64>,
    /// The rules before and after.
    pub touched: &'a [Touched],
}
