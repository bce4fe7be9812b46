//! Units of the service manager: what they are called, what is known of them, and what was done to them.

mod name;
mod protected;
mod remarks;

use serde::{Deserialize, Serialize};

use super::Moment;

pub use name::UnitName;
pub use protected::protected;

/// What systemd says of one unit. States are systemd's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitFacts {
    /// Its first name; one that was asked for may be an alias.
    pub name: UnitName,
    /// All its other names.
    pub aliases: Vec<UnitName>,
    /// What it is for, in the words of its own file.
    pub description: String,
    /// `loaded`, `not-found`, `masked`.
    pub load_state: String,
    /// `active`, `inactive`, `failed`, `activating`, `deactivating`.
    pub active_state: String,
    /// The finer state, for example `running`, `listening`, `stop-sigterm`.
    pub sub_state: String,
    /// `enabled`, `disabled`, `static`, `masked`, `generated`; empty when it has no file.
    pub unit_file_state: String,
    /// How often systemd has started it again by itself since somebody started it.
    pub restarts: u32,
    /// When it became active.
    pub since: Option<Moment>,
    /// Sockets, timers and paths that start it.
    pub triggered_by: Vec<UnitName>,
    /// What it starts itself, as a socket, timer or path.
    pub triggers: Vec<UnitName>,
    /// What fails without it.
    pub required_by: Vec<UnitName>,
    /// What starts it along.
    pub wanted_by: Vec<UnitName>,
    /// What is stopped whenever it is, if it runs.
    pub stops_with: Vec<UnitName>,
    /// Whether it can be masked: not if an administrator wrote its file, because a mask would have to lie in its place.
    pub can_be_masked: bool,
    /// Why it is never closed from here, as a clause about "it".
    pub protected: Option<String>,
}

impl UnitFacts {
    /// Whether it does its work, or is about to.
    #[must_use]
    pub fn is_active(&self) -> bool {
        ["active", "reloading", "refreshing", "activating"].contains(&self.active_state.as_str())
    }

    /// Whether it was told to stop and hasn't yet.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.active_state == "deactivating"
    }

    /// Whether it is linked to be started at boot.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        ["enabled", "enabled-runtime"].contains(&self.unit_file_state.as_str())
    }

    /// Whether nothing at all can start it.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.unit_file_state == "masked"
    }

    /// Whether there is such a unit.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.load_state != "not-found"
    }
}

/// How far a unit is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitLevel {
    /// It is stopped, and starts again with the host.
    Stop,
    /// It is stopped, and not started at boot either. What another unit would start at boot all the same is masked.
    Disable,
    /// It is stopped, and nothing can start it.
    Mask,
}

/// What the helper did to a unit, and what it needs to undo exactly that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRecord {
    /// Its number, which no other record ever has.
    pub id: u64,
    /// When.
    pub at: Moment,
    /// The unit that was asked to be closed.
    pub name: UnitName,
    /// How far.
    pub level: UnitLevel,
    /// Every unit that was touched, as it was before.
    pub units: Vec<FormerState>,
}

/// A unit as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerState {
    /// Which.
    pub name: UnitName,
    /// Whether it was closed itself; if not, it was only stopped along.
    pub is_closed: bool,
    /// Whether it ran, or listened.
    pub was_active: bool,
    /// Whether it was linked to be started at boot, masked or neither, in systemd's word.
    pub unit_file_state: String,
    /// What started it along.
    pub wanted_by: Vec<UnitName>,
}

impl FormerState {
    /// Whether closing stops it.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.is_closed || self.was_active
    }
}

/// What became of units a moment after they were closed or opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchedUnits {
    /// What was done, and how it was before.
    pub record: UnitRecord,
    /// Each as it is now.
    pub now: Vec<UnitFacts>,
}

impl TouchedUnits {
    /// Each unit as it was with what it is, as far as systemd knows it.
    pub fn pairs(&self) -> impl Iterator<Item = (&FormerState, &UnitFacts)> {
        let now = |former: &FormerState| self.now.iter().find(|facts| facts.name == former.name && facts.exists());
        self.record.units.iter().filter_map(move |former| Some((former, now(former)?)))
    }
}
