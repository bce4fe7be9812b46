//! Random rulesets and packets from a small world, so that they meet often.

#![expect(clippy::unwrap_used, reason = "the constants are of the right form, or every test fails")]

use std::{net::IpAddr, num::NonZeroU32};

use portreeve::firewall::{
    Action, AddressRange, CheckedRuleset, Direction, List, ListName, Moment, Parts, Peer, Ports, Rate, Rule, RuleId,
    Ruleset, Severity, Surroundings, Target, Text, bits, check,
    check::Subject,
    list::Entry,
    listener::Transport,
    service,
    simulate::{Content, Packet, Passage, SYN, Situation},
};

use crate::kernel::lab::{Lab, address, interface, now};

/// A small generator whose whole state is the seed that is printed.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, by the generator that is known as split mix.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn several<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..=self.below(most)).map(|_| make(self)).collect()
    }
}

/// The seeds of a run: fresh ones, or the one that the environment names.
#[expect(clippy::disallowed_methods, reason = "a failing test is replayed by a variable of the environment")]
pub fn seeds(variable: &str, count: u64) -> Vec<u64> {
    if let Ok(seed) = std::env::var(variable) {
        return vec![seed.parse().expect("a seed is a number")];
    }
    let mut random = Random::new(u64::try_from(now().as_millis()).unwrap());
    (0..count).map(|_| random.next()).collect()
}

const SOURCES: [&str; 15] = [
    "198.51.100.7",
    "198.51.100.8",
    "198.51.100.64",
    "203.0.113.255",
    "203.0.114.0",
    "10.99.2.5",
    "10.99.2.200",
    "10.99.3.2",
    "10.99.1.77",
    "2001:db8::7",
    "2001:db8::8",
    "2001:db8:0:1::",
    "fd99:2::5",
    "fd99:3::2",
    "fe80::5",
];

const RANGES: [&str; 20] = [
    "198.51.100.7",
    "198.51.100.0/26",
    "198.51.100.0/24",
    "198.51.100.8-198.51.100.64",
    "203.0.113.0/24",
    "203.0.112.0-203.0.114.0",
    "10.99.2.0/24",
    "10.99.0.0/16",
    "10.99.3.2",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "2001:db8::7",
    "2001:db8::/64",
    "2001:db8::/32",
    "2001:db8::8-2001:db8:0:1::",
    "fd99:2::/64",
    "fd99::/16",
    "fe80::/10",
    "::/0",
    "8000::/1",
];

const HOSTS: [&str; 8] =
    ["10.99.1.1", "10.99.2.1", "10.99.3.1", "fd99:1::1", "fd99:2::1", "10.99.1.1", "fd99:1::1", "10.99.1.1"];

const ELSEWHERE: [&str; 6] = ["10.99.3.2", "10.99.2.9", "198.51.100.99", "fd99:3::2", "fd99:2::9", "2001:db8:9::9"];

const PORTS: [u16; 22] =
    [1, 21, 22, 23, 53, 79, 80, 81, 90, 110, 443, 444, 546, 1023, 1024, 5900, 8053, 8080, 8081, 9090, 65534, 65535];

const TARGETS: [&str; 24] = [
    "ssh",
    "http",
    "https",
    "dns",
    "vnc",
    "22/tcp",
    "80/tcp",
    "80-443/tcp",
    "81-90/tcp",
    "8080/tcp",
    "8053/udp",
    "53/udp",
    "1-1023/udp",
    "1-65535/tcp",
    "1024-65535/udp",
    "23/udp",
    "90/tcp",
    "icmp/8",
    "icmp/13",
    "icmpv6/128",
    "protocol/47",
    "protocol/6",
    "protocol/1",
    "protocol/58",
];

const INTERFACES: [&str; 3] = ["world0", "lan0", "cont0"];

fn range(random: &mut Random) -> AddressRange {
    AddressRange::parse(random.pick(&RANGES)).unwrap()
}

fn peer(random: &mut Random) -> Peer {
    match random.below(8) {
        0 => Peer::List(ListName::parse(random.pick(&["office", "feed", "allow"])).unwrap()),
        1 => Peer::OwnNetworks,
        _ => Peer::Addresses(range(random)),
    }
}

fn moment(random: &mut Random) -> Option<Moment> {
    match random.below(8) {
        0 => Some(now().plus_seconds(-3600)),
        1 => Some(now().plus_seconds(3600)),
        _ => None,
    }
}

