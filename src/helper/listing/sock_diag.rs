//! The kernel's `sock_diag` messages: the request, and the reader of its replies. PURE, so that it can be fuzzed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::firewall::listener::Transport;

const HEADER: usize = 16;
const REQUEST: usize = 72;
const REQUEST_LENGTH: u32 = 72;
const SOCKET: usize = 72;

const BY_FAMILY: u16 = 20;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const REQUEST_DUMP: u16 = 0x301;
const DUMP_INTERRUPTED: u16 = 0x10;

const V6_ONLY: u16 = 11;
const CGROUP_ID: u16 = 21;

/// One socket that accepts, as the kernel reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// TCP or UDP.
    pub transport: Transport,
    /// The local address.
    pub address: IpAddr,
    /// The local port.
    pub port: u16,
    /// `IPV6_V6ONLY`.
    pub v6_only: bool,
    /// The number of the interface it is bound to; 0 for none.
    pub interface: u32,
    /// The user that made it.
    pub uid: u32,
    /// Its number in `/proc/PID/fd`; 0 when no file leads to it.
    pub inode: u32,
    /// The cgroup (version 2) it was made in.
    pub cgroup: Option<u64>,
}

/// The address families to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `AF_INET`.
    V4,
    /// `AF_INET6`, dual stack included.
    V6,
}

/// What one datagram of a dump says about the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More datagrams follow.
    More,
    /// That was all.
    Done,
    /// That was all, but sockets came or went meanwhile: ask again.
    Interrupted,
}

/// Why a reply can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The kernel answers with this error number.
    #[error("the kernel answers sock_diag with error {0}")]
    Kernel(i32),
    /// A length points outside of what arrived.
    #[error("the kernel's sock_diag answer is cut off")]
    Cut,
}

/// Asks for all sockets of a kind that accept: TCP in LISTEN, UDP without a peer.
#[must_use]
pub fn request(family: Family, transport: Transport) -> [u8; REQUEST] {
    let family = match family {
        Family::V4 => 2,
        Family::V6 => 10,
    };
    let (protocol, state) = match transport {
        Transport::Tcp => (6, 10),
        Transport::Udp => (17, 7),
    };
    let mut bytes = [0; REQUEST];
    bytes[..4].copy_from_slice(&REQUEST_LENGTH.to_ne_bytes());
    bytes[4..6].copy_from_slice(&BY_FAMILY.to_ne_bytes());
    bytes[6..8].copy_from_slice(&REQUEST_DUMP.to_ne_bytes());
    bytes[16] = family;
    bytes[17] = protocol;
    bytes[20..24].copy_from_slice(&(1_u32 << state).to_ne_bytes());
    bytes
}

/// Reads one datagram and appends its sockets.
///
/// # Errors
/// [`Fault`] when the kernel refuses, or when the bytes aren't what the kernel would send.
pub fn read(datagram: &[u8], transport: Transport, sockets: &mut Vec<Socket>) -> Result<Progress, Fault> {
    let mut rest = datagram;
    while rest.len() >= HEADER {
        let (message, kind, flags) = split_message(&mut rest)?;
        if flags & DUMP_INTERRUPTED != 0 {
            return Ok(Progress::Interrupted);
        }
        match kind {
            BY_FAMILY => sockets.push(read_socket(message, transport).ok_or(Fault::Cut)?),
            DONE | ERROR => return finish(message, kind),
            _ => {}
        }
    }
    Ok(Progress::More)
}

fn split_message<'a>(rest: &mut &'a [u8]) -> Result<(&'a [u8], u16, u16), Fault> {
    let length = u32_at(rest, 0).and_then(|length| usize::try_from(length).ok()).ok_or(Fault::Cut)?;
    let message = rest.get(HEADER..length).ok_or(Fault::Cut)?;
    let kind = u16_at(rest, 4).ok_or(Fault::Cut)?;
    let flags = u16_at(rest, 6).ok_or(Fault::Cut)?;
    *rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    Ok((message, kind, flags))
}

fn finish(message: &[u8], kind: u16) -> Result<Progress, Fault> {
    let code = u32_at(message, 0).map_or(0, u32::cast_signed);
    match (kind, code) {
        (_, negative @ ..0) => Err(Fault::Kernel(negative.saturating_neg())),
        (DONE, _) => Ok(Progress::Done),
        _ => Ok(Progress::More),
    }
}

/// `struct inet_diag_msg`, then attributes.
fn read_socket(message: &[u8], transport: Transport) -> Option<Socket> {
    let (fixed, attributes) = message.split_at_checked(SOCKET)?;
    let mut socket = Socket {
        transport,
        address: read_address(fixed)?,
        port: u16::from_be_bytes(field(fixed, 4)?),
        v6_only: false,
        interface: u32_at(fixed, 40)?,
        uid: u32_at(fixed, 64)?,
        inode: u32_at(fixed, 68)?,
        cgroup: None,
    };
    read_attributes(attributes, &mut socket)?;
    Some(socket)
}

