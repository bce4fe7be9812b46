//! One line of intent: who may, or may not, reach what.

use std::{fmt, num::NonZeroU32};

use serde::{Deserialize, Serialize};

use super::{
    AddressRange, Family, InterfaceName, ListName, Moment, ParseError, Ports, Rate, RuleId, ServiceName, Text, instant,
    parse_error::text_form,
};

/// What happens to a packet that a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It passes.
    Allow,
    /// It vanishes without an answer.
    Drop,
    /// It is refused with an answer, so that the sender knows at once.
    Reject,
}

impl Action {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Drop => "drop",
            Self::Reject => "reject",
        }
    }
}

/// Which way the packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To this host, or through a port that it publishes for a container.
    In,
    /// From this host.
    Out,
    /// Through this host, but not through a published port.
    Forward,
}

/// Who is at the other end: the source of what comes in or is forwarded, the destination of what goes out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Peer {
    /// An address, a prefix or a range.
    Addresses(AddressRange),
    /// Everybody on a named list; written `list:office`.
    List(ListName),
    /// The networks that this host has an address in; written `own-networks`.
    OwnNetworks,
}

text_form!(Peer);

impl Peer {
    /// Reads an address, a prefix, a range, `list:NAME` or `own-networks`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        match text.strip_prefix("list:") {
            Some(name) => ListName::parse(name).map(Self::List),
            None if text == "own-networks" => Ok(Self::OwnNetworks),
            None => AddressRange::parse(text).map(Self::Addresses),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(range) => range.fmt(out),
            Self::List(name) => write!(out, "list:{name}"),
            Self::OwnNetworks => out.write_str("own-networks"),
        }
    }
}

/// What is reached. A port is always the one that the sender named, also when it is translated on the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// A service by name.
    Service(ServiceName),
    /// Ports of TCP or UDP.
    Ports(Ports),
    /// A type of ICMP message; written `icmp/8`.
    Icmp(u8),
    /// A type of `ICMPv6` message; written `icmpv6/128`.
    Icmpv6(u8),
    /// An IP protocol by number; written `protocol/47`.
    Protocol(u8),
}

text_form!(Target);

impl Target {
    /// Reads `22/tcp`, `6000-6010/udp`, `icmp/8`, `icmpv6/128`, `protocol/47` or the name of a service.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let Some((kind, number)) = text.split_once('/') else {
            return ServiceName::parse(text).map(Self::Service);
        };
        match kind {
            "icmp" => parse_number(text, number).map(Self::Icmp),
            "icmpv6" => parse_number(text, number).map(Self::Icmpv6),
            "protocol" => parse_number(text, number).map(Self::Protocol),
            _ => Ports::parse(text).map(Self::Ports),
        }
    }
}

fn parse_number(text: &str, number: &str) -> Result<u8, ParseError> {
    let plain = number.bytes().all(|byte| byte.is_ascii_digit());
    let number = if plain { number.parse().ok() } else { None };
    number.ok_or_else(|| ParseError::new(text, "must end in a number from 0 to 255"))
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) => name.fmt(out),
            Self::Ports(ports) => ports.fmt(out),
            Self::Icmp(number) => write!(out, "icmp/{number}"),
            Self::Icmpv6(number) => write!(out, "icmpv6/{number}"),
            Self::Protocol(number) => write!(out, "protocol/{number}"),
        }
    }
}

/// A rule. Fields that are left empty don't restrict it; it always covers IPv4 and IPv6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Never changes, never used again.
    pub id: RuleId,
    /// A disabled rule is kept and does nothing.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What happens.
    pub action: Action,
    /// Which way.
    pub direction: Direction,
    /// Who, any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<Peer>,
    /// What is reached, any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Target>,
    /// Only through these interfaces: where it comes in, or for outgoing where it leaves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<InterfaceName>,
    /// Only at these of this host's addresses; for forwarded packets these destinations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<AddressRange>,
    /// Allow only so many new connections of each source; what is above is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_connections: Option<Rate>,
    /// Allow only so many connections of each source at once; what is above is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<NonZeroU32>,
    /// Also record what an allowing rule lets in. What is dropped or rejected is always recorded.
    #[serde(default, skip_serializing_if = "is_no")]
    pub log: bool,
    /// Before this moment the rule does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub starts_at: Option<Moment>,
    /// From this moment on the rule does nothing, even if nobody is there to remove it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "instant::optional")]
    pub expires_at: Option<Moment>,
    /// Who answers for the rule.
    #[serde(default = "Text::empty", skip_serializing_if = "Text::is_empty")]
    pub owner: Text,
    /// Why it is there.
    #[serde(default = "Text::empty", skip_serializing_if = "Text::is_empty")]
    pub note: Text,
}

impl Rule {
    /// The families in which some packet can match, as far as the rule itself tells; a list may still be of one only.
    #[must_use]
    pub fn families(&self) -> Vec<Family> {
        let who = |family| {
            self.who.is_empty()
                || self.who.iter().any(|peer| match peer {
                    Peer::Addresses(range) => range.family() == family,
                    Peer::List(_) | Peer::OwnNetworks => true,
                })
        };
        let at = |family| self.at.is_empty() || self.at.iter().any(|range| range.family() == family);
        let to = |family| {
            self.to.is_empty()
                || self.to.iter().any(|target| match target {
                    Target::Icmp(_) => family == Family::V4,
                    Target::Icmpv6(_) => family == Family::V6,
                    Target::Service(_) | Target::Ports(_) | Target::Protocol(_) => true,
                })
        };
        Family::BOTH.into_iter().filter(|family| who(*family) && at(*family) && to(*family)).collect()
    }
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_no(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_and_targets_are_read_and_printed_back() {
        for text in ["192.0.2.0/24", "list:office", "own-networks", "2001:db8::1"] {
            assert_eq!(Peer::parse(text).map(|peer| peer.to_string()), Ok(text.to_owned()));
        }
        for text in ["ssh", "22/tcp", "1-9/udp", "icmp/8", "icmpv6/128", "protocol/47"] {
            assert_eq!(Target::parse(text).map(|target| target.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "list:", "list:A", "own-network", "eth0"] {
            assert!(Peer::parse(text).is_err(), "{text}");
        }
        for text in ["", "SSH", "icmp/256", "icmp/+8", "icmp/", "protocol/-1", "22/sctp"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }
}
