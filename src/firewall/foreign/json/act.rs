//! What a rule does.

use std::net::IpAddr;

use serde_json::Value as Json;

use super::{compare, value, words};
use crate::firewall::{
    foreign::{Key, Statement, Translation, Verdict},
    nft::Value,
};

/// An expression as statements; none if it has no say.
pub(super) fn read(expression: &Json) -> Vec<Statement> {
    let Some((kind, content)) = expression.as_object().and_then(|object| object.iter().next()) else {
        return vec![Statement::UnknownAct(words::of(expression))];
    };
    match kind.as_str() {
        "match" => compare::read(content),
        "vmap" => map(content),
        "limit" => vec![Statement::Limit { over: content["inv"] == true, words: words::limit(content) }],
        "ct count" => vec![Statement::Limit { over: content["inv"] == true, words: words::of(expression) }],
        "set" | "meter" => dynamic(content),
        "mangle" => mangle(content),
        "notrack" => vec![Statement::NoTrack],
        "dnat" | "redirect" => translation(kind, content),
        "snat" | "masquerade" => vec![Statement::Translate(Translation::Source)],
        // Nothing that happens to the packet, or only to one that is let in anyway. A `map` statement adds an element.
        "counter" | "log" | "map" | "quota" | "ct helper" | "ct timeout" | "ct expectation" | "secmark" | "last" => {
            nothing(kind, content)
        }
        // What iptables-nft keeps beside a rule, such as its comment.
        "comment" => Vec::new(),
        _ => match verdict(kind, content) {
            Some(verdict) => vec![Statement::Verdict(verdict)],
            None => vec![unknown(kind, expression)],
        },
    }
}

fn nothing(kind: &str, content: &Json) -> Vec<Statement> {
    match kind {
        "quota" => vec![Statement::Limit { over: content["inv"] == true, words: "a quota of bytes".to_owned() }],
        _ => Vec::new(),
    }
}

/// Of an extension of iptables only its name is listed, and whether it is a match or a target.
fn unknown(kind: &str, expression: &Json) -> Statement {
    let words = words::of(expression);
    let is_match = kind == "xt" && expression["xt"]["type"] == "match";
    if is_match { Statement::UnknownMatch(words) } else { Statement::UnknownAct(words) }
}

pub(super) fn verdict(kind: &str, content: &Json) -> Option<Verdict> {
    let target = || content["target"].as_str().map(str::to_owned);
    Some(match kind {
        "accept" => Verdict::Accept,
        "drop" => Verdict::Drop,
        "reject" => Verdict::Reject,
        "return" => Verdict::Return,
        "continue" => Verdict::Continue,
        "queue" => Verdict::Queue,
        "jump" => Verdict::Jump(target()?),
        "goto" => Verdict::GoTo(target()?),
        _ => return None,
    })
}

fn map(content: &Json) -> Vec<Statement> {
    let key = &content["key"];
    let parts = key["concat"].as_array().map_or(std::slice::from_ref(key), Vec::as_slice);
    let Some((families, keys)) = compare::keys(parts) else {
        return vec![Statement::UnknownAct(words::map(content))];
    };
    let entries = content["data"]["set"].as_array();
    let entries = entries.and_then(|list| list.iter().map(|entry| map_entry(&keys, entry)).collect());
    families.into_iter().chain([Statement::Map { keys, entries }]).collect()
}

fn map_entry(keys: &[Key], entry: &Json) -> Option<(Vec<Value>, Verdict)> {
    let [left, right] = entry.as_array()?.as_slice() else { return None };
    let (kind, content) = right.as_object()?.iter().next()?;
    Some((value::tuple(keys, left)?, verdict(kind, content)?))
}

/// An element is added to a set; with a statement, the rule goes on as that says.
fn dynamic(content: &Json) -> Vec<Statement> {
    let statements = match &content["stmt"] {
        Json::Array(list) => list.clone(),
        Json::Null => Vec::new(),
        single => vec![single.clone()],
    };
    statements.iter().flat_map(read).collect()
}

fn mangle(content: &Json) -> Vec<Statement> {
    let (key, value) = (&content["key"], &content["value"]);
    let (is_mark, is_connection) = (key["meta"]["key"] == "mark", key["ct"]["key"] == "mark");
    if is_mark && value["ct"]["key"] == "mark" {
        return vec![Statement::RestoreMark];
    }
    if is_connection && value["meta"]["key"] == "mark" {
        return vec![Statement::SaveMark];
    }
    match (is_mark || is_connection, bits(key, value)) {
        (true, Some((mask, value))) if is_mark => vec![Statement::SetMark { mask, value }],
        (true, Some((mask, value))) => vec![Statement::SetConnectionMark { mask, value }],
        (true, None) => vec![Statement::LoseMarks],
        (false, _) if changes_the_way(key) => vec![Statement::UnknownAct(words::mangle(content))],
        (false, _) => Vec::new(),
    }
}

fn changes_the_way(key: &Json) -> bool {
    let field = key["payload"]["field"].as_str();
    key.get("payload").is_some() && !matches!(field, Some("dscp" | "ttl" | "hoplimit" | "ecn" | "checksum"))
}

/// How a mark is made of itself: which bits are cleared, and which are turned over then.
fn bits(key: &Json, value: &Json) -> Option<(u32, u32)> {
    let number = |json: &Json| u32::try_from(json.as_u64()?).ok();
    if value == key {
        return Some((0, 0));
    }
    if let Some(constant) = number(value) {
        return Some((u32::MAX, constant));
    }
    let (op, parts) = value.as_object()?.iter().next()?;
    let [left, right] = parts.as_array()?.as_slice() else { return None };
    let ((mask, flips), constant) = (bits(key, left)?, number(right)?);
    Some(match op.as_str() {
        "&" => (mask | !constant, flips & constant),
        "|" => (mask | constant, (flips & !constant) | constant),
        "^" => (mask, flips ^ constant),
        _ => return None,
    })
}

fn translation(kind: &str, content: &Json) -> Vec<Statement> {
    let read = || {
        let port = match &content["port"] {
            Json::Null => None,
            given => Some(first_port(given)?),
        };
        if kind == "redirect" {
            return Some(Translation::Redirect { port });
        }
        let address = match &content["addr"] {
            Json::Null => None,
            given => Some(given.as_str()?.parse::<IpAddr>().ok()?),
        };
        Some(Translation::Destination { address, port })
    };
    match read() {
        Some(translation) => vec![Statement::Translate(translation)],
        None => vec![Statement::UnknownAct(words::translation(kind, content))],
    }
}

fn first_port(json: &Json) -> Option<u16> {
    let number = json["range"].as_array().and_then(|range| range.first()).unwrap_or(json);
    u16::try_from(number.as_u64()?).ok()
}
