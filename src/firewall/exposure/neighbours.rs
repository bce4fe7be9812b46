//! Whether hosts on a link find this one. Over IPv6 they ask for it by packets that rules can drop: nobody gets in then,
//! whatever the rules say of ports.

use std::{collections::BTreeMap, net::IpAddr};

use super::{
    Reach, Step,
    ground::Ground,
    packet::{Content, Opening, State},
    ranges::Ranges,
    verdict::path,
    way::{self, Outcome},
};
use crate::firewall::{AddressRange, Family, enforcement::OwnAddress};

/// Who has this address?
const QUESTION: u8 = 135;
/// I have.
const ANSWER: u8 = 136;

/// Interfaces with one other end, which isn't asked for.
const WIRES: [&str; 8] = ["lo", "ppp", "tun", "wg", "tailscale", "sit", "gre", "ip6tnl"];

/// The address to which the question for any address of a host is sent: `ff02::1:ff00:1`.
const ASKED: IpAddr = IpAddr::V6(std::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, 1));
/// A neighbour's, by which only neighbours know it: `fe80::ff:fe00:1`.
const NEIGHBOUR: IpAddr = IpAddr::V6(std::net::Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0xff, 0xfe00, 1));

/// What to say of interfaces on which this host isn't found.
pub(super) struct Neighbours<'a>(BTreeMap<&'a str, Lost>);

/// Why nobody gets in by an interface.
pub(super) struct Lost {
    pub(super) reach: Reach,
    pub(super) path: Vec<Step>,
}

impl<'a> Neighbours<'a> {
    pub(super) fn of(ground: &'a Ground<'a>) -> Self {
        let own = ground.survey.addresses.iter().filter(|own| Family::of(own.address) == Family::V6);
        let interfaces = own.map(|own| own.interface.as_str()).filter(|name| !is_wire(name));
        let mut lost = BTreeMap::new();
        for interface in interfaces {
            if !lost.contains_key(interface) {
                lost.insert(interface, Link { ground, interface }.lost());
            }
        }
        Self(lost.into_iter().filter_map(|(interface, lost)| Some((interface, lost?))).collect())
    }

    /// None where neighbours find this host.
    pub(super) fn lost(&self, interface: &str) -> Option<&Lost> {
        self.0.get(interface)
    }
}

fn is_wire(interface: &str) -> bool {
    WIRES.iter().any(|start| interface.starts_with(start))
}

/// One interface and who is at it.
struct Link<'a> {
    ground: &'a Ground<'a>,
    interface: &'a str,
}

impl<'a> Link<'a> {
    /// Either they ask and are answered, or they learn it when this host asks for them.
    fn lost(&self) -> Option<Lost> {
        let (asked, answers) = (self.comes(QUESTION), self.goes(ANSWER));
        let shut = [&asked, &answers].into_iter().find(|outcome| outcome.arrived.is_empty())?;
        let path = path(shut, None);
        let asks_itself = [self.goes(QUESTION), self.comes(ANSWER)];
        let reach = if asks_itself.iter().any(|outcome| outcome.arrived.is_empty()) {
            Reach::Closed
        } else {
            Reach::CantTell(
                "neighbour discovery is dropped, so only those find this host whom it found first".to_owned(),
            )
        };
        Some(Lost { reach, path })
    }

    /// By our networks here, and from addresses known on the link alone.
    fn neighbours(&self) -> Ranges {
        let here = self.ground.survey.addresses.iter().filter(|own| own.interface.as_str() == self.interface);
        let networks: Vec<AddressRange> = here.map(|own| own.network).collect();
        Ranges::of(&networks, Family::V6).union(&Ranges::of(&[NEIGHBOUR.into()], Family::V6))
    }

    fn comes(&self, kind: u8) -> Outcome<'a> {
        let to = if kind == QUESTION { ASKED } else { self.own() };
        let state = State { input: Some(self.interface), ..State::fresh(to, 0) };
        way::follow_neighbour(self.ground, opening(kind, false), state, &self.neighbours())
    }

    fn goes(&self, kind: u8) -> Outcome<'a> {
        let to = if kind == QUESTION { ASKED } else { NEIGHBOUR };
        let state = State { output: Some(self.interface), ..State::fresh(to, 0) };
        way::follow_neighbour(self.ground, opening(kind, true), state, &Ranges::of(&[self.own().into()], Family::V6))
    }

    fn own(&self) -> IpAddr {
        let is_here =
            |own: &&OwnAddress| own.interface.as_str() == self.interface && Family::of(own.address) == Family::V6;
        self.ground.survey.addresses.iter().find(is_here).map_or(NEIGHBOUR, |own| own.address)
    }
}

const fn opening(kind: u8, is_own: bool) -> Opening {
    Opening { family: Family::V6, content: Content::Neighbour(kind), is_own }
}
