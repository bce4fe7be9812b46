//! The bytes of rtnetlink: dump requests, and the parts of the answers that are of use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{
    firewall::Family,
    netlink::wire::{self, Writer, attribute, next_message, u32_at},
};

// linux/rtnetlink.h.
const RTM_NEWLINK: u16 = 16;
const RTM_GETLINK: u16 = 18;
const RTM_NEWADDR: u16 = 20;
const RTM_GETADDR: u16 = 22;
const RTM_NEWROUTE: u16 = 24;
const RTM_GETROUTE: u16 = 26;
const IFLA_IFNAME: u16 = 3;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RT_TABLE_MAIN: u8 = 254;
const RTN_UNICAST: u8 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IFINFOMSG: usize = 16;
const IFADDRMSG: usize = 8;
const RTMSG: usize = 12;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Links,
    Addresses,
    Routes,
}

/// One thing that the kernel told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    Link { index: u32, name: String },
    Address { index: u32, address: IpAddr, length: u8 },
    Route { index: u32, destination: Option<IpAddr>, length: u8, family: Family },
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Kernel(i32),
    Cut,
}

impl Question {
    pub(super) fn encode(self) -> Vec<u8> {
        let (kind, body) = match self {
            Self::Links => (RTM_GETLINK, IFINFOMSG),
            Self::Addresses => (RTM_GETADDR, IFADDRMSG),
            Self::Routes => (RTM_GETROUTE, RTMSG),
        };
        let mut writer = Writer::default();
        writer.message(kind, wire::DUMP, |writer| writer.raw(&vec![0; body]));
        writer.as_bytes().to_vec()
    }
}

/// Reads the messages of one datagram; true when the dump is complete.
pub(super) fn read(mut rest: &[u8], found: &mut Vec<Message>) -> Result<bool, Fault> {
    while let Some(message) = next_message(&mut rest) {
        match message.kind {
            wire::DONE => return Ok(true),
            wire::ERROR => return Err(Fault::Kernel(message.error())),
            RTM_NEWLINK => found.extend(link(message.body)),
            RTM_NEWADDR => found.extend(address(message.body)),
            RTM_NEWROUTE => found.extend(route(message.body)),
            _ => {}
        }
    }
    if rest.is_empty() { Ok(false) } else { Err(Fault::Cut) }
}

fn link(body: &[u8]) -> Option<Message> {
    let name = attribute(body.get(IFINFOMSG..)?, IFLA_IFNAME)?;
    let name = name.split(|byte| *byte == 0).next()?;
    Some(Message::Link { index: u32_at(body, 4)?, name: String::from_utf8(name.to_vec()).ok()? })
}

/// `IFA_LOCAL` is the own end of a point-to-point link, where `IFA_ADDRESS` is the peer; elsewhere they are equal or
/// only the latter exists.
fn address(body: &[u8]) -> Option<Message> {
    let attributes = body.get(IFADDRMSG..)?;
    let address = attribute(attributes, IFA_LOCAL).or_else(|| attribute(attributes, IFA_ADDRESS))?;
    Some(Message::Address { index: u32_at(body, 4)?, address: parse(address)?, length: *body.get(1)? })
}

/// Routes of the main table to other hosts. One over several next hops names no interface and is left out.
fn route(body: &[u8]) -> Option<Message> {
    let family = match *body.first()? {
        AF_INET => Family::V4,
        AF_INET6 => Family::V6,
        _ => return None,
    };
    if *body.get(4)? != RT_TABLE_MAIN || *body.get(7)? != RTN_UNICAST {
        return None;
    }
    let attributes = body.get(RTMSG..)?;
    let index = u32_at(attribute(attributes, RTA_OIF)?, 0)?;
    let destination = attribute(attributes, RTA_DST).map(parse);
    let destination = match destination {
        Some(readable) => Some(readable?),
        None => None,
    };
    Some(Message::Route { index, destination, length: *body.get(1)?, family })
}

fn parse(value: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(value).ok().map(|octets| Ipv4Addr::from(octets).into());
    v4().or_else(|| <[u8; 16]>::try_from(value).ok().map(|octets| Ipv6Addr::from(octets).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_and_lying_lengths_end_the_walk() {
        for bytes in [&[0; 15][..], &[0; 16], &[255; 64], &[20, 0, 0, 0, 20, 0]] {
            assert_eq!(read(bytes, &mut Vec::new()), Err(Fault::Cut), "{bytes:?}");
        }
        let mut found = Vec::new();
        for kind in [RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE] {
            let mut bytes = 24_u32.to_ne_bytes().to_vec();
            bytes.extend(kind.to_ne_bytes());
            bytes.resize(24, 0);
            assert_eq!(read(&bytes, &mut found), Ok(false));
        }
        assert!(found.is_empty());
    }
}
