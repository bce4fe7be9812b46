//! Matches: a key, a comparison and what it is compared with.

use serde_json::Value as Json;

use super::{
    key::{self, Found},
    value, words,
};
use crate::firewall::{
    AddressRange, Family,
    foreign::{Key, Operand, Statement},
    nft::Value,
};

pub(super) fn read(content: &Json) -> Vec<Statement> {
    understood(content).unwrap_or_else(|| vec![Statement::UnknownMatch(words::comparison(content))])
}

fn understood(content: &Json) -> Option<Vec<Statement>> {
    let (left, right, op) = (&content["left"], &content["right"], content["op"].as_str()?);
    let is_not = matches!(op, "!=" | "!");
    if let Some(parts) = left["concat"].as_array() {
        return lookup(parts, right, is_not);
    }
    let Found { key, family } = key::read(left)?;
    let statement = match (key, op) {
        (Key::TcpFlags(u8::MAX), "in" | "!") => any_flag(right, op == "!")?,
        // Equality with one of several bits that may be set together.
        (Key::Status, "==" | "!=") | (Key::Mark(_) | Key::ConnectionMark(_), "in" | "!") => return None,
        (_, "==" | "in" | "!=" | "!") => Statement::Match { key, is_not, operand: operand(key, right)? },
        (_, order) => {
            let within = beyond(key, order, &value::one(key, right)?)?;
            Statement::Match { key, is_not: false, operand: Operand::Any(vec![within]) }
        }
    };
    Some(of_family(family.filter(|_| key == Key::Protocol)).into_iter().chain([statement]).collect())
}

/// `ip protocol` and `ip6 nexthdr` say the family only by where they look.
pub(super) fn of_family(family: Option<Family>) -> Option<Statement> {
    let number = match family? {
        Family::V4 => 2,
        Family::V6 => 10,
    };
    Some(Statement::Match { key: Key::Family, is_not: false, operand: Operand::Any(vec![Value::Number(number)]) })
}

fn operand(key: Key, right: &Json) -> Option<Operand> {
    match right.as_str().and_then(|text| text.strip_prefix('@')) {
        Some(name) => Some(Operand::Set(name.to_owned())),
        None => value::read(key, right).map(Operand::Any),
    }
}

fn any_flag(right: &Json, is_none: bool) -> Option<Statement> {
    let Value::Number(mask) = value::flags(right)? else { return None };
    let key = Key::TcpFlags(u8::try_from(mask).ok()?);
    Some(Statement::Match { key, is_not: !is_none, operand: Operand::Any(vec![Value::Number(0)]) })
}

fn lookup(parts: &[Json], right: &Json, is_not: bool) -> Option<Vec<Statement>> {
    let (families, keys) = keys(parts)?;
    let (members, set) = match right.as_str().and_then(|text| text.strip_prefix('@')) {
        Some(name) => (None, name.to_owned()),
        None => (Some(members(&keys, right)?), String::new()),
    };
    let lookup = Statement::Lookup { keys, is_not, members, set };
    Some(families.into_iter().chain([lookup]).collect())
}

fn members(keys: &[Key], right: &Json) -> Option<Vec<Vec<Value>>> {
    match right["set"].as_array() {
        Some(list) => list.iter().map(|member| value::tuple(keys, member)).collect(),
        None => Some(vec![value::tuple(keys, right)?]),
    }
}

/// The keys of a lookup, and what a packet must be to have them.
pub(super) fn keys(parts: &[Json]) -> Option<(Vec<Statement>, Vec<Key>)> {
    let found: Vec<Found> = parts.iter().map(key::read).collect::<Option<_>>()?;
    let families =
        found.iter().filter(|found| found.key == Key::Protocol).filter_map(|found| of_family(found.family)).collect();
    Some((families, found.iter().map(|found| found.key).collect()))
}

/// The values on one side of a bound.
fn beyond(key: Key, order: &str, bound: &Value) -> Option<Value> {
    match bound {
        Value::Number(number) => Some(match order {
            "<" => Value::Numbers(0, number.checked_sub(1)?),
            "<=" => Value::Numbers(0, *number),
            ">" => Value::Numbers(number.checked_add(1)?, u64::MAX),
            ">=" => Value::Numbers(*number, u64::MAX),
            _ => return None,
        }),
        Value::Addresses(range) => {
            let everything = AddressRange::everything(range.family());
            let around = match (order, key) {
                ("<=", _) => AddressRange::between(everything.first(), range.last()),
                (">=", _) => AddressRange::between(range.first(), everything.last()),
                _ => None,
            };
            around.map(Value::Addresses)
        }
        Value::Numbers(..) | Value::Word(_) | Value::Flag(_) => None,
    }
}
