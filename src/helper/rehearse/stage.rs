//! What a rehearsal needs: interfaces, addresses and routes, so that each packet really goes the way it is said to. PURE.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::firewall::{
    AddressRange, Family, InterfaceName,
    enforcement::Survey,
    simulate::{Content, Packet, Passage, Route},
    witness::stranger,
};

/// Protocols whose connections can't begin with an empty packet, or that are no protocols but headers of IPv6.
const UNSENDABLE: [u8; 17] = [0, 1, 2, 6, 17, 33, 43, 44, 47, 50, 51, 58, 59, 60, 132, 135, 136];

/// The packets that can be sent, and the network in which they are.
#[derive(Debug)]
pub struct Stage {
    /// The packets, each only once.
    pub packets: Vec<Packet>,
    /// The interfaces that they use.
    pub interfaces: BTreeSet<InterfaceName>,
    /// This host's addresses, and where they are.
    pub own: BTreeMap<IpAddr, InterfaceName>,
    /// The way to everybody else.
    pub ways: BTreeMap<AddressRange, InterfaceName>,
}

impl Stage {
    /// Takes what of the probes can be sent honestly. Interfaces of the names `taken` can't be made.
    pub fn new(probes: &[Packet], survey: &Survey, taken: &[InterfaceName], has_ipv6: bool) -> Self {
        let placed = probes.iter().filter_map(|probe| place(probe, survey));
        let is_possible = |packet: &Packet| {
            interfaces(packet).all(|name| !taken.contains(name)) && (has_ipv6 || packet.family() == Family::V4)
        };
        let (mut seen, mut packets) = (BTreeSet::new(), Vec::new());
        packets.extend(placed.filter(|packet| is_possible(packet) && seen.insert(packet.clone())));
        let interfaces: BTreeSet<_> = packets.iter().flat_map(interfaces).cloned().collect();
        let own = packets.iter().filter_map(own_address).collect();
        let mut stage = Self { packets: Vec::new(), interfaces, own, ways: BTreeMap::new() };
        for Route { network, interface } in &survey.routes {
            let is_possible = has_ipv6 || network.family() == Family::V4;
            if is_possible && stage.interfaces.contains(interface) && network.to_prefix().is_some() {
                stage.ways.entry(*network).or_insert_with(|| interface.clone());
            }
        }
        let mut connections = BTreeMap::new();
        for packet in packets {
            // The kernel takes what goes the other way for an answer, and what looks otherwise for the next packet.
            let is_first = connection(&packet).is_none_or(|connection| {
                let first = (packet.source(), packet.content);
                *connections.entry(connection).or_insert(first) == first
            });
            // What comes in with an address of this host goes nowhere, whatever the rules say.
            let is_forged = comes_in(&packet) && stage.own.contains_key(&packet.source());
            if is_first && !is_forged && stage.leads(&packet) {
                stage.packets.push(packet);
            }
        }
        stage
    }

    /// Sees to it that the packet arrives where it should, unless another one is to find something else there.
    fn leads(&mut self, packet: &Packet) -> bool {
        let (Passage::Forward { output, .. } | Passage::Out { output }) = &packet.passage else { return true };
        if self.own.contains_key(&packet.destination()) {
            return false;
        }
        let way = self.ways.entry(packet.destination().into()).or_insert_with(|| output.clone());
        way == output
    }

    /// The routes as the simulator sees them.
    pub fn routes(&self) -> Vec<Route> {
        let lo = InterfaceName::parse("lo").expect("a valid name");
        let own = self.own.keys().map(|address| Route { network: (*address).into(), interface: lo.clone() });
        let ways =
            self.ways.iter().map(|(network, interface)| Route { network: *network, interface: interface.clone() });
        own.chain(ways).collect()
    }
}

/// Whether the packet reaches this host from outside.
pub const fn comes_in(packet: &Packet) -> bool {
    matches!(packet.passage, Passage::In { .. } | Passage::Forward { .. })
}

/// What the kernel knows a connection by: the protocol and both ends, whoever speaks. Each ping is one of its own.
fn connection(packet: &Packet) -> Option<(u8, [(IpAddr, u16); 2])> {
    let (from, port) = match packet.content {
        Content::Tcp { from, port, .. } | Content::Udp { from, port } => (from, port),
        Content::Other(_) => (0, 0),
        Content::Icmp(_) => return None,
    };
    let mut ends = [(packet.source(), from), (packet.destination(), port)];
    ends.sort_unstable();
    Some((packet.protocol(), ends))
}

fn interfaces(packet: &Packet) -> impl Iterator<Item = &InterfaceName> {
    let (one, other) = match &packet.passage {
        Passage::In { input } => (input, None),
        Passage::Out { output } => (output, None),
        Passage::Forward { input, output } => (input, Some(output)),
    };
    [one].into_iter().chain(other)
}

fn own_address(packet: &Packet) -> Option<(IpAddr, InterfaceName)> {
    match &packet.passage {
        Passage::In { input } => Some((packet.destination(), input.clone())),
        Passage::Forward { .. } | Passage::Out { .. } => None,
    }
}