fn rule(random: &mut Random, number: u32) -> Rule {
    let action = random.pick(&[Action::Allow, Action::Allow, Action::Drop, Action::Reject]);
    let direction = random.pick(&[Direction::In, Direction::In, Direction::In, Direction::Out, Direction::Forward]);
    let limited = action == Action::Allow && direction != Direction::Out && random.one_in(20);
    let expires_at = moment(random);
    Rule {
        id: RuleId::new(number).unwrap(),
        enabled: !random.one_in(10),
        action,
        direction,
        who: if random.one_in(3) { Vec::new() } else { random.several(3, peer) },
        to: if random.one_in(5) {
            Vec::new()
        } else {
            random.several(3, |random| Target::parse(random.pick(&TARGETS)).unwrap())
        },
        interfaces: if random.one_in(4) {
            random.several(2, |random| interface(random.pick(&INTERFACES)))
        } else {
            Vec::new()
        },
        at: if random.one_in(6) {
            random.several(2, |random| match random.below(2) {
                0 => AddressRange::from(address(random.pick(&HOSTS))),
                _ => range(random),
            })
        } else {
            Vec::new()
        },
        new_connections: limited.then(|| Rate::parse("3/minute").unwrap()),
        connections: (limited && random.one_in(2)).then(|| NonZeroU32::new(2).unwrap()),
        log: random.one_in(5),
        starts_at: moment(random).filter(|start| expires_at.is_none_or(|end| *start < end)),
        expires_at,
        owner: Text::empty(),
        note: Text::empty(),
    }
}

fn list(random: &mut Random, name: &str) -> List {
    let entries = random.several(4, |random| Entry {
        addresses: range(random),
        note: Text::empty(),
        // An entry that is over is left out; one of the future becomes a timeout in the kernel.
        expires_at: moment(random),
    });
    let entries =
        entries.into_iter().filter(|entry| entry.addresses.to_prefix().is_none_or(|net| net.prefix_len() > 8));
    List { name: ListName::parse(name).unwrap(), note: Text::empty(), entries: entries.collect() }
}

pub fn parts(random: &mut Random) -> Parts {
    let mut parts = Parts::default();
    let actions = [Action::Drop, Action::Reject, Action::Allow];
    parts.policy.incoming = random.pick(&actions);
    parts.policy.outgoing = random.pick(&actions);
    parts.policy.forwarded = random.pick(&actions);
    parts.policy.invalid = !random.one_in(4);
    parts.policy.tcp_flags = !random.one_in(4);
    parts.policy.reverse_path = !random.one_in(3);
    parts.policy.dhcpv6 = !random.one_in(3);
    parts.policy.syn_flood = random.one_in(3).then(|| Rate::parse("100000/second").unwrap());
    parts.policy.ping = random.one_in(2).then(|| Rate::parse("100000/second").unwrap());
    parts.policy.observe = random.one_in(12);
    parts.lists = vec![list(random, "office"), list(random, "feed")];
    for name in ["allow", "deny"] {
        if random.one_in(3) {
            parts.lists.push(list(random, name));
        }
    }
    let count = 1 + random.below(12);
    parts.rules = (1..=count).map(|number| rule(random, u32::try_from(number).unwrap())).collect();
    if random.one_in(2) {
        let similar = similar(random);
        let place = random.below(parts.rules.len() + 1);
        parts.rules.splice(place..place, similar);
    }
    parts
}

/// Rules of one shape in a row, as a long ruleset has them, some of them in conflict.
fn similar(random: &mut Random) -> Vec<Rule> {
    let model = rule(random, 50);
    let (who, to) = match random.below(3) {
        0 => (true, false),
        1 => (false, true),
        _ => (true, true),
    };
    let single = random.one_in(2);
    let count = 3 + random.below(12);
    (0..count)
        .map(|number| {
            let mut rule = Rule { id: RuleId::new(50 + u32::try_from(number).unwrap()).unwrap(), ..model.clone() };
            rule.action = random.pick(&[Action::Allow, Action::Drop, Action::Reject]);
            (rule.new_connections, rule.connections) = (None, None);
            if who {
                let one = AddressRange::from(address(random.pick(&SOURCES)));
                rule.who = vec![Peer::Addresses(if single { one } else { range(random) })];
            }
            if to {
                let port = random.pick(&PORTS);
                rule.to = vec![Target::parse(&format!("{port}/{}", random.pick(&["tcp", "tcp", "udp"]))).unwrap()];
            }
            rule
        })
        .collect()
}

