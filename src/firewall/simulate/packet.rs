//! A packet, with what the kernel knows about it.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::firewall::{Family, InterfaceName, ParseError};

/// What a packet carries behind IP. Fragments are put together before any chain of ours sees them, so a packet is
/// always whole; one whose fragments never come together is never judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// TCP.
    Tcp {
        /// The sender's port.
        from: u16,
        /// The receiver's port.
        port: u16,
        /// FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32.
        flags: u8,
    },
    /// UDP.
    Udp {
        /// The sender's port.
        from: u16,
        /// The receiver's port.
        port: u16,
    },
    /// ICMP in IPv4, `ICMPv6` in IPv6, by its type.
    Icmp(u8),
    /// Any other protocol by its number.
    Other(u8),
}

/// TCP's SYN flag: a packet with this flag alone opens a connection.
pub const SYN: u8 = 0x02;

/// Its way through this host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Passage {
    /// To this host.
    In {
        /// Where it comes in.
        input: InterfaceName,
    },
    /// Through this host.
    Forward {
        /// Where it comes in.
        input: InterfaceName,
        /// Where it leaves.
        output: InterfaceName,
    },
    /// From this host.
    Out {
        /// Where it leaves.
        output: InterfaceName,
    },
}

/// What conntrack makes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// The first of a connection.
    New,
    /// Part of a connection in which both sides have spoken.
    Established,
    /// About a connection, for example an ICMP error.
    Related,
    /// Of no connection that could be.
    Invalid,
    /// Left out on purpose, as neighbour discovery is.
    Untracked,
}

/// Where the sender wanted to go before the destination was translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Original {
    /// The address it named.
    pub destination: IpAddr,
    /// The port it named; 0 where the protocol has none.
    pub port: u16,
}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Packet {
    source: IpAddr,
    destination: IpAddr,
    /// What it carries.
    pub content: Content,
    /// IPv4 time to live or IPv6 hop limit.
    pub hop_limit: u8,
    /// Its way.
    pub passage: Passage,
    /// What conntrack makes of it.
    pub connection: Connection,
    /// Set if the destination was translated, as for a published port of a container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
}

impl Packet {
    /// A packet of a connection that conntrack hasn't seen before.
    ///
    /// # Errors
    /// When the addresses aren't of one family.
    pub fn first(source: IpAddr, destination: IpAddr, content: Content, passage: Passage) -> Result<Self, ParseError> {
        if Family::of(source) != Family::of(destination) {
            return Err(ParseError::new(format!("{source} → {destination}"), "mixes IPv4 and IPv6"));
        }
        let connection = content.first_state(Family::of(source));
        Ok(Self { source, destination, content, hop_limit: 64, passage, connection, original: None })
    }

    /// The sender.
    #[must_use]
    pub const fn source(&self) -> IpAddr {
        self.source
    }

    /// The receiver, as translated.
    #[must_use]
    pub const fn destination(&self) -> IpAddr {
        self.destination
    }

    /// The family of both addresses.
    #[must_use]
    pub const fn family(&self) -> Family {
        Family::of(self.source)
    }

    /// The protocol's number.
    #[must_use]
    pub const fn protocol(&self) -> u8 {
        match (self.content, self.family()) {
            (Content::Tcp { .. }, _) => 6,
            (Content::Udp { .. }, _) => 17,
            (Content::Icmp(_), Family::V4) => 1,
            (Content::Icmp(_), Family::V6) => 58,
            (Content::Other(number), _) => number,
        }
    }

    /// Whether conntrack has an entry for it; without one nobody knows what the sender named.
    #[must_use]
    pub const fn is_tracked(&self) -> bool {
        !matches!(self.connection, Connection::Invalid | Connection::Untracked)
    }
}

impl Content {
    /// What conntrack makes of it if it belongs to no connection so far. A TCP packet with ACK alone is taken for the
    /// middle of a connection that began before the host did.
    #[must_use]
    pub fn first_state(self, family: Family) -> Connection {
        const UNTRACKED: [u8; 8] = [130, 131, 132, 133, 134, 135, 136, 143];
        let starts = match (self, family) {
            (Self::Tcp { flags, .. }, _) => matches!(flags & !0x08, 0x02 | 0x22 | 0x10 | 0x30),
            (Self::Icmp(kind), Family::V4) => [8, 13, 15, 17].contains(&kind),
            (Self::Icmp(kind), Family::V6) if UNTRACKED.contains(&kind) => return Connection::Untracked,
            (Self::Icmp(kind), Family::V6) => [128, 139].contains(&kind),
            // The other family's ICMP is read as ICMP all the same, and what it holds is no question.
            (Self::Other(1 | 58), _) => false,
            (Self::Udp { .. } | Self::Other(_), _) => true,
        };
        if starts { Connection::New } else { Connection::Invalid }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (port, kind) = match (self.content, self.family()) {
            (Content::Tcp { port, .. }, _) => (Some(port), "tcp".to_owned()),
            (Content::Udp { port, .. }, _) => (Some(port), "udp".to_owned()),
            (Content::Icmp(kind), Family::V4) => (None, format!("icmp/{kind}")),
            (Content::Icmp(kind), Family::V6) => (None, format!("icmpv6/{kind}")),
            (Content::Other(number), _) => (None, format!("protocol/{number}")),
        };
        let destination = self.original.map_or(self.destination, |original| original.destination);
        let port = self.original.map_or(port, |original| port.map(|_| original.port));
        let (source, destination) = (self.end(self.source), self.end(destination));
        match port {
            Some(port) => write!(out, "{source} → {destination} {port}/{kind}"),
            None => write!(out, "{source} → {destination} {kind}"),
        }
    }
}

impl Packet {
    /// What no rule asks for is no address.
    fn end(&self, address: IpAddr) -> String {
        match (address.is_unspecified(), &self.passage) {
            (false, _) => address.to_string(),
            (true, Passage::Forward { .. }) => "anywhere".to_owned(),
            (true, Passage::In { .. } | Passage::Out { .. }) => "this host".to_owned(),
        }
    }
}
