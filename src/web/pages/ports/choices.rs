//! What a reader of the list can choose from, and the words for it.

use crate::firewall::{catalogue::Need, listener::Transport};

use super::entry::Entry;

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
    /// The grouped list: what is reached from farthest away first, then by port.
    #[default]
    From,
    Used,
}

impl Sort {
    pub const ALL: [Self; 5] = [Self::Port, Self::Name, Self::Program, Self::From, Self::Used];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Name => "what",
            Self::Program => "program",
            Self::From => "from",
            Self::Used => "used",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Port => "Port",
            Self::Name => "What it is",
            Self::Program => "Program",
            Self::From => "Reachable from",
            Self::Used => "Used by",
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

/// How a port is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Now,
    Idle,
    New,
}

impl Use {
    pub const ALL: [Self; 3] = [Self::Now, Self::Idle, Self::New];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Idle => "idle",
            Self::New => "new",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Now => "Somebody connected",
            Self::Idle => "Nobody in 30 days",
            Self::New => "New since my last visit",
        }
    }

    pub fn fits(self, entry: &Entry<'_>) -> bool {
        match self {
            Self::Now => entry.connected.is_some_and(|connected| connected.connections > 0),
            Self::Idle => entry.is_idle,
            Self::New => entry.is_new,
        }
    }
}

pub(super) const fn upper(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
    }
}
