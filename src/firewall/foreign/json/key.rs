//! What a rule looks at.

use serde_json::Value as Json;

use super::value;
use crate::firewall::{Family, foreign::Key, nft::Value};

/// A key, and the family a packet must be of to have it, where the key alone doesn't say so.
pub(super) struct Found {
    pub(super) key: Key,
    pub(super) family: Option<Family>,
}

impl From<Key> for Found {
    fn from(key: Key) -> Self {
        Self { key, family: None }
    }
}

pub(super) fn read(json: &Json) -> Option<Found> {
    let (kind, content) = json.as_object()?.iter().next()?;
    match kind.as_str() {
        "payload" => payload(content["protocol"].as_str()?, content["field"].as_str()?),
        "meta" => meta(content["key"].as_str()?).map(Found::from),
        "ct" => conntrack(content).map(Found::from),
        "fib" => fib(content).map(Found::from),
        "&" => masked(content).map(Found::from),
        _ => None,
    }
}

fn payload(protocol: &str, field: &str) -> Option<Found> {
    let number = match protocol {
        "ip" | "ip6" => return network(if protocol == "ip" { Family::V4 } else { Family::V6 }, field),
        "icmp" if field == "type" => return Some(Key::IcmpType(Family::V4).into()),
        "icmpv6" if field == "type" => return Some(Key::IcmpType(Family::V6).into()),
        "tcp" if field == "flags" => return Some(Key::TcpFlags(u8::MAX).into()),
        "th" => None,
        "tcp" | "udp" | "udplite" | "sctp" | "dccp" => Some(value::protocol(protocol)?),
        _ => return None,
    };
    match field {
        "sport" => Some(Key::SourcePort(number).into()),
        "dport" => Some(Key::DestinationPort(number).into()),
        _ => None,
    }
}

fn network(family: Family, field: &str) -> Option<Found> {
    let key = match field {
        "saddr" => Key::Source(family),
        "daddr" => Key::Destination(family),
        "protocol" | "nexthdr" => Key::Protocol,
        _ => return None,
    };
    Some(Found { key, family: Some(family) })
}

fn meta(key: &str) -> Option<Key> {
    Some(match key {
        "iif" | "iifname" => Key::InputInterface,
        "oif" | "oifname" => Key::OutputInterface,
        "nfproto" | "protocol" => Key::Family,
        "l4proto" => Key::Protocol,
        "mark" => Key::Mark(u32::MAX),
        "pkttype" => Key::PacketType,
        "time" => Key::Time,
        _ => return None,
    })
}

fn conntrack(content: &Json) -> Option<Key> {
    let (key, direction) = (content["key"].as_str()?, content["dir"].as_str());
    let key = match key {
        "state" => Key::State,
        "status" => Key::Status,
        "direction" => Key::Direction,
        "mark" => Key::ConnectionMark(u32::MAX),
        "l4proto" | "protocol" => Key::OriginalProtocol,
        "ip saddr" => Key::OriginalSource(Family::V4),
        "ip6 saddr" => Key::OriginalSource(Family::V6),
        "ip daddr" => Key::OriginalDestination(Family::V4),
        "ip6 daddr" => Key::OriginalDestination(Family::V6),
        "proto-src" => Key::OriginalSourcePort,
        "proto-dst" => Key::OriginalPort,
        _ => return None,
    };
    (direction != Some("reply")).then_some(key)
}

fn fib(content: &Json) -> Option<Key> {
    let flags: Vec<&str> = content["flags"].as_array()?.iter().filter_map(Json::as_str).collect();
    match (content["result"].as_str()?, flags.as_slice()) {
        ("type", ["saddr"]) => Some(Key::SourceType),
        ("type", ["daddr"]) => Some(Key::DestinationType),
        ("oif" | "oifname" | "check", ["saddr", "iif"]) => Some(Key::ReversePath),
        _ => None,
    }
}

fn masked(content: &Json) -> Option<Key> {
    let [left, right] = content.as_array()?.as_slice() else { return None };
    match read(left)?.key {
        Key::Mark(_) => Some(Key::Mark(u32::try_from(right.as_u64()?).ok()?)),
        Key::ConnectionMark(_) => Some(Key::ConnectionMark(u32::try_from(right.as_u64()?).ok()?)),
        Key::TcpFlags(_) => match value::flags(right)? {
            Value::Number(mask) => Some(Key::TcpFlags(u8::try_from(mask).ok()?)),
            _ => None,
        },
        _ => None,
    }
}
