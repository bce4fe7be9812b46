//! Rules that are never reached because an earlier one decides all their packets.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use super::{Problem, Subject, ports_of};
use crate::firewall::{
    AddressRange, Family, InterfaceName, Moment, Peer, Rule, Ruleset, Targets, addr::merge, listener::Transport,
    witness,
};

/// What a rule matches, so that two can be compared. None is everything.
#[derive(PartialEq, Eq)]
struct Reach {
    who: Option<(Vec<AddressRange>, BTreeSet<Peer>)>,
    at: Option<Vec<AddressRange>>,
    interfaces: Option<BTreeSet<InterfaceName>>,
    to: Option<Targets>,
    starts_at: Option<Moment>,
    expires_at: Option<Moment>,
}

/// A rule can only cover another one if both have this in common: one address and one port, or none where it is about
/// more than a few. It keeps ten thousand rules from being compared pair by pair.
type Spot = (Option<IpAddr>, Option<(Transport, u16)>);

pub(super) fn check(ruleset: &Ruleset) -> Vec<Problem> {
    let mut earlier: BTreeMap<Spot, Vec<(&Rule, Reach)>> = BTreeMap::new();
    let mut problems = Vec::new();
    for rule in ruleset.parts().rules.iter().filter(|rule| rule.enabled) {
        let reach = Reach::of(rule, ruleset);
        let (address, port) = reach.spot();
        let spots = BTreeSet::from([(address, port), (address, None), (None, port), (None, None)]);
        let candidates = spots.iter().filter_map(|spot| earlier.get(spot)).flatten();
        let covering = candidates.filter(|(other, wide)| other.direction == rule.direction && wide.covers(&reach));
        problems.extend(
            covering
                .min_by_key(|(other, _)| other.id)
                .map(|(other, wide)| problem(ruleset, rule, other, *wide == reach)),
        );
        earlier.entry(reach.home()).or_default().push((rule, reach));
    }
    problems
}

fn problem(ruleset: &Ruleset, rule: &Rule, other: &Rule, same: bool) -> Problem {
    let subject = Subject::Rule(rule.id);
    let mut problem = match (same, rule.action == other.action) {
        (true, true) => Problem::warning(subject, "rule", format!("says the same as {}, which comes before", other.id)),
        (true, false) => {
            Problem::error(subject, "action", format!("contradicts {}, which matches exactly the same", other.id))
        }
        (false, _) => {
            let sentence = format!("is never reached: {} comes before and decides all its packets", other.id);
            Problem::warning(subject, "rule", sentence)
        }
    };
    problem.witness = witness::of(rule, ruleset).map(|packet| packet.to_string());
    problem
}

impl Reach {
    fn of(rule: &Rule, ruleset: &Ruleset) -> Self {
        let mut ranges = Vec::new();
        let mut named = BTreeSet::new();
        for peer in &rule.who {
            match peer {
                Peer::Addresses(range) => ranges.push(*range),
                Peer::List(_) | Peer::OwnNetworks => drop(named.insert(peer.clone())),
            }
        }
        let some = |empty: bool| (!empty).then_some(());
        Self {
            who: some(rule.who.is_empty()).map(|()| (both(&ranges), named)),
            at: some(rule.at.is_empty()).map(|()| both(&rule.at)),
            interfaces: some(rule.interfaces.is_empty()).map(|()| rule.interfaces.iter().cloned().collect()),
            to: some(rule.to.is_empty())
                .map(|()| Targets::resolve(&rule.to, |name| ports_of(ruleset, name).unwrap_or_default())),
            starts_at: rule.starts_at,
            expires_at: rule.expires_at,
        }
    }

    fn covers(&self, other: &Self) -> bool {
        // No start is before every start, and no end is after every end.
        let ends_first = self.expires_at.is_some_and(|one| other.expires_at.is_none_or(|other| one < other));
        self.starts_at <= other.starts_at
            && !ends_first
            && holds(self.to.as_ref(), other.to.as_ref(), Targets::cover)
            && holds(self.who.as_ref(), other.who.as_ref(), |wide, narrow| {
                inside(&wide.0, &narrow.0) && wide.1.is_superset(&narrow.1)
            })
            && holds(self.at.as_ref(), other.at.as_ref(), |wide, narrow| inside(wide, narrow))
            && holds(self.interfaces.as_ref(), other.interfaces.as_ref(), BTreeSet::is_superset)
    }

    /// One address and one port that whatever covers this must cover too.
    fn spot(&self) -> Spot {
        let address = self.who.as_ref().and_then(|(ranges, _)| ranges.first()).map(|range| range.first());
        let tcp = |to: &Targets| to.tcp.first().map(|range| (Transport::Tcp, range.first()));
        let udp = |to: &Targets| to.udp.first().map(|range| (Transport::Udp, range.first()));
        (address, self.to.as_ref().and_then(|to| tcp(to).or_else(|| udp(to))))
    }

    /// The most exact spot under which a rule that this covers looks for it.
    fn home(&self) -> Spot {
        let single = self.who.as_ref().filter(|(ranges, named)| ranges.len() == 1 && named.is_empty());
        let address = single.map(|(ranges, _)| ranges[0]).filter(|range| range.first() == range.last());
        let one = self.to.as_ref().filter(|to| {
            let ports: Vec<_> = to.tcp.iter().chain(&to.udp).collect();
            ports.len() == 1 && ports[0].first() == ports[0].last() && to.protocols.is_empty()
        });
        let other_kinds = |to: &&Targets| to.icmp.is_empty() && to.icmpv6.is_empty();
        let port = one.filter(other_kinds).and_then(|_| self.spot().1);
        (address.map(AddressRange::first), port)
    }
}

fn holds<T>(wide: Option<&T>, narrow: Option<&T>, covers: impl Fn(&T, &T) -> bool) -> bool {
    match (wide, narrow) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => covers(wide, narrow),
    }
}

fn both(ranges: &[AddressRange]) -> Vec<AddressRange> {
    Family::BOTH.into_iter().flat_map(|family| merge(ranges, family)).collect()
}

fn inside(wide: &[AddressRange], narrow: &[AddressRange]) -> bool {
    narrow.iter().all(|range| wide.iter().any(|wide| wide.covers(*range)))
}
