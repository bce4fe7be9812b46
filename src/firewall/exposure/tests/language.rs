//! Tables in few words, for tests.

use crate::firewall::{
    AddressRange, Family,
    foreign::{
        Base, Chain, Foreign, Hook, Key, Kind, Members, Operand, Rule, Set, Span, Statement, Table, Translation,
        Verdict,
    },
    nft::Value,
};

/// Reads lines: `table inet name`, `set name [addresses]`, `chain name [kind hook priority policy]`, and rules.
pub(super) fn foreign(text: &str) -> Foreign {
    let mut tables: Vec<Table> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["table", span, name] => tables.push(Table {
                span: span_of(span),
                name: (*name).to_owned(),
                is_dormant: false,
                chains: Vec::new(),
                sets: Vec::new(),
            }),
            ["set", name, members @ ..] => tables.last_mut().unwrap().sets.push(set(name, members)),
            ["chain", name, base @ ..] => {
                let chain = Chain { name: (*name).to_owned(), base: base_of(base), rules: Vec::new() };
                tables.last_mut().unwrap().chains.push(chain);
            }
            words => {
                let rule = Rule { statements: statements(words), words: line.to_owned() };
                tables.last_mut().unwrap().chains.last_mut().unwrap().rules.push(rule);
            }
        }
    }
    Foreign { tables, unreadable: Vec::new() }
}

fn span_of(word: &str) -> Span {
    match word {
        "ip" => Span::One(Family::V4),
        "ip6" => Span::One(Family::V6),
        "inet" => Span::Both,
        "netdev" => Span::Device,
        "bridge" => Span::Bridge,
        other => panic!("{other}"),
    }
}

fn set(name: &str, members: &[&str]) -> Set {
    let ranges: Vec<AddressRange> = members.iter().map(|text| AddressRange::parse(text).unwrap()).collect();
    let members = if ranges.is_empty() { Members::Unread } else { Members::Addresses(ranges) };
    Set { name: name.to_owned(), members }
}

fn base_of(words: &[&str]) -> Option<Base> {
    let [kind, hook, priority, policy, devices @ ..] = words else { return None };
    let kind = match *kind {
        "nat" => Kind::Nat,
        "route" => Kind::Route,
        _ => Kind::Filter,
    };
    let hook = match *hook {
        "ingress" => Hook::Ingress,
        "prerouting" => Hook::Prerouting,
        "input" => Hook::Input,
        "forward" => Hook::Forward,
        "output" => Hook::Output,
        "postrouting" => Hook::Postrouting,
        other => panic!("{other}"),
    };
    let devices = devices.iter().map(|&name| name.to_owned()).collect();
    Some(Base { kind, hook, priority: priority.parse().unwrap(), accepts: *policy == "accept", devices })
}

fn statements(words: &[&str]) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut rest = words;
    while let [word, others @ ..] = rest {
        let (statement, taken) = statement(word, others);
        statements.push(statement);
        rest = &others[taken..];
    }
    statements
}

fn statement(word: &str, others: &[&str]) -> (Statement, usize) {
    let next = || others[0].to_owned();
    let verdict = |verdict| Statement::Verdict(verdict);
    match word {
        "accept" => (verdict(Verdict::Accept), 0),
        "drop" => (verdict(Verdict::Drop), 0),
        "reject" => (verdict(Verdict::Reject), 0),
        "return" => (verdict(Verdict::Return), 0),
        "queue" => (verdict(Verdict::Queue), 0),
        "jump" => (verdict(Verdict::Jump(next())), 1),
        "goto" => (verdict(Verdict::GoTo(next())), 1),
        "unknown" => (Statement::UnknownMatch(next()), 1),
        "act" => (Statement::UnknownAct(next()), 1),
        "notrack" => (Statement::NoTrack, 0),
        "within" => (Statement::Limit { over: false, words: next() }, 1),
        "above" => (Statement::Limit { over: true, words: next() }, 1),
        "mark=" => (Statement::SetMark { mask: u32::MAX, value: next().parse().unwrap() }, 1),
        "redirect" => (Statement::Translate(Translation::Redirect { port: next().parse().ok() }), 1),
        "masquerade" => (Statement::Translate(Translation::Source), 0),
        "dnat" => {
            let (address, port) = others[0].rsplit_once('>').unwrap();
            let translation = Translation::Destination { address: address.parse().ok(), port: port.parse().ok() };
            (Statement::Translate(translation), 1)
        }
        "map" => map(others),
        key => compare(key, others),
    }
}

/// `map tcp 80:accept 81:drop;`.
fn map(others: &[&str]) -> (Statement, usize) {
    let end = others.iter().position(|word| *word == ";").unwrap();
    let key = key_of(others[0]);
    let entries = others[1..end].iter().map(|entry| {
        let (value, act) = entry.rsplit_once('=').unwrap();
        let Statement::Verdict(verdict) = statement(act, &[]).0 else { panic!("{act}") };
        (vec![value_of(key, value)], verdict)
    });
    (Statement::Map { keys: vec![key], entries: Some(entries.collect()) }, end + 1)
}

fn key_of(word: &str) -> Key {
    match word {
        "iif" => Key::InputInterface,
        "oif" => Key::OutputInterface,
        "saddr" => Key::Source(Family::V4),
        "saddr6" => Key::Source(Family::V6),
        "daddr" => Key::Destination(Family::V4),
        "daddr6" => Key::Destination(Family::V6),
        "tcp" => Key::DestinationPort(Some(6)),
        "udp" => Key::DestinationPort(Some(17)),
        "port" => Key::DestinationPort(None),
        "sport" => Key::SourcePort(None),
        "protocol" => Key::Protocol,
        "state" => Key::State,
        "status" => Key::Status,
        "mark" => Key::Mark(u32::MAX),
        "to" => Key::DestinationType,
        "asked" => Key::OriginalPort,
        "icmp" => Key::IcmpType(Family::V4),
        "icmp6" => Key::IcmpType(Family::V6),
        other => panic!("{other}"),
    }
}

fn value_of(key: Key, text: &str) -> Value {
    match key {
        Key::Source(_) | Key::Destination(_) => Value::Addresses(AddressRange::parse(text).unwrap()),
        Key::InputInterface | Key::OutputInterface | Key::State | Key::Status | Key::DestinationType => {
            Value::word(text)
        }
        _ => match text.split_once('-') {
            Some((first, last)) => Value::Numbers(first.parse().unwrap(), last.parse().unwrap()),
            None => Value::Number(text.parse().unwrap()),
        },
    }
}

/// `tcp 80,443`, `saddr not 10.0.0.0/8`, `saddr @set`.
fn compare(key: &str, others: &[&str]) -> (Statement, usize) {
    let key = key_of(key);
    let is_not = others[0] == "not";
    let value = others[usize::from(is_not)];
    let operand = match value.strip_prefix('@') {
        Some(name) => Operand::Set(name.to_owned()),
        None => Operand::Any(value.split(',').map(|text| value_of(key, text)).collect()),
    };
    (Statement::Match { key, is_not, operand }, 1 + usize::from(is_not))
}
