//! Where verdicts may change: what changed rules, lists and defaults are about.

use std::collections::{BTreeMap, BTreeSet};

use crate::firewall::{AddressRange, CheckedRuleset, Direction, InterfaceName, Peer, Rule, RuleId, Target, Targets};

/// A part of all packets. None is everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) direction: Direction,
    pub(super) who: Option<Vec<AddressRange>>,
    pub(super) to: Option<Targets>,
    pub(super) interfaces: Option<BTreeSet<InterfaceName>>,
    pub(super) at: Option<Vec<AddressRange>>,
}

const DIRECTIONS: [Direction; 3] = [Direction::In, Direction::Out, Direction::Forward];

pub(super) fn changed(old: &CheckedRuleset, new: &CheckedRuleset) -> Vec<Region> {
    let mut regions = Vec::new();
    let moved = moved(old, new);
    for (one, other) in [(old, new), (new, old)] {
        let others: BTreeMap<RuleId, &Rule> =
            other.ruleset().parts().rules.iter().map(|rule| (rule.id, rule)).collect();
        for rule in one.ruleset().parts().rules.iter().filter(|rule| rule.enabled) {
            let same =
                others.get(&rule.id).is_some_and(|other| acts_like(rule, other) && services_same(rule, old, new));
            if !same || moved.contains(&rule.id) {
                regions.push(Region::of(rule, one));
            }
        }
    }
    regions.extend(lists(old, new));
    regions.extend(defaults(old, new));
    regions
}

/// Owner, note and log change nothing for a packet.
fn acts_like(one: &Rule, other: &Rule) -> bool {
    let bare =
        |rule: &Rule| Rule { owner: other.owner.clone(), note: other.note.clone(), log: other.log, ..rule.clone() };
    bare(one) == *other
}

fn services_same(rule: &Rule, old: &CheckedRuleset, new: &CheckedRuleset) -> bool {
    rule.to.iter().all(|target| match target {
        Target::Service(name) => old.ports_of(name) == new.ports_of(name),
        Target::Ports(_) | Target::Icmp(_) | Target::Icmpv6(_) | Target::Protocol(_) => true,
    })
}

/// The fewest rules that have to move to get from the old order to the new one: those outside the longest run that
/// keeps its order.
fn moved(old: &CheckedRuleset, new: &CheckedRuleset) -> BTreeSet<RuleId> {
    let ids = |checked: &CheckedRuleset| checked.ruleset().parts().rules.iter().map(|rule| rule.id).collect::<Vec<_>>();
    let places: BTreeMap<RuleId, usize> = ids(old).into_iter().enumerate().map(|(place, id)| (id, place)).collect();
    let order: Vec<(usize, RuleId)> = ids(new).into_iter().filter_map(|id| Some((*places.get(&id)?, id))).collect();
    // ends[n] is where the run of n + 1 rules with the lowest last place ends; before[i] is what i follows in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    for (index, (place, _)) in order.iter().enumerate() {
        let length = ends.partition_point(|end| order[*end].0 < *place);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        ends.truncate(length.max(ends.len()));
        if length == ends.len() { ends.push(index) } else { ends[length] = index }
    }
    let mut kept = BTreeSet::new();
    let mut last = ends.last().copied();
    while let Some(index) = last {
        kept.insert(order[index].1);
        last = before[index];
    }
    order.into_iter().map(|(_, id)| id).filter(|id| !kept.contains(id)).collect()
}

impl Region {
    fn of(rule: &Rule, checked: &CheckedRuleset) -> Self {
        let some = |empty: bool| (!empty).then_some(());
        Self {
            direction: rule.direction,
            who: some(rule.who.is_empty()).map(|()| rule.who.iter().flat_map(|peer| members(peer, checked)).collect()),
            to: some(rule.to.is_empty()).map(|()| Targets::resolve(&rule.to, |name| checked.ports_of(name))),
            interfaces: some(rule.interfaces.is_empty()).map(|()| rule.interfaces.iter().cloned().collect()),
            at: some(rule.at.is_empty()).map(|()| rule.at.clone()),
        }
    }

    fn whole(direction: Direction, who: Option<Vec<AddressRange>>) -> Self {
        Self { direction, who, to: None, interfaces: None, at: None }
    }
}

/// The addresses a peer stands for.
pub(super) fn members(peer: &Peer, checked: &CheckedRuleset) -> Vec<AddressRange> {
    match peer {
        Peer::Addresses(range) => vec![*range],
        Peer::OwnNetworks => checked.networks().to_vec(),
        Peer::List(name) => {
            let lists = checked.ruleset().parts().lists.iter().filter(|list| list.name == *name);
            lists.flat_map(|list| &list.entries).map(|entry| entry.addresses).collect()
        }
    }
}

/// Entries that are on a list in one ruleset only.
fn lists(old: &CheckedRuleset, new: &CheckedRuleset) -> Vec<Region> {
    let entries = |checked: &CheckedRuleset| -> BTreeSet<_> {
        let lists = checked.ruleset().parts().lists.iter();
        lists
            .flat_map(|list| list.entries.iter().map(|entry| (list.name.clone(), entry.addresses, entry.expires_at)))
            .collect()
    };
    let (old, new) = (entries(old), entries(new));
    let who: Vec<AddressRange> = old.symmetric_difference(&new).map(|(_, addresses, _)| *addresses).collect();
    if who.is_empty() {
        return Vec::new();
    }
    DIRECTIONS.into_iter().map(|direction| Region::whole(direction, Some(who.clone()))).collect()
}

fn defaults(old: &CheckedRuleset, new: &CheckedRuleset) -> Vec<Region> {
    let (old, new) = (&old.ruleset().parts().policy, &new.ruleset().parts().policy);
    let other = old.observe != new.observe;
    let changed = [
        (Direction::In, other || old.incoming != new.incoming || old.ping.is_some() != new.ping.is_some()),
        (Direction::Out, other || old.outgoing != new.outgoing),
        (Direction::Forward, other || old.forwarded != new.forwarded),
    ];
    changed.into_iter().filter(|(_, changed)| *changed).map(|(direction, _)| Region::whole(direction, None)).collect()
}
