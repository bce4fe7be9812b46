//! What a rule matches, as alternatives of which each is one kernel rule.

use std::collections::BTreeSet;

use super::sets;
use crate::firewall::{
    AddressRange, CheckedRuleset, Direction, Family, Moment, Peer, PortRange, Rule, Targets,
    addr::merge,
    nft::{Comparison, Key, Operand, Statement, Value},
};

/// Statements that all must match, in the one family they are about, if they are about one.
type Alternative = (Option<Family>, Vec<Statement>);

/// All ways to match a rule. None of them is tried twice, but a packet may match several.
pub(super) fn alternatives(rule: &Rule, checked: &CheckedRuleset) -> Vec<Vec<Statement>> {
    let mut found = Vec::new();
    let (interfaces, in_time) = (interfaces(rule), in_time(rule));
    for (who_family, who) in who(rule) {
        for (at_family, at) in at(rule) {
            for (to_family, to) in to(rule, checked) {
                if agree([who_family, at_family, to_family]) {
                    found.push(interfaces.iter().chain(&who).chain(&at).chain(&to).chain(&in_time).cloned().collect());
                }
            }
        }
    }
    found
}

/// Whether no two of them contradict each other.
fn agree(families: [Option<Family>; 3]) -> bool {
    let mut named = families.into_iter().flatten();
    let first = named.next();
    named.all(|family| Some(family) == first)
}

fn interfaces(rule: &Rule) -> Option<Statement> {
    let key = match rule.direction {
        Direction::In | Direction::Forward => Key::InputInterface,
        Direction::Out => Key::OutputInterface,
    };
    let mut names: Vec<Value> = rule.interfaces.iter().map(|name| Value::word(name.as_str())).collect();
    names.sort();
    names.dedup();
    one_of(key, names)
}

fn who(rule: &Rule) -> Vec<Alternative> {
    let key = |family| match rule.direction {
        Direction::In | Direction::Forward => Key::Source(family),
        Direction::Out => Key::OriginalDestination(family),
    };
    if rule.who.is_empty() {
        return vec![(None, Vec::new())];
    }
    let ranges: Vec<AddressRange> = rule
        .who
        .iter()
        .filter_map(|peer| match peer {
            Peer::Addresses(range) => Some(*range),
            Peer::List(_) | Peer::OwnNetworks => None,
        })
        .collect();
    let mut found = addresses(&ranges, key);
    for family in Family::BOTH {
        for peer in &rule.who {
            let set = match peer {
                Peer::Addresses(_) => continue,
                Peer::List(name) => sets::list(name.as_str(), family),
                Peer::OwnNetworks => sets::own(family),
            };
            found.push((Some(family), vec![Statement::Match(key(family), Comparison::Is, Operand::Set(set))]));
        }
    }
    found
}

fn at(rule: &Rule) -> Vec<Alternative> {
    let key = |family| match rule.direction {
        Direction::In | Direction::Forward => Key::OriginalDestination(family),
        Direction::Out => Key::Source(family),
    };
    if rule.at.is_empty() { vec![(None, Vec::new())] } else { addresses(&rule.at, key) }
}

fn addresses(ranges: &[AddressRange], key: impl Fn(Family) -> Key) -> Vec<Alternative> {
    let of = |family| {
        let values = merge(ranges, family).into_iter().map(Value::Addresses).collect();
        one_of(key(family), values).map(|statement| (Some(family), vec![statement]))
    };
    Family::BOTH.into_iter().filter_map(of).collect()
}

fn to(rule: &Rule, checked: &CheckedRuleset) -> Vec<Alternative> {
    if rule.to.is_empty() {
        return vec![(None, Vec::new())];
    }
    let targets = Targets::resolve(&rule.to, |name| checked.ports_of(name));
    let mut found = Vec::new();
    if targets.tcp == targets.udp {
        found.extend(with_ports(&[6, 17], &targets.tcp));
    } else {
        found.extend(with_ports(&[6], &targets.tcp));
        found.extend(with_ports(&[17], &targets.udp));
    }
    for (family, types) in [(Family::V4, &targets.icmp), (Family::V6, &targets.icmpv6)] {
        let types = one_of(Key::IcmpType(family), numbers(types));
        found.extend(types.map(|statement| (Some(family), vec![statement])));
    }
    found.extend(one_of(Key::Protocol, numbers(&targets.protocols)).map(|statement| (None, vec![statement])));
    found
}

fn with_ports(protocols: &[u8], ports: &[PortRange]) -> Option<Alternative> {
    let protocol = one_of(Key::Protocol, protocols.iter().copied().map(Value::from).collect())?;
    let ports = one_of(Key::OriginalPort, ports.iter().copied().map(Value::from).collect())?;
    Some((None, vec![protocol, ports]))
}

fn numbers(numbers: &BTreeSet<u8>) -> Vec<Value> {
    numbers.iter().copied().map(Value::from).collect()
}

/// The kernel compares with its own clock, so the rule begins and ends even if nobody is there to change it.
fn in_time(rule: &Rule) -> Vec<Statement> {
    let compared = |comparison, moment: Moment| {
        let seconds = u64::try_from(moment.as_millis().div_euclid(1000)).unwrap_or(0);
        Statement::Match(Key::Time, comparison, Operand::One(Value::Number(seconds)))
    };
    let start = rule.starts_at.map(|moment| compared(Comparison::From, moment));
    start.into_iter().chain(rule.expires_at.map(|moment| compared(Comparison::Before, moment))).collect()
}

fn one_of(key: Key, mut values: Vec<Value>) -> Option<Statement> {
    let operand = match values.len() {
        0 => return None,
        1 => Operand::One(values.remove(0)),
        _ => Operand::Any(values),
    };
    Some(Statement::Match(key, Comparison::Is, operand))
}

/// A range that is written in the source.
pub(super) fn constant(text: &str) -> AddressRange {
    AddressRange::parse(text).expect("a constant of the right form")
}