pub fn surroundings() -> Surroundings {
    let networks = ["10.99.1.0/24", "10.99.2.0/24", "10.99.3.0/24", "fd99:1::/64", "fd99:2::/64", "fd99:3::/64"];
    Surroundings {
        now: now(),
        interfaces: None,
        networks: networks.map(|network| AddressRange::parse(network).unwrap()).into(),
    }
}

/// A checked ruleset; rules that can't match anything are taken out.
pub fn ruleset(random: &mut Random) -> CheckedRuleset {
    let mut parts = parts(random);
    loop {
        match check(Ruleset::try_from(parts.clone()).unwrap(), &surroundings()) {
            Ok(checked) => return checked,
            Err(problems) => {
                let named = |rule: &Rule| {
                    problems
                        .iter()
                        .any(|problem| problem.severity == Severity::Error && problem.subject == Subject::Rule(rule.id))
                };
                let before = parts.rules.len();
                parts.rules.retain(|rule| !named(rule));
                assert!(parts.rules.len() < before, "{problems:?}");
            }
        }
    }
}

pub fn situation(random: &mut Random) -> Situation {
    let bans = if random.one_in(3) {
        random.several(2, |random| AddressRange::from(address(random.pick(&SOURCES))))
    } else {
        Vec::new()
    };
    Lab::situation(bans)
}

fn content(random: &mut Random, v6: bool, from: u16) -> Content {
    let port = random.pick(&PORTS);
    match random.below(10) {
        0..=3 => Content::Tcp { from, port, flags: SYN },
        4 => Content::Tcp { from, port, flags: u8::try_from(random.below(0x40)).unwrap() },
        5..=6 => Content::Udp { from: if random.one_in(4) { 547 } else { from }, port },
        7..=8 if v6 => Content::Icmp(random.pick(&ICMPV6)),
        7..=8 => Content::Icmp(u8::try_from(random.below(20)).unwrap()),
        // The other family's ICMP number is just another protocol here.
        _ => Content::Other(random.pick(&[46, 47, 48, 50, 89, if v6 { 1 } else { 58 }])),
    }
}

const ICMPV6: [u8; 24] =
    [0, 1, 2, 3, 4, 5, 127, 128, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 142, 143, 144, 200];

/// What a rule is about, or just beside it.
fn aimed(random: &mut Random, rule: &Rule, v6: bool, from: u16) -> Content {
    let near = |random: &mut Random, first: u16, last: u16| {
        let port = random.pick(&[first.saturating_sub(1), first, last, last.saturating_add(1)]);
        port.max(1)
    };
    let beside = |random: &mut Random, number: u8| random.pick(&[number.saturating_sub(1), number, number, number + 1]);
    let Some(target) = (!rule.to.is_empty()).then(|| random.pick(&rule.to)) else { return content(random, v6, from) };
    let of_ports = |random: &mut Random, ports: Ports| {
        let port = near(random, ports.range.first(), ports.range.last());
        match ports.transport {
            Transport::Tcp => Content::Tcp { from, port, flags: SYN },
            Transport::Udp => Content::Udp { from, port },
        }
    };
    match target {
        Target::Ports(ports) => of_ports(random, ports),
        Target::Service(name) => {
            let ports = service::built_in(&name).unwrap();
            let ports = random.pick(&ports);
            of_ports(random, ports)
        }
        Target::Icmp(kind) if !v6 => Content::Icmp(beside(random, kind)),
        Target::Icmpv6(kind) if v6 => Content::Icmp(beside(random, kind)),
        Target::Protocol(47) => Content::Other(beside(random, 47)),
        _ => content(random, v6, from),
    }
}

/// An end of a range or the address beside it, as far as such packets are routed at all.
fn near(random: &mut Random, range: AddressRange) -> Option<IpAddr> {
    let (first, last) = (bits(range.first()), bits(range.last()));
    let number = random.pick(&[first.saturating_sub(1), first, last, last.saturating_add(1)]);
    Some(range.family().address(number)).filter(|address| is_routed(*address))
}

fn is_routed(address: IpAddr) -> bool {
    let local = Lab::routes().iter().any(|route| route.interface.as_str() == "lo" && route.network.contains(address));
    let sane = match address {
        IpAddr::V4(v4) => {
            let [a, .., d] = v4.octets();
            (1..224).contains(&a) && a != 127 && !(a == 10 && [0, 1, 255].contains(&d)) && a != 169
        }
        IpAddr::V6(v6) => v6.segments()[0] & 0xe000 == 0x2000 || (v6.segments()[0] == 0xfd99 && v6.segments()[7] > 1),
    };
    sane && !local
}

