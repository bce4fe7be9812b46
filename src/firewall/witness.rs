//! A packet that a rule is about, to show what a sentence means.

use std::net::IpAddr;

use super::{
    AddressRange, Direction, Family, InterfaceName, Peer, Ports, Rule, Ruleset, Target, check,
    listener::Transport,
    simulate::{Content, Packet, Passage, SYN},
};

/// A port that a system gives to whoever asks for none.
pub const SENDER_PORT: u16 = 49_152;

/// Addresses of nobody, for a rule that is about everybody.
#[must_use]
pub fn stranger(family: Family) -> IpAddr {
    family.address(match family {
        Family::V4 => 0xc000_0201,
        Family::V6 => 0x2001_0db8_0000_0000_0000_0000_0000_0001,
    })
}

/// One of the addresses, rather one that can send a packet.
#[must_use]
pub fn among(range: AddressRange) -> IpAddr {
    let family = range.family();
    if range.contains(stranger(family)) {
        return stranger(family);
    }
    if range.first().is_unspecified() && range.first() != range.last() { family.address(1) } else { range.first() }
}

/// The first packet of a connection to these ports.
#[must_use]
pub fn opening(ports: Ports) -> Content {
    let port = ports.range.first();
    match ports.transport {
        Transport::Tcp => Content::Tcp { from: SENDER_PORT, port, flags: SYN },
        Transport::Udp => Content::Udp { from: SENDER_PORT, port },
    }
}

/// A packet that the rule matches, if its addresses and protocols allow one.
#[must_use]
pub fn of(rule: &Rule, ruleset: &Ruleset) -> Option<Packet> {
    Family::BOTH.into_iter().find_map(|family| in_family(rule, ruleset, family))
}

fn in_family(rule: &Rule, ruleset: &Ruleset, family: Family) -> Option<Packet> {
    let peer = if rule.who.is_empty() {
        stranger(family)
    } else {
        rule.who.iter().find_map(|peer| member(peer, ruleset, family))?
    };
    let here = if rule.at.is_empty() {
        family.address(0)
    } else {
        rule.at.iter().find(|range| range.family() == family)?.first()
    };
    let content = match rule.to.first() {
        None => Content::Tcp { from: SENDER_PORT, port: 1, flags: SYN },
        Some(_) => rule.to.iter().find_map(|target| content(target, ruleset, family))?,
    };
    let named = || rule.interfaces.first().cloned().or_else(|| InterfaceName::parse("eth0").ok());
    let (source, destination, passage) = match rule.direction {
        Direction::In => (peer, here, Passage::In { input: named()? }),
        Direction::Out => (here, peer, Passage::Out { output: named()? }),
        Direction::Forward => {
            (peer, here, Passage::Forward { input: named()?, output: InterfaceName::parse("eth1").ok()? })
        }
    };
    Packet::first(source, destination, content, passage).ok()
}

fn member(peer: &Peer, ruleset: &Ruleset, family: Family) -> Option<IpAddr> {
    let range = match peer {
        Peer::Addresses(range) => Some(*range),
        Peer::List(name) => {
            let list = ruleset.parts().lists.iter().find(|list| list.name == *name)?;
            list.entries.iter().map(|entry| entry.addresses).find(|range| range.family() == family)
        }
        Peer::OwnNetworks => None,
    };
    range.filter(|range| range.family() == family).map(AddressRange::first)
}

/// The content that a target is about, if the family has it.
#[must_use]
pub fn content(target: &Target, ruleset: &Ruleset, family: Family) -> Option<Content> {
    match (target, family) {
        (Target::Ports(ports), _) => Some(opening(*ports)),
        (Target::Service(name), _) => check::ports_of(ruleset, name)?.first().copied().map(opening),
        (Target::Icmp(kind), Family::V4) | (Target::Icmpv6(kind), Family::V6) => Some(Content::Icmp(*kind)),
        (Target::Icmp(_), Family::V6) | (Target::Icmpv6(_), Family::V4) => None,
        (Target::Protocol(number), _) => Some(Content::Other(*number)),
    }
}
