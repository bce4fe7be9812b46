//! A listing of nft 1.0.6 with an example of each kind of rule, and what is made of it.

use super::*;
use crate::firewall::{
    foreign::{Key, Operand, Statement, Translation, Verdict},
    nft::Value,
};

fn listing() -> Foreign {
    read(&serde_json::from_str(include_str!("listing.json")).unwrap())
}

fn rules() -> Vec<Rule> {
    listing().tables.into_iter().flat_map(|table| table.chains).flat_map(|chain| chain.rules).collect()
}

#[test]
fn tables_chains_and_sets_are_all_there() {
    let listing = listing();
    assert_eq!(listing.unreadable, Vec::<String>::new());
    let spans: Vec<Span> = listing.tables.iter().map(|table| table.span).collect();
    assert_eq!(spans, [Span::Both, Span::Device, Span::One(Family::V6)]);
    let sets: Vec<&str> = listing.tables[0].sets.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(sets, ["s", "fixed", "m", "big"]);
    let base = |name: &str| listing.tables[0].chains.iter().find(|chain| chain.name == name).unwrap().base.clone();
    assert_eq!(base("x"), None);
    let nat = Base { kind: Kind::Nat, hook: Hook::Prerouting, priority: -100, accepts: true, devices: Vec::new() };
    assert_eq!(base("n"), Some(nat));
    assert!(!base("c").unwrap().accepts);
}

#[test]
fn only_what_nobody_can_know_is_not_understood() {
    let mut unknown: Vec<String> = rules()
        .iter()
        .flat_map(|rule| &rule.statements)
        .filter_map(|statement| match statement {
            Statement::UnknownMatch(words) | Statement::UnknownAct(words) => Some(words.clone()),
            _ => None,
        })
        .collect();
    unknown.sort_unstable();
    let expected = [
        "dnat to 10.0.0.5-10.0.0.6",
        "dnat to map data { 0 : 1.1.1.1, 1 : 2.2.2.2 }",
        "dnat to map data { 80 : 10.0.0.1 . 8080 }",
        "dnat to map data { 80 : 10.0.0.1, 81 : 10.0.0.2 }",
        "ip ttl 5",
        "meta day Monday",
        "meta skuid 0",
        "socket key transparent 1",
    ];
    assert_eq!(unknown, expected);
}

fn one_of(key: Key, value: Value) -> Statement {
    Statement::Match { key, is_not: false, operand: Operand::Any(vec![value]) }
}

#[test]
fn rules_mean_what_nft_prints() {
    let rules = rules();
    let statements = |words: &str| {
        let found = rules.iter().find(|rule| rule.words == words);
        found.unwrap_or_else(|| panic!("{words}")).statements.clone()
    };
    let accept = Statement::Verdict(Verdict::Accept);
    let drop = Statement::Verdict(Verdict::Drop);
    let syn = one_of(Key::TcpFlags(0x17), Value::Number(2));
    let translation = Translation::Destination { address: Some("10.0.0.5".parse().unwrap()), port: Some(80) };
    for (words, expected) in [
        ("iif lo accept", vec![one_of(Key::InputInterface, Value::word("lo")), accept.clone()]),
        ("tcp flags & fin,syn,rst,ack syn accept", vec![syn, accept.clone()]),
        ("meta mark & 255 1 accept", vec![one_of(Key::Mark(255), Value::Number(1)), accept.clone()]),
        ("meta mark set meta mark | 16", vec![Statement::SetMark { mask: 16, value: 16 }]),
        ("limit rate 3/minute accept", vec![Statement::Limit { over: false, words: "3/minute".to_owned() }, accept]),
        (
            "tcp dport 1 dnat to 10.0.0.5:80",
            vec![one_of(Key::DestinationPort(Some(6)), Value::Number(1)), Statement::Translate(translation)],
        ),
        ("fib saddr . iif oif false drop", vec![one_of(Key::ReversePath, Value::Flag(false)), drop]),
        ("@s", Vec::new()),
    ] {
        assert_eq!(statements(words), expected, "{words}");
    }
}
