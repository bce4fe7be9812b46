//! What keys are compared with.

use std::net::IpAddr;

use serde_json::Value as Json;

use crate::firewall::{AddressRange, Family, foreign::Key, instant, nft::Value};

/// One value or several, as the key reads them.
pub(super) fn read(key: Key, json: &Json) -> Option<Vec<Value>> {
    let several = |list: &Vec<Json>| list.iter().map(|json| one(key, element(json))).collect();
    match json {
        Json::Array(list) if !matches!(key, Key::TcpFlags(_)) => several(list),
        Json::Object(object) => match object.get("set") {
            Some(Json::Array(list)) => several(list),
            Some(single) => Some(vec![one(key, single)?]),
            None => Some(vec![one(key, json)?]),
        },
        _ => Some(vec![one(key, json)?]),
    }
}

/// An element may carry a timeout, a comment or a counter.
pub(super) fn element(json: &Json) -> &Json {
    json.get("elem").map_or(json, |element| &element["val"])
}

/// Members with a value for each key.
pub(super) fn tuple(keys: &[Key], json: &Json) -> Option<Vec<Value>> {
    let json = element(json);
    if let [key] = keys {
        return Some(vec![one(*key, json)?]);
    }
    let parts = json["concat"].as_array()?;
    let pairs = keys.iter().zip(parts);
    (parts.len() == keys.len()).then(|| pairs.map(|(key, part)| one(*key, part)).collect())?
}

pub(super) fn one(key: Key, json: &Json) -> Option<Value> {
    match key {
        Key::Source(_) | Key::Destination(_) | Key::OriginalSource(_) | Key::OriginalDestination(_) => addresses(json),
        Key::InputInterface
        | Key::OutputInterface
        | Key::State
        | Key::Status
        | Key::Direction
        | Key::SourceType
        | Key::DestinationType
        | Key::PacketType => Some(Value::word(json.as_str()?)),
        Key::Family => match json.as_str()? {
            "ipv4" | "ip" => Some(Value::Number(2)),
            "ipv6" | "ip6" => Some(Value::Number(10)),
            _ => None,
        },
        Key::Protocol | Key::OriginalProtocol => numbers(json, |word| protocol(word).map(u64::from)),
        Key::TcpFlags(_) => flags(json),
        Key::IcmpType(family) => numbers(json, |word| Some(icmp(family, word))),
        Key::ReversePath => match json {
            Json::Bool(exists) => Some(Value::Flag(*exists)),
            _ => None,
        },
        Key::SourcePort(_)
        | Key::DestinationPort(_)
        | Key::OriginalSourcePort
        | Key::OriginalPort
        | Key::Mark(_)
        | Key::ConnectionMark(_) => numbers(json, untyped),
        Key::Time => numbers(json, time),
    }
}

/// The helper has nft list times in UTC: `2026-11-25 14:01:57`, to the second.
fn time(word: &str) -> Option<u64> {
    let moment = instant::parse(&format!("{}Z", word.replacen(' ', "T", 1))).ok()?;
    u64::try_from(moment.as_millis() / 1000).ok()
}

/// nft 1.0.6 lists a port of conntrack as `0x16 [invalid type]`, for it doesn't know of what protocol it is one.
fn untyped(word: &str) -> Option<u64> {
    let digits = word.strip_prefix("0x")?.strip_suffix(" [invalid type]")?;
    u64::from_str_radix(digits, 16).ok()
}

fn numbers(json: &Json, named: impl Fn(&str) -> Option<u64>) -> Option<Value> {
    let number = |json: &Json| json.as_u64().or_else(|| named(json.as_str()?));
    match json["range"].as_array().map(Vec::as_slice) {
        Some([first, last]) => Some(Value::Numbers(number(first)?, number(last)?)),
        Some(_) => None,
        None => number(json).map(Value::Number),
    }
}

fn addresses(json: &Json) -> Option<Value> {
    let address = |json: &Json| json.as_str()?.parse::<IpAddr>().ok();
    let range = if let Some(text) = json.as_str() {
        AddressRange::from(text.parse::<IpAddr>().ok()?)
    } else if let Some(prefix) = json.get("prefix") {
        AddressRange::network(address(&prefix["addr"])?, u8::try_from(prefix["len"].as_u64()?).ok()?)?
    } else {
        let [first, last] = json["range"].as_array()?.as_slice() else { return None };
        AddressRange::between(address(first)?, address(last)?)?
    };
    Some(Value::Addresses(range))
}

/// The number of a protocol by its name.
pub(super) fn protocol(name: &str) -> Option<u8> {
    Some(match name {
        "icmp" => 1,
        "igmp" => 2,
        "ipip" | "ipencap" => 4,
        "tcp" => 6,
        "udp" => 17,
        "dccp" => 33,
        "ipv6" => 41,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "ipv6-icmp" | "icmpv6" => 58,
        "ospf" => 89,
        "comp" | "ipcomp" => 108,
        "vrrp" => 112,
        "sctp" => 132,
        "udplite" => 136,
        _ => return None,
    })
}

/// TCP flags: a number, a name, several names, or pairs of pairs of them.
pub(super) fn flags(json: &Json) -> Option<Value> {
    flag_bits(json).map(Value::Number)
}

fn flag_bits(json: &Json) -> Option<u64> {
    if let Some(list) = json.as_array().or_else(|| json["|"].as_array()) {
        return list.iter().map(flag_bits).try_fold(0, |all, one| Some(all | one?));
    }
    json.as_u64().or_else(|| {
        let place = ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"];
        place.iter().position(|name| json == name).map(|place| 1 << place)
    })
}

/// No ICMP reaches a port, so a type that isn't known here may have any number that isn't used.
fn icmp(family: Family, name: &str) -> u64 {
    match (family, name) {
        (Family::V4, "echo-request") => 8,
        (Family::V6, "echo-request") => 128,
        (Family::V6, "nd-router-solicit") => 133,
        (Family::V6, "nd-router-advert") => 134,
        (Family::V6, "nd-neighbor-solicit") => 135,
        (Family::V6, "nd-neighbor-advert") => 136,
        _ => u64::from(u8::MAX),
    }
}
