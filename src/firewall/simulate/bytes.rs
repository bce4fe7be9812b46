//! Packets as they go over the wire, each with a number by which it is recognised: the IPv4 identification or the IPv6
//! flow label.

use std::net::IpAddr;

use super::{Content, Packet};

/// How a packet is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Shape {
    /// In one piece.
    Whole,
    /// In two fragments.
    Fragments,
    /// Only the first of two fragments.
    FirstFragment,
    /// In one piece, with a destination options header where it is IPv6.
    Options,
}

/// The IP packets to send for a packet: where its sender named another destination than it has now, to that one.
#[must_use]
pub fn datagrams(packet: &Packet, number: u16, shape: Shape) -> Vec<Vec<u8>> {
    let destination = packet.original.map_or(packet.destination(), |original| original.destination);
    let payload = payload(packet, destination, number);
    let (source, destination) = (octets(packet.source()), octets(destination));
    if packet.source().is_ipv4() {
        return pieces(&payload, shape, |offset, more, bytes| {
            let offset = u16::try_from(offset / 8).unwrap_or(u16::MAX) | if more { 0x2000 } else { 0 };
            let mut head = vec![0x45, 0];
            head.extend(u16::try_from(20 + bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
            head.extend([number.to_be_bytes(), offset.to_be_bytes()].concat());
            head.extend([packet.hop_limit, packet.protocol(), 0, 0]);
            head.extend([&source[..], &destination].concat());
            let sum = checksum(&head, 0);
            head[10..12].copy_from_slice(&sum.to_be_bytes());
            [&head, bytes].concat()
        });
    }
    let head = |next: u8, length: usize| {
        let mut head = vec![0x60, 0];
        head.extend(number.to_be_bytes());
        head.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        head.extend([next, packet.hop_limit]);
        head.extend([&source[..], &destination].concat());
        head
    };
    let protocol = packet.protocol();
    match shape {
        Shape::Whole => vec![[head(protocol, payload.len()), payload].concat()],
        Shape::Options => {
            let options = vec![protocol, 0, 1, 4, 0, 0, 0, 0];
            vec![[head(60, payload.len() + 8), options, payload].concat()]
        }
        Shape::Fragments | Shape::FirstFragment => pieces(&payload, shape, |offset, more, bytes| {
            let offset = u16::try_from(offset).unwrap_or(u16::MAX) | u16::from(more);
            let mut fragment = vec![protocol, 0];
            fragment.extend([offset.to_be_bytes(), [0, 0], number.to_be_bytes()].concat());
            [head(44, bytes.len() + 8), fragment, bytes.to_vec()].concat()
        }),
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

fn pieces(payload: &[u8], shape: Shape, build: impl Fn(usize, bool, &[u8]) -> Vec<u8>) -> Vec<Vec<u8>> {
    const CUT: usize = 24;
    match shape {
        Shape::Whole | Shape::Options => vec![build(0, false, payload)],
        Shape::FirstFragment => vec![build(0, true, &payload[..CUT])],
        Shape::Fragments => vec![build(0, true, &payload[..CUT]), build(CUT, false, &payload[CUT..])],
    }
}

fn payload(packet: &Packet, destination: IpAddr, number: u16) -> Vec<u8> {
    let named = |port: u16| packet.original.map_or(port, |original| original.port).to_be_bytes();
    let mut bytes: Vec<u8> = Vec::new();
    let sum_at = match packet.content {
        Content::Tcp { from, port, flags } => {
            bytes.extend(from.to_be_bytes());
            bytes.extend(named(port));
            bytes.extend([0, 0, 0, 1, 0, 0, 0, u8::from(flags & 0x10 != 0), 0x50, flags, 0x20, 0, 0, 0, 0, 0]);
            Some(16)
        }
        Content::Udp { from, port } => {
            bytes.extend(from.to_be_bytes());
            bytes.extend(named(port));
            bytes.extend([0, 40, 0, 0]);
            Some(6)
        }
        Content::Icmp(kind) => {
            bytes.extend([kind, 0, 0, 0]);
            bytes.extend(number.to_be_bytes());
            bytes.extend([0, 1]);
            Some(2)
        }
        Content::Other(_) => None,
    };
    bytes.resize(40, 0);
    if let Some(at) = sum_at {
        let pseudo = if matches!(packet.content, Content::Icmp(_)) && packet.source().is_ipv4() {
            0
        } else {
            pseudo_header(packet, destination, bytes.len())
        };
        let sum = checksum(&bytes, pseudo);
        bytes[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    }
    bytes
}

fn pseudo_header(packet: &Packet, destination: IpAddr, length: usize) -> u32 {
    let addresses = [octets(packet.source()), octets(destination)].concat();
    sum(&addresses) + u32::try_from(length).unwrap_or(u32::MAX) + u32::from(packet.protocol())
}

fn sum(bytes: &[u8]) -> u32 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0));
    bytes.chunks(2).map(word).sum()
}

fn checksum(bytes: &[u8], start: u32) -> u16 {
    let mut total = start + sum(bytes);
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    !u16::try_from(total).unwrap_or(u16::MAX)
}
