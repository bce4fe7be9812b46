//! What is tried to answer for an origin: packets of one network, by one interface, to one address.

use std::net::IpAddr;

use super::{
    Origin,
    ground::Ground,
    places::{is_link_local, is_private},
    ranges::Ranges,
};
use crate::firewall::{
    AddressRange, Family,
    enforcement::OwnAddress,
    listener::{Bind, Listener},
};

/// Packets that differ only in their source.
#[derive(Debug, Clone)]
pub(super) struct Probe<'a> {
    pub(super) input: &'a str,
    pub(super) sources: Ranges,
    pub(super) destination: IpAddr,
    /// Where they come from, where that isn't all of the origin.
    pub(super) from: String,
    /// Whether it only adds to what the others find: from there somebody may come.
    pub(super) is_aside: bool,
}

/// Where a listener may be reached at all, of one family.
pub(super) struct Door<'a> {
    pub(super) bind: Bind,
    pub(super) interface: Option<&'a str>,
    pub(super) family: Family,
}

impl<'a> Door<'a> {
    /// None if the listener hasn't got the family.
    pub(super) fn of(listener: &'a Listener, family: Family) -> Option<Self> {
        let has = match listener.bind {
            Bind::Any4 => family == Family::V4,
            Bind::Any6 => family == Family::V6,
            Bind::AnyDual => true,
            Bind::Address(address) => Family::of(address) == family,
        };
        has.then_some(Self { bind: listener.bind, interface: listener.interface.as_deref(), family })
    }

    pub(super) fn is_bound(&self, address: IpAddr) -> bool {
        match self.bind {
            Bind::Address(own) => own == address,
            Bind::Any4 | Bind::Any6 | Bind::AnyDual => Family::of(address) == self.family,
        }
    }

    /// Whether it takes packets of an interface.
    pub(super) fn is_open_to(&self, interface: &str) -> bool {
        self.interface.is_none_or(|own| own == interface)
    }
}

/// What to try from an origin; nothing if no packet from there gets to the listener's address.
pub(super) fn probes<'a>(ground: &'a Ground<'a>, door: &Door, origin: Origin) -> Vec<Probe<'a>> {
    let probes = match origin {
        Origin::World => world(ground, door),
        Origin::Networks => networks(ground, door),
        Origin::Containers => behind(ground, door, true),
        Origin::Host => own(door),
    };
    probes.into_iter().filter(|probe| !probe.sources.is_empty()).collect()
}

fn world<'a>(ground: &'a Ground<'a>, door: &Door) -> Vec<Probe<'a>> {
    let strangers = ground.strangers(door.family);
    let mut probes = Vec::new();
    for gate in ground.gates(door.family) {
        let reachable = |own: &OwnAddress| {
            !is_link_local(own.address) && (own.interface.as_str() == gate || !is_private(own.address))
        };
        for destination in destinations(ground, door, reachable) {
            probes.push(probe(gate, &strangers, destination, format!("the world by {gate}")));
        }
    }
    probes
}

fn networks<'a>(ground: &'a Ground<'a>, door: &Door) -> Vec<Probe<'a>> {
    let mut probes = behind(ground, door, false);
    let far = ground.far_private(door.family);
    for gate in ground.gates(door.family) {
        for destination in
            destinations(ground, door, |own| own.interface.as_str() == gate && !is_link_local(own.address))
        {
            let from = format!("private addresses beyond {gate}");
            probes.push(Probe { is_aside: true, ..probe(gate, &far, destination, from) });
        }
    }
    probes
}

/// Networks that this host has an address in or a route to, of containers or of others.
fn behind<'a>(ground: &'a Ground<'a>, door: &Door, containers: bool) -> Vec<Probe<'a>> {
    let mut probes = Vec::new();
    let mut known: Vec<(AddressRange, &str)> = Vec::new();
    let own = ground.survey.addresses.iter().filter(|own| ground.leads_to_containers(own) == containers);
    for own in own.filter(|own| Family::of(own.address) == door.family && own.network.first() != own.network.last()) {
        if known.contains(&(own.network, own.interface.as_str())) {
            continue;
        }
        known.push((own.network, own.interface.as_str()));
        add(ground, door, (own.network, own.interface.as_str()), &mut probes);
    }
    for (network, interface) in ground.routed(door.family) {
        let is_there =
            |own: &OwnAddress| own.interface.as_str() == interface && ground.leads_to_containers(own) == containers;
        if ground.survey.addresses.iter().any(is_there) && !known.contains(&(network, interface)) {
            known.push((network, interface));
            add(ground, door, (network, interface), &mut probes);
        }
    }
    probes
}

fn add<'a>(
    ground: &'a Ground<'a>,
    door: &Door,
    (network, interface): (AddressRange, &'a str),
    probes: &mut Vec<Probe<'a>>,
) {
    let on_link = is_link_local(network.first());
    let here: Vec<AddressRange> = ground.survey.addresses.iter().map(|own| own.address.into()).collect();
    let sources = Ranges::of(&[network], door.family).minus(&Ranges::of(&here, door.family));
    // A link-local address is known on its link alone, and nobody comes from one to another kind of address.
    let reachable =
        |own: &OwnAddress| is_link_local(own.address) == on_link && (!on_link || own.interface.as_str() == interface);
    for destination in destinations(ground, door, reachable) {
        probes.push(probe(interface, &sources, destination, format!("{network} by {interface}")));
    }
}

fn own<'a>(door: &Door) -> Vec<Probe<'a>> {
    let destination = match (door.bind, door.family) {
        (Bind::Address(address), _) => address,
        (_, Family::V4) => IpAddr::from([127, 0, 0, 1]),
        (_, Family::V6) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1_u16]),
    };
    let sources = Ranges::of(&[destination.into()], door.family);
    vec![probe("lo", &sources, destination, "this host".to_owned())]
}

fn probe<'a>(input: &'a str, sources: &Ranges, destination: IpAddr, from: String) -> Probe<'a> {
    Probe { input, sources: sources.clone(), destination, from, is_aside: false }
}

/// The addresses to try: those the listener is bound to and that can be reached, one of each kind that rules tell apart.
fn destinations(ground: &Ground, door: &Door, reachable: impl Fn(&OwnAddress) -> bool) -> Vec<IpAddr> {
    let own = ground.survey.addresses.iter().filter(|own| door.is_bound(own.address) && reachable(own));
    ground.apart(own.map(|own| own.address))
}
