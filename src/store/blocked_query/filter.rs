//! What is looked for among the rows.

use crate::firewall::{Action, AddressRange, InterfaceName, Line, Moment, blocked::Blocked};

/// What was done with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Treatment {
    /// It was dropped or rejected, or would have been.
    #[default]
    TurnedAway,
    /// It was dropped.
    Dropped,
    /// It was rejected.
    Rejected,
    /// It would have been dropped or rejected, but the rules only observed.
    Observed,
    /// It was let in by a rule that logs.
    LetIn,
}

impl Treatment {
    /// Every one, the widest first.
    pub const ALL: [Self; 5] = [Self::TurnedAway, Self::Dropped, Self::Rejected, Self::Observed, Self::LetIn];

    /// The word in an address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TurnedAway => "away",
            Self::Dropped => "drop",
            Self::Rejected => "reject",
            Self::Observed => "would",
            Self::LetIn => "allow",
        }
    }
}

/// A filter. Fields that are left empty don't restrict it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedFilter {
    /// The first moment, in whole seconds.
    pub from: Moment,
    /// The moment behind the last.
    pub until: Moment,
    /// The sources.
    pub sources: Option<AddressRange>,
    /// The port of destination, or for ICMP type * 256 + code.
    pub port: Option<u16>,
    /// The number of the protocol.
    pub protocol: Option<u8>,
    /// The line that decided.
    pub line: Option<Line>,
    /// Where the packets came in.
    pub interface: Option<InterfaceName>,
    /// What was done with them.
    pub treatment: Treatment,
}

impl BlockedFilter {
    /// Everything that was turned away in a time.
    #[must_use]
    pub const fn between(from: Moment, until: Moment) -> Self {
        let treatment = Treatment::TurnedAway;
        Self { from, until, sources: None, port: None, protocol: None, line: None, interface: None, treatment }
    }

    /// Whether a row fits, whenever it came.
    #[must_use]
    pub fn fits(&self, row: &Blocked) -> bool {
        let (door, receipt) = (&row.door, row.door.receipt);
        let is_from = |range: AddressRange| row.source.addresses().is_some_and(|source| range.covers(source));
        let is_treated = match self.treatment {
            Treatment::TurnedAway => receipt.action != Action::Allow,
            Treatment::Dropped => receipt.action == Action::Drop && !receipt.is_observed,
            Treatment::Rejected => receipt.action == Action::Reject && !receipt.is_observed,
            Treatment::Observed => receipt.is_observed,
            Treatment::LetIn => receipt.action == Action::Allow,
        };
        is_treated
            && self.sources.is_none_or(is_from)
            && self.port.is_none_or(|port| door.port == Some(port))
            && self.protocol.is_none_or(|protocol| door.protocol == Some(protocol))
            && self.line.is_none_or(|line| receipt.line == line)
            && self.interface.as_ref().is_none_or(|name| door.incoming.as_ref() == Some(name))
    }

    /// Whether only the time restricts it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::between(self.from, self.until)
    }
}
