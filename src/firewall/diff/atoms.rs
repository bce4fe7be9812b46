//! What is reached, cut into pieces that all rules treat alike.

use std::collections::BTreeSet;

use serde::Serialize;

use super::regions::Region;
use crate::firewall::{
    CheckedRuleset, Family, Port, PortRange, Ports, Rule, Targets, listener::Transport, simulate::Content, witness,
};

/// What is reached, as one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Atom {
    /// TCP or UDP ports.
    Ports(Ports),
    /// A type of ICMP.
    Icmp(u8),
    /// A type of `ICMPv6`.
    Icmpv6(u8),
    /// A protocol by its number.
    Protocol(u8),
    /// Every protocol that no rule names.
    OtherProtocols,
}

impl Atom {
    /// A packet's content, where the family has it.
    pub(super) fn content(self, family: Family) -> Option<Content> {
        match (self, family) {
            (Self::Ports(ports), _) => Some(witness::opening(ports)),
            (Self::Icmp(kind), Family::V4) | (Self::Icmpv6(kind), Family::V6) => Some(Content::Icmp(kind)),
            (Self::Icmp(_) | Self::Protocol(1), Family::V6) | (Self::Icmpv6(_) | Self::Protocol(58), Family::V4) => {
                None
            }
            // Types that stand for those that no rule names: a timestamp and a node information query.
            (Self::Protocol(1), Family::V4) => Some(Content::Icmp(13)),
            (Self::Protocol(58), Family::V6) => Some(Content::Icmp(139)),
            (Self::Protocol(number), _) => Some(Content::Other(number)),
            // A number that is reserved for experiments.
            (Self::OtherProtocols, _) => Some(Content::Other(253)),
        }
    }
}

fn all_ports(transport: Transport) -> Ports {
    let port = |number| Port::new(number).expect("not 0");
    Ports { transport, range: PortRange::between(port(1), port(u16::MAX)).expect("in order") }
}

/// Joins ports that touch.
pub(super) fn join(atoms: Vec<Atom>) -> Vec<Atom> {
    let mut joined: Vec<Atom> = Vec::new();
    let mut atoms = atoms;
    atoms.sort_unstable_by_key(|atom| match atom {
        Atom::Ports(ports) => (Some(ports.transport), Some(ports.range), *atom),
        _ => (None, None, *atom),
    });
    for atom in atoms {
        let (Some(Atom::Ports(before)), Atom::Ports(next)) = (joined.last().copied(), atom) else {
            joined.push(atom);
            continue;
        };
        let touch =
            before.transport == next.transport && before.range.last().checked_add(1) == Some(next.range.first());
        let ends = (Port::new(before.range.first()), Port::new(next.range.last()));
        let range =
            if let (true, (Some(first), Some(last))) = (touch, ends) { PortRange::between(first, last) } else { None };
        match range {
            Some(range) => {
                joined.pop();
                joined.push(Atom::Ports(Ports { transport: next.transport, range }));
            }
            None => joined.push(atom),
        }
    }
    joined
}

/// The pieces of a region.
pub(super) fn of(region: &Region, rules: &[(&CheckedRuleset, &Rule)]) -> Vec<Atom> {
    let named: Vec<Targets> =
        rules.iter().map(|(checked, rule)| Targets::resolve(&rule.to, |name| checked.ports_of(name))).collect();
    let mut atoms = Vec::new();
    for transport in [Transport::Tcp, Transport::Udp] {
        let of =
            |targets: &Targets| if transport == Transport::Tcp { targets.tcp.clone() } else { targets.udp.clone() };
        let number = if transport == Transport::Tcp { 6 } else { 17 };
        let parts = match &region.to {
            Some(to) if !to.protocols.contains(&number) => of(to),
            _ => vec![all_ports(transport).range],
        };
        let ranges: Vec<PortRange> = named.iter().flat_map(of).collect();
        let pieces = parts.into_iter().flat_map(|part| cut_ports(part, &ranges));
        atoms.extend(pieces.map(|range| Atom::Ports(Ports { transport, range })));
    }
    let mut all = named.iter().collect::<Vec<_>>();
    all.extend(region.to.as_ref());
    // Pings are always looked at, because the policy may treat them apart.
    let icmp = all.iter().flat_map(|to| to.icmp.iter().copied()).chain([8]).map(Atom::Icmp);
    let icmpv6 = all.iter().flat_map(|to| to.icmpv6.iter().copied()).chain([128]).map(Atom::Icmpv6);
    let protocols = all
        .iter()
        .flat_map(|to| to.protocols.iter().copied())
        .filter(|number| ![6, 17].contains(number))
        .map(Atom::Protocol);
    let others: BTreeSet<Atom> = icmp.chain(icmpv6).chain(protocols).chain([Atom::OtherProtocols]).collect();
    let inside = |atom: &Atom| match (&region.to, atom) {
        (None, _) => true,
        (Some(to), Atom::Icmp(kind)) => to.icmp.contains(kind) || to.protocols.contains(&1),
        (Some(to), Atom::Icmpv6(kind)) => to.icmpv6.contains(kind) || to.protocols.contains(&58),
        (Some(to), Atom::Protocol(number)) => to.protocols.contains(number),
        (Some(_), Atom::Ports(_) | Atom::OtherProtocols) => false,
    };
    atoms.extend(others.into_iter().filter(inside));
    atoms
}

fn cut_ports(part: PortRange, ranges: &[PortRange]) -> Vec<PortRange> {
    let mut starts = BTreeSet::from([part.first()]);
    for range in ranges {
        starts.insert(range.first());
        starts.extend(range.last().checked_add(1));
    }
    let starts: Vec<u16> = starts.into_iter().filter(|start| part.contains(*start)).collect();
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([part.last()]);
    let range = |(start, end): (&u16, u16)| PortRange::between(Port::new(*start)?, Port::new(end)?);
    starts.iter().zip(ends).filter_map(range).collect()
}
