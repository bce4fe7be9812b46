//! From nft's JSON to the model.

mod act;
mod compare;
mod key;
mod value;
mod words;

use serde_json::Value as Json;

use super::{Base, Chain, Foreign, Hook, Kind, Members, Rule, Set, Span, Table};
use crate::firewall::Family;

pub(super) fn read(listing: &Json) -> Foreign {
    let mut foreign = Foreign::default();
    for object in listing["nftables"].as_array().into_iter().flatten() {
        // A listing has the objects alone, a transaction has them with what to do with them.
        let object = object.get("add").unwrap_or(object);
        if let Some((kind, content)) = object.as_object().and_then(|object| object.iter().next()) {
            add(&mut foreign, kind, content);
        }
    }
    foreign
}

fn add(foreign: &mut Foreign, kind: &str, content: &Json) {
    let read = match kind {
        "table" => add_table(foreign, content),
        "chain" => add_chain(foreign, content),
        "rule" => add_rule(foreign, content),
        "set" | "map" => add_set(foreign, content),
        // What is declared beside them has no say before a rule names it.
        _ => Some(()),
    };
    // ARP tables see no packet that is asked about here, and their chains have no table of ours to be in.
    if read.is_none() && content["family"] != "arp" {
        let place = ["family", "table", "name"].map(|name| text(&content[name])).join(" ");
        foreign.unreadable.push(format!("{kind} {}", place.trim()));
    }
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

fn span(content: &Json) -> Option<Span> {
    Some(match content["family"].as_str()? {
        "ip" => Span::One(Family::V4),
        "ip6" => Span::One(Family::V6),
        "inet" => Span::Both,
        "netdev" => Span::Device,
        "bridge" => Span::Bridge,
        _ => return None,
    })
}

fn add_table(foreign: &mut Foreign, content: &Json) -> Option<()> {
    let name = content["name"].as_str()?.to_owned();
    // A table with the flag is there and does nothing.
    let is_dormant = content["flags"] == "dormant"
        || content["flags"].as_array().is_some_and(|flags| flags.iter().any(|flag| flag == "dormant"));
    let table = Table { span: span(content)?, name, is_dormant, chains: Vec::new(), sets: Vec::new() };
    foreign.tables.push(table);
    Some(())
}

fn table<'a>(foreign: &'a mut Foreign, content: &Json) -> Option<&'a mut Table> {
    let (span, name) = (span(content)?, content["table"].as_str()?);
    foreign.tables.iter_mut().find(|table| table.span == span && table.name == name)
}

fn add_chain(foreign: &mut Foreign, content: &Json) -> Option<()> {
    let chain = chain(content)?;
    table(foreign, content)?.chains.push(chain);
    Some(())
}

fn chain(content: &Json) -> Option<Chain> {
    let base = match content.get("hook") {
        Some(hook) => Some(base(content, hook.as_str()?)?),
        None => None,
    };
    Some(Chain { name: content["name"].as_str()?.to_owned(), base, rules: Vec::new() })
}

fn base(content: &Json, hook: &str) -> Option<Base> {
    let hook = match hook {
        "ingress" => Hook::Ingress,
        "prerouting" => Hook::Prerouting,
        "input" => Hook::Input,
        "forward" => Hook::Forward,
        "output" => Hook::Output,
        "postrouting" => Hook::Postrouting,
        "egress" => Hook::Egress,
        _ => return None,
    };
    let kind = match content["type"].as_str()? {
        "filter" => Kind::Filter,
        "nat" => Kind::Nat,
        "route" => Kind::Route,
        _ => return None,
    };
    let devices = match &content["dev"] {
        Json::String(name) => vec![name.clone()],
        Json::Array(names) => names.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let priority = i32::try_from(content["prio"].as_i64()?).ok()?;
    Some(Base { kind, hook, priority, accepts: content["policy"] != "drop", devices })
}

fn add_rule(foreign: &mut Foreign, content: &Json) -> Option<()> {
    let table = table(foreign, content)?;
    let name = content["chain"].as_str()?;
    let chain = table.chains.iter_mut().find(|chain| chain.name == name)?;
    let expressions = content["expr"].as_array()?;
    let statements = expressions.iter().flat_map(act::read).collect();
    let mut words = words::line(expressions);
    if let Some(comment) = content["comment"].as_str() {
        words = format!("{words} comment \"{comment}\"");
    }
    chain.rules.push(Rule { statements, words });
    Some(())
}

fn add_set(foreign: &mut Foreign, content: &Json) -> Option<()> {
    let name = content["name"].as_str()?.to_owned();
    table(foreign, content)?.sets.push(Set { name, members: Members::Unread });
    Some(())
}

#[cfg(test)]
mod tests;
