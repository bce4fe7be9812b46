//! Ports that are published to containers by translation, whether or not a process of this host holds them.

use std::{net::IpAddr, ops::RangeInclusive};

use super::{Surroundings, ground::Ground, named::Translated};
use crate::firewall::{
    AddressRange, Listener,
    listener::{Bind, Transport},
};

/// A port that tables of other programs send on to a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Published {
    /// TCP or UDP.
    pub transport: Transport,
    /// The port of this host.
    pub port: u16,
    /// The addresses it is published at; none for all of this host.
    pub addresses: Vec<AddressRange>,
    /// The container's address and port.
    pub container: (IpAddr, u16),
}

impl Published {
    /// Whether a socket of this host has the port too, as a proxy process has.
    #[must_use]
    pub fn is_held_by(&self, listener: &Listener) -> bool {
        let is_at = |address| self.addresses.is_empty() || self.addresses.iter().any(|range| range.contains(address));
        let has_address = match listener.bind {
            Bind::Address(address) => is_at(address),
            Bind::Any4 | Bind::Any6 | Bind::AnyDual => true,
        };
        (listener.transport, listener.port) == (self.transport, self.port) && has_address
    }

    /// What it would be if a process of this host listened at it.
    #[must_use]
    pub fn to_listener(&self) -> Listener {
        let bind = match (self.addresses.as_slice(), self.container.0) {
            ([range], _) if range.first() == range.last() => Bind::Address(range.first()),
            (_, IpAddr::V4(_)) => Bind::Any4,
            (_, IpAddr::V6(_)) => Bind::Any6,
        };
        Listener {
            transport: self.transport,
            bind,
            port: self.port,
            interface: None,
            uid: 0,
            user: None,
            processes: Vec::new(),
            unit: None,
            container: None,
        }
    }
}

/// Of a range that is published whole only so many ports are told.
const MOST: usize = 64;

pub(super) fn find(surroundings: &Surroundings) -> Vec<Published> {
    let ground = Ground::new(&[surroundings.foreign], surroundings.survey, None);
    let outward = |translated: &&Translated| translated.address.is_some_and(|address| !ground.is_own(address));
    let mut found: Vec<Published> = ground.translated.iter().filter(outward).flat_map(each).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn each(translated: &Translated) -> impl Iterator<Item = Published> {
    let transports = match translated.protocol {
        None => vec![Transport::Tcp, Transport::Udp],
        Some(6) => vec![Transport::Tcp],
        Some(17) => vec![Transport::Udp],
        Some(_) => Vec::new(),
    };
    let ports = translated.ports.iter().cloned().flat_map(RangeInclusive::into_iter).take(MOST);
    let one = |port: u16, transport| {
        let container = (translated.address?, translated.port.unwrap_or(port));
        Some(Published { transport, port, addresses: translated.addresses.clone(), container })
    };
    let ports: Vec<u16> = ports.collect();
    transports
        .into_iter()
        .flat_map(move |transport| ports.clone().into_iter().filter_map(move |port| one(port, transport)))
}
