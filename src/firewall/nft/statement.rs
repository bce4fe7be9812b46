//! What a rule does, step by step; the first match that fails ends the rule.

use serde_json::{Value as Json, json};

use super::{Key, Value};
use crate::firewall::Rate;

/// How a key is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal, or a member of the set.
    Is,
    /// Not equal, or not a member of the set.
    IsNot,
    /// Smaller.
    Before,
    /// Equal or larger.
    From,
    /// At least one of the bits is set.
    HasAny,
}

/// What a key is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// One value.
    One(Value),
    /// Any of several, which must not overlap.
    Any(Vec<Value>),
    /// The members of a set of the table.
    Set(String),
}

/// What a source is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// So many per time.
    Rate(Rate),
    /// So many connections at once.
    Connections(u32),
}

/// One step of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// Goes on only if the comparison holds.
    Match(Key, Comparison, Operand),
    /// Remembers the key in a set and goes on only if it is above its limit.
    Above(String, Key, Limit),
    /// Goes on only so often, whoever the sender is.
    AtMost(Rate),
    /// Counts packet and bytes.
    Count(String),
    /// Sends the head of the packet to the NFLOG group with this prefix.
    Log(String),
    /// Looks the keys up together and performs the verdict found; goes on if there is none. The entries are in order of
    /// their numbers and don't overlap; with several keys all values are single.
    Map(Vec<Key>, Vec<(Vec<Value>, Self)>),
    /// Goes on in a chain and comes back.
    Jump(String),
    /// Goes on in a chain and doesn't come back.
    GoTo(String),
    /// Ends this base chain; the next one may still drop.
    Accept,
    /// The packet is gone.
    Drop,
    /// The packet is gone and the sender told so.
    Reject,
    /// The same for TCP, by a reset.
    Reset,
}

/// The NFLOG group of all receipts: the default port of the panel, so that it is easy to recognise.
pub const NFLOG_GROUP: u16 = 8470;

/// How many bytes of a packet go with its receipt: headers, and of most packets nothing else.
pub const RECEIPT_BYTES: u32 = 96;

impl Statement {
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Match(key, comparison, operand) => match_json(*key, *comparison, operand),
            Self::Above(set, key, limit) => above_json(set, *key, *limit),
            Self::AtMost(rate) => json!({"limit": rate_json(*rate, false)}),
            Self::Count(name) => json!({"counter": name}),
            Self::Log(prefix) => {
                json!({"log": {"prefix": prefix, "group": NFLOG_GROUP, "snaplen": RECEIPT_BYTES, "queue-threshold": 64}})
            }
            Self::Map(keys, entries) => map_json(keys, entries),
            Self::Jump(chain) => json!({"jump": {"target": chain}}),
            Self::GoTo(chain) => json!({"goto": {"target": chain}}),
            Self::Accept => json!({"accept": null}),
            Self::Drop => json!({"drop": null}),
            Self::Reject => json!({"reject": {"type": "icmpx", "expr": "admin-prohibited"}}),
            Self::Reset => json!({"reject": {"type": "tcp reset"}}),
        }
    }
}

fn match_json(key: Key, comparison: Comparison, operand: &Operand) -> Json {
    let op = match comparison {
        Comparison::Is => "==",
        Comparison::IsNot => "!=",
        Comparison::Before => "<",
        Comparison::From => ">=",
        Comparison::HasAny => "in",
    };
    let right = match operand {
        Operand::One(value) => value.to_json(),
        Operand::Any(values) if comparison == Comparison::HasAny => values.iter().map(Value::to_json).collect(),
        Operand::Any(values) => json!({"set": values.iter().map(Value::to_json).collect::<Vec<_>>()}),
        Operand::Set(name) => json!(format!("@{name}")),
    };
    json!({"match": {"op": op, "left": key.to_json(), "right": right}})
}

fn map_json(keys: &[Key], entries: &[(Vec<Value>, Statement)]) -> Json {
    let together = |parts: Vec<Json>| match <[Json; 1]>::try_from(parts) {
        Ok([part]) => part,
        Err(parts) => json!({"concat": parts}),
    };
    let pair = |(values, act): &(Vec<Value>, Statement)| {
        json!([together(values.iter().map(Value::to_json).collect()), act.to_json()])
    };
    let key = together(keys.iter().map(|key| key.to_json()).collect());
    json!({"vmap": {"key": key, "data": {"set": entries.iter().map(pair).collect::<Vec<_>>()}}})
}

fn above_json(set: &str, key: Key, limit: Limit) -> Json {
    // `update` renews the element's timeout; a counted connection must stay until it ends, which `add` leaves alone.
    let (op, above) = match limit {
        Limit::Rate(rate) => ("update", json!({"limit": rate_json(rate, true)})),
        Limit::Connections(most) => ("add", json!({"ct count": {"val": most, "inv": true}})),
    };
    json!({"set": {"op": op, "elem": key.to_json(), "set": format!("@{set}"), "stmt": [above]}})
}

fn rate_json(rate: Rate, above: bool) -> Json {
    json!({"rate": rate.count(), "per": rate.per().as_str(), "burst": rate.burst(), "inv": above})
}
