//! What the panel may ask of the helper.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits;
use crate::firewall::{
    AddressRange, Ruleset,
    enforcement::Ban,
    simulate::Packet,
    unit::{UnitLevel, UnitName},
};

/// A verb with its fields. The first request of a connection must be `Hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Request {
    /// Opens the conversation; a different version is refused and the connection closed.
    Hello {
        /// The sender's [`super::VERSION`].
        version: u32,
    },
    /// Asks what the helper enforces now.
    ReadState {},
    /// Asks for every socket of the host that accepts.
    ListListeners {},
    /// Asks for the host's interfaces, addresses and routes.
    ReadSurvey {},
    /// Asks for the last confirmed ruleset.
    ReadConfirmed {},
    /// Checks, compiles and rehearses a ruleset without touching the host.
    Plan {
        /// The ruleset.
        ruleset: Ruleset,
        /// Packets to send for real in the rehearsal.
        probes: Vec<Packet>,
    },
    /// The same, and then puts it into the kernel, to be rolled back unless it is confirmed in time.
    Apply {
        /// The ruleset.
        ruleset: Ruleset,
        /// Its number, higher than that of any revision the helper has seen.
        revision: u64,
        /// The confirmed revision it was made from; none if there is none. Anything else is refused as stale.
        expected: Option<u64>,
        /// How long it may stay unconfirmed.
        window_seconds: u32,
        /// Packets to send for real in the rehearsal.
        probes: Vec<Packet>,
    },
    /// Keeps the pending revision.
    Confirm {
        /// Its number.
        revision: u64,
    },
    /// Gives the pending revision more time.
    Extend {
        /// Its number.
        revision: u64,
        /// How much more.
        seconds: u32,
    },
    /// Goes back to the last confirmed revision at once.
    RollBack {
        /// The pending revision's number.
        revision: u64,
    },
    /// Takes everything of Portreeve out of the kernel and forgets the confirmed revision.
    TurnOff {
        /// The confirmed revision, against a mistake.
        expected: u64,
    },
    /// Bans and lifts bans, one element each.
    SetMembers {
        /// Who is banned from now on; a ban that is there is made anew.
        add: Vec<Ban>,
        /// Whose ban is lifted.
        remove: Vec<AddressRange>,
    },
    /// Asks for the bans in the kernel, up to [`super::limits::BANS`].
    ReadBans {},
    /// Asks what each line did.
    ReadCounters {},
    /// Asks for the socket that receipts are read from.
    OpenNflog {},
    /// Asks what somebody else changed in our table.
    ReadDrift {},
    /// Commits what should be in the kernel again.
    PutBack {},
    /// Asks for the tables of others, without the members of their sets.
    ReadForeign {
        /// Ours with them, for when somebody else changed it.
        ours: bool,
    },
    /// Asks what the service manager says of units, up to [`super::limits::UNITS`].
    ReadUnits {
        /// Their names, or aliases of them.
        names: Vec<UnitName>,
    },
    /// Stops a unit that owns a listener, and what would start it again.
    CloseUnit {
        /// Its name.
        name: UnitName,
        /// How far.
        level: UnitLevel,
    },
    /// Brings back what a `CloseUnit` changed, exactly that, and forgets its record.
    ReopenUnit {
        /// The record's number.
        record: u64,
    },
    /// Asks for the records of what is closed and not opened again.
    ReadUnitRecords {},
    /// Root only: lets nothing new in.
    Panic {},
    /// Root only: puts the built-in safe ruleset into the kernel.
    Rescue {},
    /// Root only: ends panic or rescue and goes back to the confirmed revision.
    Resume {},
}

impl Request {
    /// How many bytes it may have.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        match self {
            Self::Plan { .. } | Self::Apply { .. } => limits::RULESET_BYTES,
            _ => limits::REQUEST_BYTES,
        }
    }

    /// How many bytes its answer may have.
    #[must_use]
    pub const fn answer_limit(&self) -> u32 {
        match self {
            Self::ReadConfirmed {} => limits::RULESET_BYTES,
            _ => limits::RESPONSE_BYTES,
        }
    }

    /// How long whoever asks waits for the answer.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        match self {
            Self::Hello { .. }
            | Self::ReadState {}
            | Self::ListListeners {}
            | Self::ReadSurvey {}
            | Self::ReadConfirmed {}
            | Self::ReadBans {}
            | Self::ReadCounters {}
            | Self::OpenNflog {}
            | Self::ReadDrift {}
            | Self::ReadForeign { .. }
            | Self::ReadUnits { .. }
            | Self::ReadUnitRecords {} => limits::IDLE,
            _ => limits::ACT,
        }
    }
}
