//! What a reader of the list can choose from, and the words for it.

use crate::firewall::{catalogue::Need, listener::Transport};

pub(super) const TRANSPORTS: [Transport; 2] = [Transport::Tcp, Transport::Udp];

/// What the catalogue must say of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Judged(Need),
    Unknown,
}

/// The columns that sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sort {
    Port,
    Name,
    Program,
    /// The grouped list: what is bound widest first, then by port.
    #[default]
    Bound,
    Since,
}

impl Sort {
    pub const ALL: [Self; 5] = [Self::Port, Self::Name, Self::Program, Self::Bound, Self::Since];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Name => "name",
            Self::Program => "program",
            Self::Bound => "bound",
            Self::Since => "since",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Port => "Port",
            Self::Name => "What the port is for",
            Self::Program => "Program",
            Self::Bound => "Bound to",
            Self::Since => "Started",
        }
    }
}

impl Wanted {
    pub const ALL: [Self; 4] =
        [Self::Judged(Need::Needed), Self::Judged(Need::Depends), Self::Judged(Need::NotNeeded), Self::Unknown];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Judged(Need::Needed) => "needed",
            Self::Judged(Need::Depends) => "depends",
            Self::Judged(Need::NotNeeded) => "not-needed",
            Self::Unknown => "unknown",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Judged(Need::Needed) => "Needed",
            Self::Judged(Need::Depends) => "May be needed",
            Self::Judged(Need::NotNeeded) => "Not needed",
            Self::Unknown => "Not in the catalogue",
        }
    }

    pub fn fits(self, need: Option<Need>) -> bool {
        match self {
            Self::Judged(wanted) => need == Some(wanted),
            Self::Unknown => need.is_none(),
        }
    }
}

pub(super) const fn upper(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
    }
}
