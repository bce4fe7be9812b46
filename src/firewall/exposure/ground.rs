//! What packets meet on this host: base chains in the order in which the kernel calls them, and the host's place in its
//! networks.

use std::{collections::BTreeMap, net::IpAddr};

use super::named::{self, Translated};
use crate::firewall::{
    AddressRange, Family, Moment, bits,
    enforcement::{OwnAddress, Survey},
    foreign::{Base, Chain, Foreign, Hook, Kind, Table},
};

/// conntrack looks at a packet at this priority of prerouting and output.
pub(super) const CONNTRACK: i32 = -200;

/// A base chain in its turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) table: &'a Table,
    pub(super) chain: &'a Chain,
    pub(super) base: &'a Base,
}

/// What packets meet.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) survey: &'a Survey,
    turns: BTreeMap<Hook, Vec<Turn<'a>>>,
    /// The addresses that rules name as a destination, by family: what doesn't tell two of them apart is the same to all rules.
    named: Vec<AddressRange>,
    /// Every translation of a destination, with the ports it is for.
    pub(super) translated: Vec<Translated>,
    /// The networks for which rules stand in with an address of this host.
    pub(super) masked: Vec<AddressRange>,
    /// The present in seconds since 1970, if it is known.
    pub(super) now: Option<u64>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(tables: &[&'a Foreign], survey: &'a Survey, now: Option<Moment>) -> Self {
        let tables = || tables.iter().flat_map(|foreign| &foreign.tables).filter(|table| !table.is_dormant);
        let mut turns: BTreeMap<Hook, Vec<Turn>> = BTreeMap::new();
        for table in tables() {
            for chain in &table.chains {
                let Some(base) = &chain.base else { continue };
                turns.entry(base.hook).or_default().push(Turn { table, chain, base });
            }
        }
        for turns in turns.values_mut() {
            turns.sort_by_key(|turn| (place(turn.base), turn.base.priority));
        }
        let named = tables().flat_map(named::destinations).collect();
        let translated = tables().flat_map(named::translated).collect();
        let masked = tables().flat_map(named::masked).collect();
        let now = now.and_then(|now| u64::try_from(now.as_millis().div_euclid(1000)).ok());
        Self { survey, turns, named, translated, masked, now }
    }

    /// The base chains of a hook that a family's packets meet, in order.
    pub(super) fn turns(&self, hook: Hook, family: Family) -> impl Iterator<Item = Turn<'a>> {
        self.turns.get(&hook).into_iter().flatten().copied().filter(move |turn| turn.table.span.has(family))
    }

    pub(super) fn is_own(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.survey.addresses.iter().any(|own| own.address == address)
    }

    /// Where a redirection leads: to the first address of the interface, or to loopback for what this host sends itself.
    pub(super) fn redirected(&self, input: Option<&str>, address: IpAddr) -> IpAddr {
        let family = Family::of(address);
        let of_interface =
            |own: &&OwnAddress| Some(own.interface.as_str()) == input && Family::of(own.address) == family;
        let found = self.survey.addresses.iter().find(of_interface).map(|own| own.address);
        match (input, family) {
            (Some(input), _) if input != "lo" => found.unwrap_or(address),
            (_, Family::V4) => IpAddr::from([127, 0, 0, 1]),
            (_, Family::V6) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1_u16]),
        }
    }

    /// The interface towards an address of somebody else.
    pub(super) fn towards(&self, address: IpAddr) -> Option<&'a str> {
        let fitting = self.survey.routes.iter().filter(|route| route.network.contains(address));
        let narrowest = fitting.min_by_key(|route| bits(route.network.last()) - bits(route.network.first()));
        narrowest.map(|route| route.interface.as_str())
    }

    /// One of each kind of address that rules tell apart.
    pub(super) fn apart(&self, addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
        let mut kinds: Vec<(Vec<bool>, IpAddr)> = Vec::new();
        for address in addresses {
            let kind: Vec<bool> = self.named.iter().map(|range| range.contains(address)).collect();
            if kinds.iter().all(|(other, _)| *other != kind) {
                kinds.push((kind, address));
            }
        }
        kinds.into_iter().map(|(_, address)| address).collect()
    }
}

/// The kernel calls all chains of kind nat where the first of them belongs.
pub(super) fn place(base: &Base) -> i32 {
    match (base.kind, base.hook) {
        (Kind::Nat, Hook::Prerouting | Hook::Output) => -100,
        (Kind::Nat, _) => 100,
        (Kind::Filter | Kind::Route, _) => base.priority,
    }
}