/// A packet of the lab. Ports of senders are never used twice in a batch, so each packet opens a connection of its own.
pub fn packet(random: &mut Random, checked: &CheckedRuleset) -> Packet {
    let from = 10_000 + u16::try_from(random.below(50_000)).unwrap();
    numbered(random, checked, from)
}

/// The same with a given sender's port. Half of the packets are aimed at a rule.
pub fn numbered(random: &mut Random, checked: &CheckedRuleset, from: u16) -> Packet {
    let rules = &checked.ruleset().parts().rules;
    let rule = (!rules.is_empty() && random.one_in(2)).then(|| random.pick(rules));
    let out = rule.as_ref().map_or_else(|| random.one_in(6), |rule| rule.direction == Direction::Out);
    let mut packet = if out { outgoing(random, rule.as_ref(), from) } else { inbound(random, rule.as_ref(), from) };
    packet.hop_limit = random.pick(&[64, 64, 255, 255, 254, 2, 1]);
    if packet.hop_limit == 1 && matches!(packet.passage, Passage::Forward { .. }) {
        // The router itself would drop it.
        packet.hop_limit = 64;
    }
    packet
}

/// Two different addresses of one family, if there are any.
fn pair(random: &mut Random, ones: &[IpAddr], others: &[IpAddr]) -> Option<(IpAddr, IpAddr)> {
    let one = random.pick(ones);
    let fitting = |other: &IpAddr| other.is_ipv4() == one.is_ipv4() && one != *other;
    let others: Vec<IpAddr> = others.iter().copied().filter(fitting).collect();
    (!others.is_empty()).then(|| (one, random.pick(&others)))
}

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| address(text)).collect()
}

/// Addresses that a rule names, or the usual ones.
fn peers(random: &mut Random, rule: Option<&Rule>) -> Vec<IpAddr> {
    let ranges = rule.into_iter().flat_map(|rule| &rule.who).filter_map(|peer| match peer {
        Peer::Addresses(range) => Some(*range),
        Peer::List(_) | Peer::OwnNetworks => None,
    });
    let named: Vec<IpAddr> = ranges.filter_map(|range| near(random, range)).collect();
    let usual = addresses(&SOURCES);
    if named.is_empty() || random.one_in(4) { usual } else { named }
}

fn inbound(random: &mut Random, rule: Option<&Rule>, from: u16) -> Packet {
    let elsewhere = rule.map_or_else(|| random.one_in(4), |rule| rule.direction == Direction::Forward);
    let destinations = addresses(if elsewhere { &ELSEWHERE } else { &HOSTS });
    let sources = peers(random, rule);
    let Some((source, destination)) = pair(random, &sources, &destinations) else { return inbound(random, None, from) };
    // Mostly where it belongs, sometimes forged.
    let belongs = Lab::routes().into_iter().rfind(|route| route.network.contains(source));
    let interfaces = rule.map(|rule| rule.interfaces.clone()).filter(|interfaces| !interfaces.is_empty());
    let name = match (interfaces, belongs.filter(|_| !random.one_in(6))) {
        (Some(interfaces), _) if random.one_in(2) => random.pick(&interfaces).as_str().to_owned(),
        (_, Some(route)) => route.interface.as_str().to_owned(),
        (_, None) => random.pick(&INTERFACES).to_owned(),
    };
    let content = match rule {
        Some(rule) => aimed(random, rule, source.is_ipv6(), from),
        None => content(random, source.is_ipv6(), from),
    };
    let packet = Lab::packet(source, destination, content, &name);
    // Nobody forwards what comes from a link-local address.
    let stays = source == address("fe80::5") && matches!(packet.passage, Passage::Forward { .. });
    if stays { inbound(random, None, from) } else { packet }
}

fn outgoing(random: &mut Random, rule: Option<&Rule>, from: u16) -> Packet {
    let sources = addresses(&HOSTS);
    let mut destinations = [peers(random, rule), addresses(&ELSEWHERE)].concat();
    destinations.retain(|destination| *destination != address("fe80::5"));
    let Some((source, destination)) = pair(random, &sources, &destinations) else {
        return outgoing(random, None, from);
    };
    let route = Lab::routes().into_iter().rfind(|route| route.network.contains(destination));
    let name = route.expect("there is a default route").interface;
    let content = match rule {
        Some(rule) => aimed(random, rule, source.is_ipv6(), from),
        None => content(random, source.is_ipv6(), from),
    };
    let content = match content {
        // Without ports it would make a connection with what comes in from there.
        Content::Other(_) => Content::Udp { from, port: random.pick(&PORTS) },
        content => content,
    };
    Lab::own(source, destination, content, name.as_str())
}
