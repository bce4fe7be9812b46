//! Which interfaces and addresses belong to which origin.

use std::net::IpAddr;

use super::{ground::Ground, ranges::Ranges};
use crate::firewall::{AddressRange, Family, bits, enforcement::OwnAddress};

/// How interfaces between a host and its containers or virtual machines are called.
const CONTAINERS: [&str; 13] =
    ["docker", "br-", "podman", "cni", "virbr", "lxcbr", "lxdbr", "incusbr", "lxc", "cali", "flannel", "ve-", "vb-"];
/// How interfaces to other hosts are called.
const LINKS: [&str; 12] = ["eth", "en", "wl", "ww", "wg", "tun", "tap", "ppp", "bond", "team", "vlan", "tailscale"];
/// Addresses that no stranger has: this host, private use, loopback, link-local, provider's NAT, multicast, reserved.
const NOBODY: [&str; 8] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
];
/// The same for IPv6: all but global unicast.
const SOMEBODY: &str = "2000::/3";
/// Addresses for private use, which somebody beyond the router may have.
const PRIVATE: [&str; 5] = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

fn constant(text: &str) -> AddressRange {
    AddressRange::parse(text).expect("a constant of the right form")
}

/// Whether an interface joins several, so that frames pass tables of the bridge family.
pub(super) fn is_bridge(name: &str) -> bool {
    ["br", "docker", "podman", "cni", "virbr", "vmbr", "lxcbr", "lxdbr", "incusbr"]
        .iter()
        .any(|start| name.starts_with(start))
}

pub(super) fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// Whether it is a good part of all there is.
fn is_wide(network: AddressRange, family: Family) -> bool {
    network.family() == family && bits(network.last()) - bits(network.first()) >= family.last_bits() / 8
}

/// Whether nobody outside a network of one's own has this address.
pub(super) fn is_private(address: IpAddr) -> bool {
    is_link_local(address) || PRIVATE.iter().any(|text| constant(text).contains(address))
}

impl<'a> Ground<'a> {
    /// Whether containers are behind an interface: by its name, or because a rule hides the addresses of its network.
    pub(super) fn leads_to_containers(&self, own: &OwnAddress) -> bool {
        let name = own.interface.as_str();
        let is_called = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
        let is_hidden = || self.masked.iter().any(|range| range.covers(own.network) && range.first() != range.last());
        is_called(&CONTAINERS)
            || (!is_called(&LINKS) && !self.gates(Family::of(own.address)).contains(&name) && is_hidden())
    }

    /// The interfaces towards the rest of the world: those of a default route, be it in two halves.
    pub(super) fn gates(&self, family: Family) -> Vec<&'a str> {
        let mut gates: Vec<&str> = Vec::new();
        for route in self.survey.routes.iter().filter(|route| is_wide(route.network, family)) {
            if !gates.contains(&route.interface.as_str()) {
                gates.push(route.interface.as_str());
            }
        }
        gates
    }

    /// The networks, with their interface, that a route leads to and that aren't just some of the world's.
    pub(super) fn routed(&self, family: Family) -> impl Iterator<Item = (AddressRange, &'a str)> {
        let gates = self.gates(family);
        let routes = self.survey.routes.iter().map(|route| (route.network, route.interface.as_str()));
        routes.filter(move |(network, interface)| {
            let is_near = is_private(network.first()) || !gates.contains(interface);
            network.family() == family && !is_wide(*network, family) && *interface != "lo" && is_near
        })
    }

    /// Every network this host knows more of than that it is somewhere in the world.
    fn near(&self, family: Family) -> Ranges {
        let own = self.survey.addresses.iter().map(|own| own.network);
        let near: Vec<AddressRange> = own.chain(self.routed(family).map(|(network, _)| network)).collect();
        Ranges::of(&near, family)
    }

    /// Whoever may knock from the rest of the world.
    pub(super) fn strangers(&self, family: Family) -> Ranges {
        let somebody = match family {
            Family::V4 => Ranges::of(&[AddressRange::everything(family)], family)
                .minus(&Ranges::of(&NOBODY.map(constant), family)),
            Family::V6 => Ranges::of(&[constant(SOMEBODY)], family),
        };
        somebody.minus(&self.near(family))
    }

    /// Private addresses that aren't in any network this host knows of, but may be beyond its router.
    pub(super) fn far_private(&self, family: Family) -> Ranges {
        Ranges::of(&PRIVATE.map(constant), family).minus(&self.near(family))
    }
}
