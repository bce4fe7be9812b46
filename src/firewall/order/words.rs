//! What the places and the automatic lines are called and why they are there.

use super::Place;
use crate::firewall::{Automatic, Policy};

impl Place {
    /// Its heading.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Early => "On arrival",
            Self::Input => "To this host",
            Self::Incoming => "New connections",
            Self::Forward => "Through this host",
            Self::Output => "From this host",
        }
    }

    /// Which packets come here.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Early => "Whatever comes in, before the kernel looks for its connection.",
            Self::Input => "What is for this host and wasn't dropped on arrival.",
            Self::Incoming => "To this host, and to ports it publishes for containers.",
            Self::Forward => "What this host passes on, except to the published ports of containers.",
            Self::Output => "What this host sends.",
        }
    }
}

impl Automatic {
    /// What it is called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Loopback => "This host to itself",
            Self::Neighbours => "IPv6 neighbours",
            Self::Ban => "Banned addresses",
            Self::DenyList => "The deny list",
            Self::TcpFlags => "Impossible TCP flags",
            Self::ReversePath => "Forged sources",
            Self::Ping => "Ping",
            Self::PingLimit => "Too many pings",
            Self::Established => "Known connections",
            Self::NeededIcmp => "ICMP that networks need",
            Self::Dhcpv6 => "DHCPv6 answers",
            Self::Invalid => "Packets of no connection",
            Self::SynFlood => "Too many new TCP connections",
            Self::ConnectionFlood => "Too many connections at once",
            Self::AllowList => "The allow list",
            Self::DefaultIn | Self::DefaultForward | Self::DefaultOut => "Everything else",
        }
    }

    /// What it matches and why it is there, in a sentence or two.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Loopback => "Programs on this host talk to each other over lo.",
            Self::Neighbours => "Neighbour and router discovery, without which IPv6 doesn't work.",
            Self::Ban => "Whoever is banned, unless on the allow list; ends connections too.",
            Self::DenyList => "Whoever is on it, unless on the allow list; ends connections too.",
            Self::TcpFlags => "Combinations that only scanners send.",
            Self::ReversePath => "The answer wouldn't leave where the packet came in.",
            Self::Ping => "Echo requests, up to the limit of each source.",
            Self::PingLimit => "Echo requests above the limit of their source.",
            Self::Established => "Part of a connection that was let through, or an error about one.",
            Self::NeededIcmp => "Errors and multicast membership, without which connections hang.",
            Self::Dhcpv6 => "Without them this host may lose its IPv6 address.",
            Self::Invalid => "The kernel can't attribute them to any connection.",
            Self::SynFlood => "Above the rate that each source may open.",
            Self::ConnectionFlood => "Above the number that each source may have.",
            Self::AllowList => "Whoever is on the list allow reaches everything.",
            Self::DefaultIn => "What no rule decided and wants in.",
            Self::DefaultForward => "What no rule decided and passes through.",
            Self::DefaultOut => "What no rule decided and goes out.",
        }
    }

    /// The limit that the policy sets for the line, as it is written.
    #[must_use]
    pub fn limit(self, policy: &Policy) -> Option<String> {
        match self {
            Self::Ping | Self::PingLimit => policy.ping.map(|rate| rate.to_string()),
            Self::SynFlood => policy.syn_flood.map(|rate| rate.to_string()),
            Self::ConnectionFlood => policy.connections.map(|most| format!("{most} at once")),
            _ => None,
        }
    }
}