/// The probe with real addresses, if it can be sent at all. An address of zeros stands for any.
fn place(probe: &Packet, survey: &Survey) -> Option<Packet> {
    let given = |address: IpAddr, otherwise: &dyn Fn() -> IpAddr| {
        if address.is_unspecified() { otherwise() } else { address }
    };
    let family = probe.family();
    let nobody = || stranger(family);
    let here = |peer| given(survey.facing(peer), &|| own(family));
    let (source, destination) = match probe.passage {
        Passage::In { .. } => {
            let source = given(probe.source(), &nobody);
            (source, given(probe.destination(), &|| here(source)))
        }
        Passage::Out { .. } => {
            let destination = given(probe.destination(), &nobody);
            (given(probe.source(), &|| here(destination)), destination)
        }
        Passage::Forward { .. } => (given(probe.source(), &nobody), given(probe.destination(), &|| beyond(family))),
    };
    let mut packet = Packet::first(source, destination, probe.content, probe.passage.clone()).ok()?;
    packet.hop_limit = probe.hop_limit;
    let is_first = probe.connection == packet.connection && probe.original.is_none();
    let lives = packet.hop_limit > 1 || !matches!(packet.passage, Passage::Forward { .. });
    let goes = is_ordinary(source) && is_ordinary(destination) && source != destination && packet.hop_limit > 0;
    let sendable = !matches!(packet.content, Content::Other(number) if UNSENDABLE.contains(&number));
    let away = interfaces(&packet).all(|name| name.as_str() != "lo");
    (is_first && lives && goes && sendable && away).then_some(packet)
}

/// An address of this host in a network that is nobody's.
fn own(family: Family) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::new(198, 18, 0, 1).into(),
        Family::V6 => Ipv6Addr::new(0x2001, 0xdb8, 0x1, 0, 0, 0, 0, 1).into(),
    }
}

/// Somebody behind this host.
fn beyond(family: Family) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::new(198, 19, 0, 1).into(),
        Family::V6 => Ipv6Addr::new(0x2001, 0xdb8, 0x2, 0, 0, 0, 0, 1).into(),
    }
}

/// Whether packets with this address go through the kernel as any other.
fn is_ordinary(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => (1..224).contains(&address.octets()[0]) && address.octets()[0] != 127,
        IpAddr::V6(address) => {
            let is_local = address.is_unicast_link_local() || address.is_loopback() || address.is_unspecified();
            // The first 96 bits of zeros are for IPv4 in IPv6.
            !is_local && !address.is_multicast() && address.segments()[..5] != [0; 5]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::simulate::{Connection, SYN};

    fn name(text: &str) -> InterfaceName {
        InterfaceName::parse(text).unwrap()
    }

    fn packet(source: &str, destination: &str, passage: Passage) -> Packet {
        let content = Content::Tcp { from: 40_000, port: 22, flags: SYN };
        Packet::first(source.parse().unwrap(), destination.parse().unwrap(), content, passage).unwrap()
    }

    fn sent(probes: &[Packet]) -> usize {
        Stage::new(probes, &Survey::default(), &[name("tunl0")], true).packets.len()
    }

    #[test]
    fn what_cannot_be_sent_honestly_is_left_out() {
        let to = |input: &str| Passage::In { input: name(input) };
        let mut established = packet("192.0.2.7", "192.0.2.1", to("eth0"));
        established.connection = Connection::Established;
        let published = crate::firewall::simulate::Original { destination: "192.0.2.9".parse().unwrap(), port: 80 };
        let mut translated = packet("192.0.2.7", "192.0.2.1", to("eth0"));
        translated.original = Some(published);
        for probe in [
            packet("192.0.2.7", "192.0.2.1", to("lo")),
            packet("192.0.2.7", "192.0.2.1", to("tunl0")),
            packet("127.0.0.1", "192.0.2.1", to("eth0")),
            packet("192.0.2.7", "224.0.0.1", to("eth0")),
            packet("fe80::1", "2001:db8::1", to("eth0")),
            packet("2001:db8::1", "2001:db8::1", to("eth0")),
            established,
            translated,
        ] {
            assert_eq!(sent(std::slice::from_ref(&probe)), 0, "{probe:?}");
        }
    }

    #[test]
    fn one_destination_is_in_one_place() {
        let out = |output: &str| packet("192.0.2.1", "203.0.113.9", Passage::Out { output: name(output) });
        let coming = packet("192.0.2.7", "203.0.113.9", Passage::In { input: name("eth0") });
        assert_eq!(sent(&[out("eth0"), out("eth1"), out("eth0")]), 1);
        assert_eq!(sent(&[out("eth0"), coming]), 1, "what comes in counts first");
    }

    #[test]
    fn of_each_connection_only_first_packets_are_sent() {
        let with = |mut packet: Packet, content| {
            (packet.connection, packet.content) = (Connection::New, content);
            packet
        };
        let coming = |input: &str| packet("192.0.2.7", "192.0.2.1", Passage::In { input: name(input) });
        let going = packet("192.0.2.1", "192.0.2.7", Passage::Out { output: name("eth0") });
        let (same, ack) = (Content::Udp { from: 9, port: 9 }, Content::Tcp { from: 40_000, port: 22, flags: 0x10 });
        assert_eq!(sent(&[coming("eth0"), coming("eth1"), going.clone()]), 3);
        assert_eq!(sent(&[coming("eth0"), with(coming("eth0"), ack)]), 1);
        assert_eq!(sent(&[with(coming("eth0"), same), with(going.clone(), same)]), 1);
        assert_eq!(sent(&[with(coming("eth0"), Content::Other(89)), with(going, Content::Other(89))]), 1);
    }

    #[test]
    fn zeros_stand_for_anybody() {
        let through = Passage::Forward { input: name("eth0"), output: name("eth1") };
        let probes = [
            packet("0.0.0.0", "0.0.0.0", Passage::In { input: name("eth0") }),
            packet("::", "::", Passage::Out { output: name("eth0") }),
            packet("::", "::", through),
        ];
        assert_eq!(sent(&probes), 3);
    }
}
