//! The matches of extensions.

use super::{
    connection,
    pieces::Choice,
    recent,
    value::{self, is, never},
};
use crate::firewall::{
    Family,
    foreign::{Key, Operand, Statement},
    nft::Value,
};

/// Matches whose options say something each for itself. Without any, they only repeat the protocol that the rule names.
const EACH_ALONE: [&str; 15] = [
    "addrtype",
    "conntrack",
    "connmark",
    "dccp",
    "icmp",
    "icmp6",
    "iprange",
    "mark",
    "multiport",
    "pkttype",
    "sctp",
    "set",
    "state",
    "tcp",
    "udp",
];

/// What a rule is about, as far as a match needs to know.
#[derive(Clone, Copy)]
pub(super) struct About {
    /// The tables' family.
    pub(super) family: Family,
    /// Whether the rule does nothing but keep something out.
    pub(super) is_refusal: bool,
}

/// The statements of a match, by its options and what is left of its words. What isn't understood is among them as words.
pub(super) fn read(about: About, name: &str, choices: &[Choice], rest: &[String]) -> Vec<Statement> {
    let mut statements = read_known(about, name, choices);
    if !rest.is_empty() && statements != [never()] {
        statements.retain(|statement| *statement != unknown(name, &[]));
        statements.push(Statement::UnknownMatch(format!("{name} {}", rest.join(" "))));
    }
    statements
}

fn read_known(about: About, name: &str, choices: &[Choice]) -> Vec<Statement> {
    let whole = |read: Option<Vec<Statement>>| read.unwrap_or_else(|| vec![unknown(name, choices)]);
    match name {
        "comment" | "nfacct" => Vec::new(),
        "recent" => whole(recent::read(choices)),
        "rpfilter" => whole(reverse_path(choices)),
        "limit" => vec![Statement::Limit { over: false, words: rate(choices, "--limit") }],
        "hashlimit" => whole(hash_limit(choices)),
        "connlimit" => whole(connection_limit(choices)),
        "addrtype" if choices.iter().any(|choice| choice.name.starts_with("--limit")) => vec![unknown(name, choices)],
        // No packet of an ordinary sender has these headers. Who lets them in may let in anything.
        "rt" | "frag" | "hbh" | "dst" | "mh" | "ipv6header" if about.is_refusal => vec![never()],
        _ if EACH_ALONE.contains(&name) => choices.iter().flat_map(|choice| one(about.family, name, choice)).collect(),
        _ => vec![unknown(name, choices)],
    }
}

fn unknown(name: &str, choices: &[Choice]) -> Statement {
    let words = choices.iter().map(Choice::words);
    Statement::UnknownMatch([name.to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" "))
}

fn one(family: Family, name: &str, choice: &Choice) -> Vec<Statement> {
    if choice.name == "--icmp-type" || choice.name == "--icmpv6-type" {
        return icmp(family, choice);
    }
    let read = match name {
        "tcp" | "udp" | "sctp" | "dccp" | "multiport" => ports(name, choice),
        "conntrack" | "state" => connection::read(family, choice),
        "set" => set(family, choice),
        _ => simple(family, name, choice),
    };
    vec![read.unwrap_or_else(|| unknown(name, std::slice::from_ref(choice)))]
}

fn ports(name: &str, choice: &Choice) -> Option<Statement> {
    let protocol = value::protocol(name);
    let key = match choice.name.as_str() {
        "--sport" | "--sports" => Key::SourcePort(protocol),
        "--dport" | "--dports" => Key::DestinationPort(protocol),
        "--tcp-flags" => return flags(choice),
        _ => return None,
    };
    Some(is(key, choice.is_not, value::numbers(choice.value())?))
}

fn flags(choice: &Choice) -> Option<Statement> {
    let [mask, set] = choice.values.as_slice() else { return None };
    let (mask, set) = (flag_bits(mask)?, flag_bits(set)?);
    Some(is(Key::TcpFlags(mask), choice.is_not, vec![Value::from(set)]))
}

