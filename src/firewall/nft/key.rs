//! What a rule can look at.

use serde_json::{Value as Json, json};

use crate::firewall::Family;

/// A piece of a packet or of what the kernel knows about it. Where a packet hasn't got it, a match fails whatever it
/// compares, even when it is negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The interface it came in by.
    InputInterface,
    /// The interface it leaves by.
    OutputInterface,
    /// The protocol behind IP, IPv6 extension headers skipped.
    Protocol,
    /// The time of day in seconds since 1970, UTC.
    Time,
    /// What conntrack says of the packet's connection.
    State,
    /// How the connection is translated.
    Status,
    /// The destination address the connection's first packet named, before translation.
    OriginalDestination(Family),
    /// The destination port the connection's first packet named, before translation.
    OriginalPort,
    /// The source address.
    Source(Family),
    /// The first 64 bits of an IPv6 source, or the whole IPv4 source: what one customer of a network usually has.
    SourceNetwork(Family),
    /// The destination address.
    Destination(Family),
    /// The source port of UDP.
    UdpSourcePort,
    /// The IPv6 hop limit.
    HopLimit,
    /// The type of an ICMP (V4) or `ICMPv6` (V6) message.
    IcmpType(Family),
    /// The TCP flags under a mask.
    TcpFlags(u8),
    /// Whether an answer to the source would leave by the interface the packet came in by.
    ReversePath,
}

impl Key {
    pub(super) fn to_json(self) -> Json {
        match self {
            Self::InputInterface => json!({"meta": {"key": "iifname"}}),
            Self::OutputInterface => json!({"meta": {"key": "oifname"}}),
            Self::Protocol => json!({"meta": {"key": "l4proto"}}),
            Self::Time => json!({"meta": {"key": "time"}}),
            Self::State => json!({"ct": {"key": "state"}}),
            Self::Status => json!({"ct": {"key": "status"}}),
            Self::OriginalDestination(family) => {
                json!({"ct": {"key": format!("{} daddr", ip(family)), "dir": "original"}})
            }
            Self::OriginalPort => json!({"ct": {"key": "proto-dst", "dir": "original"}}),
            Self::Source(family) => payload(ip(family), "saddr"),
            Self::SourceNetwork(Family::V4) => payload("ip", "saddr"),
            Self::SourceNetwork(Family::V6) => json!({"&": [payload("ip6", "saddr"), "ffff:ffff:ffff:ffff::"]}),
            Self::Destination(family) => payload(ip(family), "daddr"),
            Self::UdpSourcePort => payload("udp", "sport"),
            Self::HopLimit => payload("ip6", "hoplimit"),
            Self::IcmpType(Family::V4) => payload("icmp", "type"),
            Self::IcmpType(Family::V6) => payload("icmpv6", "type"),
            Self::TcpFlags(mask) => json!({"&": [payload("tcp", "flags"), mask]}),
            Self::ReversePath => json!({"fib": {"result": "oif", "flags": ["saddr", "iif"]}}),
        }
    }
}

const fn ip(family: Family) -> &'static str {
    match family {
        Family::V4 => "ip",
        Family::V6 => "ip6",
    }
}

fn payload(protocol: &str, field: &str) -> Json {
    json!({"payload": {"protocol": protocol, "field": field}})
}
