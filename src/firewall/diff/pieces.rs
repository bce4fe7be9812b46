//! The pieces of a region in which all packets are treated alike.

use std::collections::BTreeSet;

use super::{
    atoms::{self, Atom},
    regions::{Region, members},
};
use crate::firewall::{
    AddressRange, CheckedRuleset, Direction, Family, InterfaceName, Rule, bits,
    simulate::{Packet, Passage},
    witness,
};

/// One piece of a region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Piece {
    pub(super) direction: Direction,
    pub(super) who: AddressRange,
    pub(super) to: Atom,
    pub(super) interface: Option<InterfaceName>,
    pub(super) at: Option<AddressRange>,
}

impl Piece {
    /// A packet of the piece, where its family has one.
    pub(super) fn packet(&self) -> Option<Packet> {
        let family = self.who.family();
        let here = self.at.map_or_else(|| family.address(0), AddressRange::first);
        let name = self.interface.clone().or_else(|| InterfaceName::parse("other0").ok())?;
        let peer = witness::among(self.who);
        let (source, destination, passage) = match self.direction {
            Direction::In => (peer, here, Passage::In { input: name }),
            Direction::Out => (here, peer, Passage::Out { output: name }),
            Direction::Forward => {
                let output = InterfaceName::parse("other1").ok()?;
                (peer, here, Passage::Forward { input: name, output })
            }
        };
        Packet::first(source, destination, self.to.content(family)?, passage).ok()
    }
}

/// The pieces along each axis.
pub(super) struct Atoms {
    direction: Direction,
    who: Vec<AddressRange>,
    to: Vec<Atom>,
    interfaces: Vec<Option<InterfaceName>>,
    at: Vec<Option<AddressRange>>,
}

impl Atoms {
    pub(super) fn of(region: &Region, old: &CheckedRuleset, new: &CheckedRuleset) -> Self {
        let rules: Vec<(&CheckedRuleset, &Rule)> = [old, new]
            .into_iter()
            .flat_map(|checked| checked.ruleset().parts().rules.iter().map(move |rule| (checked, rule)))
            .filter(|(_, rule)| rule.enabled && rule.direction == region.direction)
            .collect();
        Self {
            direction: region.direction,
            who: who(region, &rules, [old, new]),
            to: atoms::of(region, &rules),
            interfaces: interfaces(region.direction, [old, new])
                .into_iter()
                .filter(|name| region.passes(name.as_ref()))
                .collect(),
            at: at(region, &rules),
        }
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.interfaces.iter().flat_map(move |interface| {
            self.at.iter().flat_map(move |at| {
                self.to.iter().flat_map(move |to| {
                    self.who.iter().map(move |who| Piece {
                        direction: self.direction,
                        who: *who,
                        to: *to,
                        interface: interface.clone(),
                        at: *at,
                    })
                })
            })
        })
    }
}

fn who(region: &Region, rules: &[(&CheckedRuleset, &Rule)], both: [&CheckedRuleset; 2]) -> Vec<AddressRange> {
    let named = rules.iter().flat_map(|(checked, rule)| rule.who.iter().flat_map(|peer| members(peer, checked)));
    let at = rules.iter().flat_map(|(_, rule)| rule.at.iter().copied());
    let special = both.into_iter().flat_map(|checked| &checked.ruleset().parts().lists);
    let special = special.filter(|list| ["allow", "deny"].contains(&list.name.as_str()));
    let special = special.flat_map(|list| list.entries.iter().map(|entry| entry.addresses));
    let ranges: Vec<AddressRange> = named.chain(at).chain(special).collect();
    let whole = Family::BOTH.map(AddressRange::everything).to_vec();
    region.who.as_ref().unwrap_or(&whole).iter().flat_map(|part| cut(*part, &ranges)).collect()
}

/// Cuts a range wherever another one begins or ends.
fn cut(part: AddressRange, ranges: &[AddressRange]) -> Vec<AddressRange> {
    let family = part.family();
    let (first, last) = (bits(part.first()), bits(part.last()));
    let mut starts = BTreeSet::from([first]);
    for range in ranges.iter().filter(|range| range.family() == family) {
        starts.insert(bits(range.first()));
        starts.extend(bits(range.last()).checked_add(1));
    }
    let starts: Vec<u128> = starts.into_iter().filter(|start| (first..=last).contains(start)).collect();
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([last]);
    let range = |(start, end): (&u128, u128)| AddressRange::between(family.address(*start), family.address(end));
    starts.iter().zip(ends).filter_map(range).collect()
}

/// Every interface that a rule names, and none for all the others.
pub(super) fn interfaces(direction: Direction, both: [&CheckedRuleset; 2]) -> BTreeSet<Option<InterfaceName>> {
    let rules = both.into_iter().flat_map(|checked| &checked.ruleset().parts().rules);
    let rules = rules.filter(|rule| rule.enabled && rule.direction == direction);
    rules.flat_map(|rule| rule.interfaces.iter().cloned().map(Some)).chain([None]).collect()
}

impl Region {
    fn passes(&self, name: Option<&InterfaceName>) -> bool {
        self.interfaces.as_ref().is_none_or(|names| name.is_some_and(|name| names.contains(name)))
    }
}

/// Addresses of this host, or for forwarded packets destinations.
fn at(region: &Region, rules: &[(&CheckedRuleset, &Rule)]) -> Vec<Option<AddressRange>> {
    let named: Vec<AddressRange> = rules.iter().flat_map(|(_, rule)| rule.at.iter().copied()).collect();
    if named.is_empty() {
        return vec![None];
    }
    let whole = Family::BOTH.map(AddressRange::everything).to_vec();
    let parts = region.at.as_ref().unwrap_or(&whole);
    parts.iter().flat_map(|part| cut(*part, &named)).map(Some).collect()
}