fn flag_bits(text: &str) -> Option<u8> {
    text.split(',').try_fold(0, |bits, flag| {
        Some(
            bits | match flag {
                "FIN" => 1,
                "SYN" => 2,
                "RST" => 4,
                "PSH" => 8,
                "ACK" => 16,
                "URG" => 32,
                "ALL" => 63,
                "NONE" => 0,
                _ => return None,
            },
        )
    })
}

/// A type, or a type and a code, of which nothing is known of a packet.
fn icmp(family: Family, choice: &Choice) -> Vec<Statement> {
    if choice.value() == "any" && !choice.is_not {
        return Vec::new();
    }
    let (kind, code) = choice.value().split_once('/').map_or((choice.value(), None), |(kind, code)| (kind, Some(code)));
    let words = || Statement::UnknownMatch(choice.words());
    let Ok(kind) = kind.parse::<u8>() else { return vec![words()] };
    match code {
        None => vec![is(Key::IcmpType(family), choice.is_not, vec![Value::from(kind)])],
        Some(_) if choice.is_not => vec![words()],
        Some(_) => vec![is(Key::IcmpType(family), false, vec![Value::from(kind)]), words()],
    }
}

/// An ipset. What is compared with its members, its type says, which isn't known here: the source alone stands almost
/// always for an address.
fn set(family: Family, choice: &Choice) -> Option<Statement> {
    match choice.values.as_slice() {
        [name, flags] if flags == "src" => {
            let (key, is_not) = (Key::Source(family), choice.is_not);
            Some(Statement::Match { key, is_not, operand: Operand::Set(name.clone()) })
        }
        _ => None,
    }
}

fn simple(family: Family, name: &str, choice: &Choice) -> Option<Statement> {
    let (value, is_not) = (choice.value(), choice.is_not);
    let range = |key| Some(is(key, is_not, vec![Value::Addresses(value::range(family, value)?)]));
    let mark = |key: fn(u32) -> Key| {
        let (number, mask) = value::masked(value)?;
        Some(is(key(mask), is_not, vec![Value::Number(number.into())]))
    };
    match (name, choice.name.as_str()) {
        ("addrtype", "--src-type") => Some(is(Key::SourceType, is_not, value::words(value))),
        ("addrtype", "--dst-type") => Some(is(Key::DestinationType, is_not, value::words(value))),
        ("mark", "--mark") => mark(Key::Mark),
        ("connmark", "--mark") => mark(Key::ConnectionMark),
        ("iprange", "--src-range") => range(Key::Source(family)),
        ("iprange", "--dst-range") => range(Key::Destination(family)),
        ("pkttype", "--pkt-type") => {
            let word = if value == "unicast" { "host" } else { value };
            Some(is(Key::PacketType, is_not, vec![Value::word(word)]))
        }
        _ => None,
    }
}

/// Whether the source could be answered the way the packet came. Without regard for the interface that says little.
fn reverse_path(choices: &[Choice]) -> Option<Vec<Statement>> {
    let has = |name: &str| choices.iter().any(|choice| choice.name == name);
    (!has("--loose")).then(|| vec![is(Key::ReversePath, false, vec![Value::Flag(!has("--invert"))])])
}

fn rate(choices: &[Choice], name: &str) -> String {
    choices.iter().find(|choice| choice.name == name).map_or_else(String::new, |choice| choice.value().to_owned())
}

fn hash_limit(choices: &[Choice]) -> Option<Vec<Statement>> {
    limit(choices, "--hashlimit-upto", "--hashlimit-above")
}

fn connection_limit(choices: &[Choice]) -> Option<Vec<Statement>> {
    limit(choices, "--connlimit-upto", "--connlimit-above")
}

fn limit(choices: &[Choice], upto: &str, above: &str) -> Option<Vec<Statement>> {
    let choice = choices.iter().find(|choice| [upto, above].contains(&choice.name.as_str()))?;
    let over = (choice.name == above) != choice.is_not;
    Some(vec![Statement::Limit { over, words: choice.value().to_owned() }])
}
