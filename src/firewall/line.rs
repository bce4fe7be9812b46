//! The lines of the order view: every rule, and every automatic line of the policy. What decides a packet is a line.

use std::fmt;

use super::{Action, ParseError, RuleId, parse_error::text_form};
use serde::{Deserialize, Serialize};

/// What decided. Printed as the kernel knows it: counter, chain, comment and receipt carry this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Line {
    /// A rule; printed `r12`.
    Rule(RuleId),
    /// What is above the limits of a rule; printed `r12-limit`.
    Limit(RuleId),
    /// A line of the policy.
    Automatic(Automatic),
}

text_form!(Line);

/// The lines that come from the policy, in the order in which a packet meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Automatic {
    /// This host talks to itself.
    Loopback,
    /// IPv6 finds its neighbours and routers.
    Neighbours,
    /// The source is banned.
    Ban,
    /// The source is on the deny list.
    DenyList,
    /// No honest sender combines these TCP flags.
    TcpFlags,
    /// The source isn't reachable where the packet came from.
    ReversePath,
    /// A ping.
    Ping,
    /// Too many pings of one source.
    PingLimit,
    /// Part of, or an error about, a connection that was let through.
    Established,
    /// ICMP without which networks don't work: errors with the path MTU, multicast membership.
    NeededIcmp,
    /// The answer of a `DHCPv6` server.
    Dhcpv6,
    /// Conntrack can't attribute it to any connection.
    Invalid,
    /// Too many new TCP connections of one source.
    SynFlood,
    /// Too many connections of one source at once.
    ConnectionFlood,
    /// The source is on the allow list.
    AllowList,
    /// No rule decided what comes in.
    DefaultIn,
    /// No rule decided what passes through.
    DefaultForward,
    /// No rule decided what goes out.
    DefaultOut,
}

impl Automatic {
    const NAMES: [(Self, &'static str); 18] = [
        (Self::Loopback, "loopback"),
        (Self::Neighbours, "neighbours"),
        (Self::Ban, "ban"),
        (Self::DenyList, "deny-list"),
        (Self::TcpFlags, "tcp-flags"),
        (Self::ReversePath, "reverse-path"),
        (Self::Ping, "ping"),
        (Self::PingLimit, "ping-limit"),
        (Self::Established, "established"),
        (Self::NeededIcmp, "needed-icmp"),
        (Self::Dhcpv6, "dhcpv6"),
        (Self::Invalid, "invalid"),
        (Self::SynFlood, "syn-flood"),
        (Self::ConnectionFlood, "connection-flood"),
        (Self::AllowList, "allow-list"),
        (Self::DefaultIn, "default-in"),
        (Self::DefaultForward, "default-forward"),
        (Self::DefaultOut, "default-out"),
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.into_iter().find(|(line, _)| *line == self).map_or("", |(_, name)| name)
    }
}

impl Line {
    /// Reads the name of a line.
    ///
    /// # Errors
    /// When there is no such line.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if let Some((line, _)) = Automatic::NAMES.into_iter().find(|(_, name)| *name == text) {
            return Ok(Self::Automatic(line));
        }
        match text.strip_suffix("-limit") {
            Some(id) => RuleId::parse(id).map(Self::Limit),
            None => RuleId::parse(text).map(Self::Rule),
        }
    }
}

impl From<Automatic> for Line {
    fn from(line: Automatic) -> Self {
        Self::Automatic(line)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(id) => id.fmt(out),
            Self::Limit(id) => write!(out, "{id}-limit"),
            Self::Automatic(line) => out.write_str(line.as_str()),
        }
    }
}

/// What the NFLOG prefix of a packet says: which line of which revision did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    /// What decided.
    pub line: Line,
    /// The revision whose line it was.
    pub revision: u64,
    /// What the line does with the packet.
    pub action: Action,
    /// Whether it only would have: the revision observed, and the packet passed.
    pub is_observed: bool,
}

/// What a receipt says of the packet, and how. Nothing that is let in would only have been.
const DEEDS: [(&str, Action, bool); 5] = [
    ("allow", Action::Allow, false),
    ("drop", Action::Drop, false),
    ("reject", Action::Reject, false),
    ("would-drop", Action::Drop, true),
    ("would-reject", Action::Reject, true),
];

impl Receipt {
    /// What happened, or would have, in one word.
    #[must_use]
    pub fn deed(self) -> &'static str {
        let known =
            DEEDS.into_iter().find(|(_, action, observed)| (*action, *observed) == (self.action, self.is_observed));
        known.map_or(self.action.as_str(), |(word, ..)| word)
    }

    /// Reads `pr:r12:41:drop`.
    ///
    /// # Errors
    /// When it isn't a receipt of ours.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new(text, "isn't a receipt like pr:r12:41:drop");
        let mut parts = text.split(':');
        let (Some("pr"), Some(line), Some(revision), Some(deed), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let (_, action, is_observed) = DEEDS.into_iter().find(|(word, ..)| *word == deed).ok_or_else(wrong)?;
        let revision = if revision.starts_with('+') { None } else { revision.parse().ok() };
        Ok(Self { line: Line::parse(line)?, revision: revision.ok_or_else(wrong)?, action, is_observed })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "pr:{}:{}:{}", self.line, self.revision, self.deed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_name_that_is_read_back() {
        for (automatic, name) in Automatic::NAMES {
            assert_eq!(Line::parse(name), Ok(Line::Automatic(automatic)));
            assert_eq!(Line::Automatic(automatic).to_string(), name);
        }
        for name in ["r12", "r12-limit"] {
            assert_eq!(Line::parse(name).map(|line| line.to_string()), Ok(name.to_owned()));
        }
        assert!(Line::parse("r0-limit").is_err() && Line::parse("limit").is_err());
    }

    #[test]
    fn receipts_are_read_back_and_others_refused() {
        for text in [
            "pr:r12:41:drop",
            "pr:default-in:1:reject",
            "pr:r12:41:allow",
            "pr:ban:41:would-drop",
            "pr:r4294967295-limit:18446744073709551615:would-reject",
        ] {
            assert_eq!(Receipt::parse(text).map(|receipt| receipt.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "pr:r12:41:",
            "pr:r12:41:drop:",
            "xx:r12:41:drop",
            "pr:r12:+41:drop",
            "pr:r12:-1:drop",
            "pr:r12:41:would-allow",
        ] {
            assert!(Receipt::parse(text).is_err(), "{text}");
        }
    }
}