fn read_address(fixed: &[u8]) -> Option<IpAddr> {
    match fixed.first()? {
        2 => Some(Ipv4Addr::from(field::<4>(fixed, 8)?).into()),
        10 => Some(Ipv6Addr::from(field::<16>(fixed, 8)?).into()),
        _ => None,
    }
}

fn read_attributes(mut rest: &[u8], socket: &mut Socket) -> Option<()> {
    while rest.len() >= 4 {
        let length = usize::from(u16_at(rest, 0)?);
        let value = rest.get(4..length)?;
        match u16_at(rest, 2)? {
            V6_ONLY => socket.v6_only = *value.first()? != 0,
            CGROUP_ID => socket.cgroup = Some(u64::from_ne_bytes(field(value, 0)?)),
            _ => {}
        }
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    field(bytes, at).map(u16::from_ne_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u32::from_ne_bytes)
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + body.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend([kind.to_ne_bytes(), flags.to_ne_bytes()].concat());
        bytes.extend([0; 8]);
        bytes.extend(body);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + value.len()).unwrap();
        let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn socket(family: u8, address: &[u8], attributes: &[u8]) -> Vec<u8> {
        let mut body = vec![0; SOCKET];
        body[0] = family;
        body[4..6].copy_from_slice(&443_u16.to_be_bytes());
        body[8..8 + address.len()].copy_from_slice(address);
        body[40..44].copy_from_slice(&3_u32.to_ne_bytes());
        body[64..68].copy_from_slice(&33_u32.to_ne_bytes());
        body[68..72].copy_from_slice(&4711_u32.to_ne_bytes());
        body.extend(attributes);
        message(BY_FAMILY, 2, &body)
    }

    fn read_all(datagram: &[u8]) -> (Result<Progress, Fault>, Vec<Socket>) {
        let mut sockets = Vec::new();
        (read(datagram, Transport::Tcp, &mut sockets), sockets)
    }

    #[test]
    fn sockets_of_both_families_are_read_with_their_attributes() {
        let attributes = [attribute(8, &[0]), attribute(V6_ONLY, &[1]), attribute(CGROUP_ID, &77_u64.to_ne_bytes())];
        let datagram = [socket(2, &[192, 0, 2, 1], &[]), socket(10, &[0; 16], &attributes.concat())].concat();
        let (progress, sockets) = read_all(&datagram);
        assert_eq!(progress, Ok(Progress::More));
        let first = Socket {
            transport: Transport::Tcp,
            address: Ipv4Addr::new(192, 0, 2, 1).into(),
            port: 443,
            v6_only: false,
            interface: 3,
            uid: 33,
            inode: 4711,
            cgroup: None,
        };
        let second = Socket { address: Ipv6Addr::UNSPECIFIED.into(), v6_only: true, cgroup: Some(77), ..first.clone() };
        assert_eq!(sockets, [first, second]);
    }

    #[test]
    fn the_end_a_refusal_and_an_interruption_are_told_apart() {
        for (datagram, expected) in [
            (message(DONE, 2, &0_i32.to_ne_bytes()), Ok(Progress::Done)),
            (message(DONE, 2, &(-12_i32).to_ne_bytes()), Err(Fault::Kernel(12))),
            (message(DONE, DUMP_INTERRUPTED, &[0; 4]), Ok(Progress::Interrupted)),
            (message(ERROR, 0, &(-2_i32).to_ne_bytes()), Err(Fault::Kernel(2))),
            (message(1, 0, &[]), Ok(Progress::More)),
            (Vec::new(), Ok(Progress::More)),
        ] {
            assert_eq!(read_all(&datagram).0, expected, "{datagram:?}");
        }
    }

    #[test]
    fn a_length_that_points_outside_is_a_cut() {
        let whole = socket(2, &[127, 0, 0, 1], &attribute(CGROUP_ID, &[0; 8]));
        for length in HEADER..whole.len() {
            assert_eq!(read_all(&whole[..length]).0, Err(Fault::Cut), "{length}");
        }
        let short_header = message(BY_FAMILY, 0, &[0; SOCKET - 1]);
        let short_attribute = socket(2, &[127, 0, 0, 1], &attribute(CGROUP_ID, &[0; 7]));
        let tiny = [8_u32.to_ne_bytes(), [0; 4], [0; 4], [0; 4]].concat();
        for datagram in [short_header, short_attribute, tiny, socket(1, &[], &[]), socket(2, &[], &[1, 0, 0, 0])] {
            assert_eq!(read_all(&datagram).0, Err(Fault::Cut), "{datagram:?}");
        }
    }
}
