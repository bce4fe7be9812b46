//! Random tables: what is said of every port is what the kernel really does.

use std::fmt::Write as _;

use portreeve::firewall::exposure::Origin;

use super::{
    hosts::SOCKETS,
    town::Town,
    visit::{Seen, differences},
};
use crate::simulate::generate::{Random, seeds};

const MATCHES: [&str; 44] = [
    "ip saddr 198.51.100.7",
    "ip saddr 198.51.100.0/24",
    "ip saddr != 198.51.100.200",
    "ip saddr { 198.51.100.200, 192.168.7.0/24 }",
    "ip saddr != { 198.51.100.192/26, 172.17.0.0/16 }",
    "ip saddr 10.0.0.0-198.51.100.100",
    "ip6 saddr 2001:db8:ffff::/64",
    "ip6 saddr != 2001:db8:ffff::200",
    "ip6 saddr { fd07::/64, fd17::2 }",
    "ip daddr 203.0.113.2",
    "ip daddr != 203.0.113.2",
    "ip daddr { 192.168.7.1, 172.17.0.1 }",
    "ip6 daddr != fd07::1",
    "ip saddr . tcp dport { 198.51.100.7 . 80, 192.168.7.9 . 1-100 }",
    "tcp dport 80",
    "tcp dport { 22, 80-90 }",
    "tcp dport != 80",
    "tcp dport >= 82",
    "udp dport 53",
    "udp dport != { 53, 99 }",
    "meta l4proto tcp",
    "meta l4proto { udp, sctp }",
    "meta l4proto . th dport { tcp . 22, udp . 53 }",
    "th dport 22-82",
    "iifname eth0",
    "iifname != lan0",
    "iifname { lo, docker* }",
    "iifname lan*",
    "oifname docker0",
    "oifname != eth0",
    "ct state new",
    "ct state { established, untracked }",
    "ct state != new",
    "ct direction original",
    "ct status dnat",
    "ct original proto-dst 80",
    "meta mark 1",
    "meta mark and 0x6 == 0x2",
    "tcp flags & (fin | syn | rst | ack) == syn",
    "tcp flags ! ack",
    "fib daddr type local",
    "limit rate 10000/second burst 10000 packets",
    "limit rate over 10000/second burst 10000 packets",
    "icmp type echo-request",
];

const ACTS: [&str; 12] = [
    "accept",
    "accept",
    "accept",
    "drop",
    "drop",
    "reject",
    "return",
    "meta mark set 1",
    "meta mark set meta mark or 0x2",
    "meta mark set meta mark xor 0x5",
    "counter",
    "ct mark set 4 meta mark set ct mark",
];

const MAPS: [&str; 5] = [
    "tcp dport vmap { 22 : accept, 80-82 : drop, 90 : NEXT }",
    "ct state vmap { established : accept, new : NEXT, invalid : drop }",
    "iifname vmap { eth0 : NEXT, lan0 : accept, docker0 : return }",
    "ip saddr vmap { 198.51.100.0/25 : accept, 198.51.100.128/25 : drop, 192.168.7.9 : NEXT }",
    "meta l4proto . th dport vmap { tcp . 80 : accept, udp . 53 : drop, tcp . 22 : NEXT }",
];

const BASES: [&str; 9] = [
    "filter hook prerouting priority raw",
    "filter hook prerouting priority mangle",
    "filter hook input priority -5",
    "filter hook input priority filter",
    "filter hook input priority 5",
    "filter hook forward priority filter",
    "filter hook output priority filter",
    "filter hook postrouting priority filter",
    "nat hook prerouting priority dstnat",
];

// Not for the container that they lead to: it would have to answer itself.
const TRANSLATIONS: [&str; 4] = [
    "iifname != docker0 tcp dport 80 dnat ip to 172.17.0.2:80",
    "udp dport 53 iifname != docker0 dnat ip to 172.17.0.2:53",
    "iifname != docker0 ip daddr 203.0.113.2 tcp dport { 22, 81 } dnat ip to 172.17.0.2",
    "tcp dport 82 redirect to :9",
];

const REGULAR: usize = 4;

fn rule(random: &mut Random, chain: usize) -> String {
    // Only to later chains, so that nothing goes round in circles.
    let next = (chain + 1..=REGULAR).map(|next| format!("c{next}")).collect::<Vec<_>>();
    let call = |random: &mut Random| {
        (!next.is_empty()).then(|| format!("{} {}", random.pick(&["jump", "goto"]), random.pick(&next)))
    };
    if random.one_in(8) {
        let target = call(random).unwrap_or_else(|| "accept".to_owned());
        return random.pick(&MAPS).replace("NEXT", &target);
    }
    let matches: Vec<&str> = (0..random.below(3)).map(|_| random.pick(&MATCHES)).collect();
    let act = if random.one_in(3) { call(random) } else { None };
    format!("{} {}", matches.join(" "), act.unwrap_or_else(|| random.pick(&ACTS).to_owned()))
}

fn chain(random: &mut Random, name: &str, number: usize, base: Option<&str>) -> String {
    let mut text = format!("chain {name} {{\n");
    if let Some(base) = base {
        let policy = random.pick(&["accept", "drop"]);
        // What answers needs, and neighbours: without it nobody would reach anything.
        let _ = writeln!(text, "type {base}; policy {policy}\nmeta l4proto ipv6-icmp accept");
        if base.contains("raw") && random.one_in(6) {
            text.push_str("tcp dport 81 notrack\ntcp sport 81 notrack\n");
        }
        let _ = writeln!(
            text,
            "{}",
            if base.contains("raw") {
                "tcp flags ack accept\nudp sport { 53, 54 } accept"
            } else {
                "ct state established accept"
            }
        );
        if base.starts_with("nat") {
            let _ = writeln!(text, "{}", random.pick(&TRANSLATIONS));
        }
    }
    for _ in 0..random.below(6) {
        let _ = writeln!(text, "{}", rule(random, number));
    }
    text + "}\n"
}

fn tables(random: &mut Random) -> String {
    let mut text = String::from("flush ruleset\n");
    for number in 0..=random.below(2) {
        let _ = writeln!(text, "table inet t{number} {{");
        for regular in (1..=REGULAR).rev() {
            text += &chain(random, &format!("c{regular}"), regular, None);
        }
        for (place, base) in BASES.iter().enumerate() {
            if random.one_in(3) || base.contains("input priority filter") {
                text += &chain(random, &format!("b{place}"), 0, Some(base));
            }
        }
        text += "}\n";
    }
    text
}

#[test]
fn random_tables_do_what_is_said() {
    let town = Town::new();
    let _server = town.serve(true, &SOCKETS);
    let _container = town.serve(false, &["tcp,0.0.0.0,80", "udp,0.0.0.0,53", "tcp,0.0.0.0,22"]);
    let mut loaded = 0;
    for seed in seeds("PORTREEVE_ZOO_SEED", 12) {
        let mut random = Random::new(seed);
        let rules = tables(&mut random);
        if !town.try_nft(&rules).is_empty() {
            continue;
        }
        loaded += 1;
        town.forget_connections();
        let wrong = differences(&town, &Seen::of(&town), &[]);
        assert!(wrong.is_empty(), "PORTREEVE_ZOO_SEED={seed}\n{rules}\n{wrong}");
    }
    assert!(loaded > 0 && Origin::ALL.len() == 4, "no random tables were loaded");
}
