//! What the helper answers.

use serde::{Deserialize, Serialize};

use crate::firewall::{
    Listing, Ruleset,
    enforcement::{Ban, Count, Disagreement, Drift, Enforcement, ForeignTables, Survey},
    unit::{TouchedUnits, UnitFacts, UnitName, UnitRecord},
};

/// The answer to one request, in the order the requests came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Response {
    /// The versions match.
    Hello {
        /// The helper's [`super::VERSION`].
        version: u32,
    },
    /// What the helper enforces, also after it was changed.
    State(Enforcement),
    /// Every socket that accepts.
    Listeners(Listing),
    /// The host's interfaces, addresses and routes.
    Survey(Survey),
    /// The last confirmed ruleset; none before the first.
    Confirmed(Option<Ruleset>),
    /// The ruleset could be applied.
    Planned {
        /// Probes sent and agreed upon in the rehearsal.
        probes: u32,
        /// How long it took.
        millis: u64,
    },
    /// The bans in the kernel.
    Bans(Vec<Ban>),
    /// What each line did.
    Counters(Vec<Count>),
    /// The socket that receipts are read from comes along.
    Nflog {},
    /// What somebody else changed in our table; empty if nobody did.
    Drift(Vec<Drift>),
    /// The tables of others, unread.
    Foreign(ForeignTables),
    /// What the service manager says, one for each name in the order of the names.
    Units(Vec<UnitFacts>),
    /// What is closed, and what of it goes on all the same.
    Closed(TouchedUnits),
    /// What is as it was before, and what isn't.
    Reopened(TouchedUnits),
    /// What is closed, the newest last.
    UnitRecords(Vec<UnitRecord>),
    /// The request was understood or not, but wasn't carried out.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// Why a request wasn't carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Refusal {
    /// The two programs aren't of one version.
    #[error("the helper speaks protocol version {helper}: install panel and helper from the same package")]
    Version {
        /// The helper's version.
        helper: u32,
    },
    /// The first request wasn't `Hello`, or `Hello` came twice.
    #[error("the conversation must open with one Hello")]
    OutOfTurn,
    /// The bytes aren't a request.
    #[error("the request could not be understood")]
    Malformed,
    /// The verb is for root on the host's console.
    #[error("only root may do that")]
    RootOnly,
    /// Another act or another large request is under way.
    #[error("the helper is busy with another change: try again in a moment")]
    Busy,
    /// The ruleset has errors.
    #[error("the ruleset has errors: {}", problems.join("; "))]
    Invalid {
        /// What is wrong, as `check` says it.
        problems: Vec<String>,
    },
    /// The confirmed or pending revision isn't the expected one.
    #[error("the firewall has changed meanwhile: revision {} is in force", found.map_or("none".to_owned(), |found| found.to_string()))]
    Stale {
        /// What is confirmed, or for a confirmation what is pending.
        found: Option<u64>,
    },
    /// Somebody would be kept out of SSH of whom root has said that he always gets in, or what root has said can't be read.
    /// Nothing was changed.
    #[error("{reason}. That is the floor that root has set on this host, so nothing was changed")]
    Floor {
        /// Who, or what is wrong with the file.
        reason: String,
    },
    /// In the rehearsal the kernel judged differently than the simulator. Nothing was changed.
    #[error("in the rehearsal the kernel judged {} packet(s) differently than predicted, so nothing was changed; please report this", disagreements.len())]
    Disagreement {
        /// The packets.
        disagreements: Vec<Disagreement>,
    },
    /// The rehearsal could not be held. Nothing was changed.
    #[error("the ruleset could not be rehearsed, so nothing was changed: {reason}")]
    Rehearsal {
        /// The system's message.
        reason: String,
    },
    /// The kernel refused the ruleset. What was in force still is.
    #[error("the kernel refused the ruleset, so nothing was changed: {reason}")]
    Commit {
        /// The system's message.
        reason: String,
    },
    /// The helper could not write its state to disk. What was in force still is.
    #[error("the helper could not write its state, so nothing was changed: {reason}")]
    Disk {
        /// The system's message.
        reason: String,
    },
    /// This host has no service manager that the helper knows.
    #[error("services can't be closed here: {reason}")]
    Unavailable {
        /// What is missing.
        reason: String,
    },
    /// The unit must not be stopped, nor what would stop with it. Nothing was changed.
    #[error("{unit} is protected: {reason}")]
    Protected {
        /// The protected unit, or the one that would take it down.
        unit: String,
        /// Why.
        reason: String,
    },
    /// No listener that the helper sees belongs to the unit.
    #[error("{unit} isn't closed, because nothing that listens on this host belongs to it")]
    NotListening {
        /// Its name.
        unit: UnitName,
    },
    /// There is no record of that number: it was opened again, or is too old.
    #[error("there is no record {record} of a closed service: it was opened again already, or forgotten")]
    NoRecord {
        /// The number.
        record: u64,
    },
    /// The service manager refused. What was changed by then was changed back, unless the reason says otherwise.
    #[error("the service manager refused: {reason}")]
    Services {
        /// Its message.
        reason: String,
    },
    /// Somebody reads the receipts already.
    #[error(
        "another program reads NFLOG group {} already: end it, or have it use another group",
        crate::firewall::nft::NFLOG_GROUP
    )]
    Taken,
    /// The helper could not read what it needs from the kernel.
    #[error("the helper could not read the kernel's state: {reason}")]
    Kernel {
        /// The system's message.
        reason: String,
    },
}
