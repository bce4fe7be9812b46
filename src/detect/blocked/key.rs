//! What makes packets alike, small enough to be looked up for each of them.

use std::net::IpAddr;

use super::Packet;
use crate::firewall::{
    Family, InterfaceName, Receipt,
    blocked::{Door, Source},
};

/// Packets with equal keys are one row. The source comes first, because it differs most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) minute: i64,
    pub(super) source: Source,
    pub(super) port: Option<u16>,
    pub(super) protocol: Option<u8>,
    pub(super) receipt: Receipt,
    destination: Option<IpAddr>,
    incoming: u16,
    outgoing: u16,
    family: Family,
}

/// The names of interfaces, each once; number 0 is none.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<InterfaceName>);

impl Names {
    /// A host that makes an interface for each container gets new ones all the time; the last number stands for all that
    /// come later.
    const MOST: usize = 1000;

    fn number(&mut self, name: Option<&InterfaceName>) -> u16 {
        let Some(name) = name else { return 0 };
        let index = self.0.iter().position(|known| known == name).unwrap_or(self.0.len());
        if index == self.0.len() && index < Self::MOST {
            self.0.push(name.clone());
        }
        u16::try_from(index + 1).unwrap_or(0)
    }

    fn name(&self, number: u16) -> Option<InterfaceName> {
        usize::from(number).checked_sub(1).and_then(|index| self.0.get(index)).cloned()
    }
}

impl Key {
    pub(super) fn of(minute: i64, packet: &Packet<'_>, names: &mut Names) -> Self {
        Self {
            minute,
            source: Source::Address(packet.source),
            port: packet.port,
            protocol: Some(packet.protocol),
            receipt: packet.receipt,
            destination: Some(packet.destination),
            incoming: names.number(packet.incoming),
            outgoing: names.number(packet.outgoing),
            family: Family::of(packet.source),
        }
    }

    /// All of the network that knock there.
    pub(super) fn of_network(self) -> Self {
        Self { source: self.source.network(), destination: None, ..self }
    }

    /// All that knock there.
    pub(super) const fn of_many(self) -> Self {
        Self { source: Source::Many(self.family), destination: None, incoming: 0, outgoing: 0, ..self }
    }

    /// All that the line decided.
    pub(super) const fn of_line(self) -> Self {
        Self { port: None, protocol: None, ..self.of_many() }
    }

    pub(super) fn door(&self, names: &Names) -> Door {
        Door {
            receipt: self.receipt,
            family: self.family,
            protocol: self.protocol,
            port: self.port,
            destination: self.destination,
            incoming: names.name(self.incoming),
            outgoing: names.name(self.outgoing),
        }
    }
}
