//! What rules name, whoever they are for.

use std::{net::IpAddr, ops::RangeInclusive};

use crate::firewall::{
    AddressRange,
    foreign::{Hook, Key, Members, Operand, Rule, Statement, Table, Translation},
    nft::Value,
};

/// A rule that gives packets another destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Translated {
    /// The protocol it is for, if it names one.
    pub(super) protocol: Option<u64>,
    /// The addresses it is for, if it names some.
    pub(super) addresses: Vec<AddressRange>,
    /// The ports it is for; none if it names none.
    pub(super) ports: Vec<RangeInclusive<u16>>,
    /// The new address; none if it is this host's own.
    pub(super) address: Option<IpAddr>,
    /// The new port, if it is another one.
    pub(super) port: Option<u16>,
}

/// The addresses that rules compare a destination with.
pub(super) fn destinations(table: &Table) -> impl Iterator<Item = AddressRange> {
    let is_destination = |key: &Key| matches!(key, Key::Destination(_) | Key::OriginalDestination(_));
    let compared = table.chains.iter().flat_map(|chain| &chain.rules).flat_map(|rule| &rule.statements);
    compared
        .flat_map(move |statement| match statement {
            Statement::Match { key, operand: Operand::Any(values), .. } if is_destination(key) => values.clone(),
            Statement::Match { key, operand: Operand::Set(name), .. } if is_destination(key) => members(table, name),
            Statement::Lookup { keys, members: Some(members), .. } if keys.iter().any(is_destination) => {
                members.concat()
            }
            Statement::Lookup { keys, members: None, set, .. } if keys.iter().any(is_destination) => {
                members(table, set)
            }
            Statement::Map { keys, entries: Some(entries) } if keys.iter().any(is_destination) => {
                entries.iter().flat_map(|(values, _)| values.clone()).collect()
            }
            _ => Vec::new(),
        })
        .filter_map(|value| match value {
            Value::Addresses(range) => Some(range),
            _ => None,
        })
}

fn members(table: &Table, name: &str) -> Vec<Value> {
    match table.sets.iter().find(|set| set.name == name).map(|set| &set.members) {
        Some(Members::Addresses(ranges)) => ranges.iter().copied().map(Value::Addresses).collect(),
        Some(Members::Tuples(tuples)) => tuples.concat(),
        Some(Members::Unread) | None => Vec::new(),
    }
}

/// The translations of a destination.
pub(super) fn translated(table: &Table) -> impl Iterator<Item = Translated> {
    table.chains.iter().flat_map(|chain| &chain.rules).filter_map(translation)
}

fn translation(rule: &Rule) -> Option<Translated> {
    let (address, port) = rule.statements.iter().find_map(|statement| match statement {
        Statement::Translate(Translation::Destination { address, port }) => Some((*address, *port)),
        Statement::Translate(Translation::Redirect { port }) => Some((None, *port)),
        _ => None,
    })?;
    let mut found = Translated { protocol: None, addresses: Vec::new(), ports: Vec::new(), address, port };
    for statement in &rule.statements {
        let Statement::Match { key, is_not: false, operand: Operand::Any(values) } = statement else { continue };
        match (key, values.as_slice()) {
            (Key::Protocol, [Value::Number(number)]) => found.protocol = Some(*number),
            (Key::DestinationPort(protocol) | Key::SourcePort(protocol), _) => {
                found.protocol = protocol.map(u64::from).or(found.protocol);
                if matches!(key, Key::DestinationPort(_)) {
                    found.ports = values.iter().filter_map(ports).collect();
                }
            }
            (Key::Destination(_), _) => found.addresses = values.iter().filter_map(addresses).collect(),
            _ => {}
        }
    }
    Some(found)
}

fn ports(value: &Value) -> Option<RangeInclusive<u16>> {
    let (first, last) = value.span();
    Some(u16::try_from(first).ok()?..=u16::try_from(last).unwrap_or(u16::MAX))
}

fn addresses(value: &Value) -> Option<AddressRange> {
    match value {
        Value::Addresses(range) => Some(*range),
        _ => None,
    }
}

/// The networks whose source addresses are hidden when their packets leave.
pub(super) fn masked(table: &Table) -> impl Iterator<Item = AddressRange> {
    let leaving =
        table.chains.iter().filter(|chain| chain.base.as_ref().is_none_or(|base| base.hook == Hook::Postrouting));
    let hides = |rule: &&Rule| rule.statements.contains(&Statement::Translate(Translation::Source));
    leaving.flat_map(|chain| &chain.rules).filter(hides).flat_map(|rule| {
        rule.statements.iter().flat_map(|statement| match statement {
            Statement::Match { key: Key::Source(_), is_not: false, operand: Operand::Any(values) } => {
                values.iter().filter_map(addresses).collect()
            }
            _ => Vec::new(),
        })
    })
}
