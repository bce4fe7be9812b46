//! The kernel's list of sockets (`sock_diag`): the question, and the reader of its answers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::{
    io::Errno,
    net::{RecvFlags, netlink::SOCK_DIAG},
};

use super::{
    DATAGRAM, Socket,
    wire::{DONE, DUMP, ERROR, INTERRUPTED, Message, REQUEST, field, next_attribute, next_message, u32_at},
};
use crate::firewall::{Family, listener::Transport};

const HEADER: usize = 16;
const QUESTION: usize = 72;
const QUESTION_LENGTH: u32 = 72;
const SOCKET: usize = 72;

const BY_FAMILY: u16 = 20;
const V6_ONLY: u16 = 11;
const CGROUP_ID: u16 = 21;

/// `TCP_ESTABLISHED`; of UDP: connected to one peer.
pub const ESTABLISHED: u8 = 1;
/// `TCP_LISTEN`.
const LISTENING: u8 = 10;
/// `TCP_CLOSE`; of UDP: without a peer.
const CLOSED: u8 = 7;

/// The states of a TCP connection whose peer has proved by its answer that it has its address: all but `SYN_SENT` and
/// `SYN_RECV`, up to `TIME_WAIT`, which lasts for a minute after the end.
const CONNECTED: [u8; 7] = [ESTABLISHED, 4, 5, 6, 8, 9, 11];

/// One socket, as the kernel reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// TCP or UDP.
    pub transport: Transport,
    /// The kernel's number of its state.
    pub state: u8,
    /// The local address.
    pub address: IpAddr,
    /// The local port.
    pub port: u16,
    /// The other end, if there is one.
    pub peer: Option<SocketAddr>,
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

/// Which sockets are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Those that accept: TCP in LISTEN, UDP without a peer.
    Accepting,
    /// Those with a peer that has proved its address: TCP from `ESTABLISHED` to `TIME_WAIT`, UDP with a peer.
    Connected,
}

/// A question for all sockets of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The address family; sockets of both belong to IPv6.
    pub family: Family,
    /// TCP or UDP.
    pub transport: Transport,
    /// Their states.
    pub kind: Kind,
    /// Comes back with every answer.
    pub sequence: u32,
}

/// How far an answer has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// That was all.
    pub is_done: bool,
    /// Sockets came or went meanwhile: some may be missing or told twice.
    pub is_interrupted: bool,
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

impl Question {
    /// The bytes to send.
    #[must_use]
    pub fn encode(self) -> [u8; QUESTION] {
        let family = match self.family {
            Family::V4 => 2,
            Family::V6 => 10,
        };
        let protocol = match self.transport {
            Transport::Tcp => 6,
            Transport::Udp => 17,
        };
        let mut bytes = [0; QUESTION];
        bytes[..4].copy_from_slice(&QUESTION_LENGTH.to_ne_bytes());
        bytes[4..6].copy_from_slice(&BY_FAMILY.to_ne_bytes());
        bytes[6..8].copy_from_slice(&(REQUEST | DUMP).to_ne_bytes());
        bytes[8..12].copy_from_slice(&self.sequence.to_ne_bytes());
        bytes[HEADER] = family;
        bytes[17] = protocol;
        bytes[20..24].copy_from_slice(&self.states().to_ne_bytes());
        bytes
    }

    fn states(self) -> u32 {
        match (self.kind, self.transport) {
            (Kind::Accepting, Transport::Tcp) => 1 << LISTENING,
            (Kind::Accepting, Transport::Udp) => 1 << CLOSED,
            (Kind::Connected, Transport::Tcp) => CONNECTED.iter().fold(0, |states, state| states | 1 << state),
            (Kind::Connected, Transport::Udp) => 1 << ESTABLISHED,
        }
    }
}

/// Asks, and hands over each socket as it is read, so that the answer may be of any length. Says whether the list is of
/// one moment.
///
/// # Errors
/// The kernel's; [`Errno::BADMSG`] when the answer isn't what the kernel would send.
pub fn dump(socket: &Socket, question: Question, mut each: impl FnMut(Entry)) -> Result<bool, Errno> {
    socket.send(&question.encode())?;
    let mut buffer = vec![0; DATAGRAM];
    let mut is_settled = true;
    loop {
        let datagram = socket.receive(&mut buffer, RecvFlags::empty())?;
        let progress = read(datagram, question.transport, question.sequence, &mut each).map_err(Errno::from)?;
        is_settled &= !progress.is_interrupted;
        if progress.is_done {
            return Ok(is_settled);
        }
    }
}

/// A socket for [`dump`].
///
/// # Errors
/// The kernel's.
pub fn open() -> Result<Socket, Errno> {
    Socket::open(Some(SOCK_DIAG))
}

/// Reads one datagram of the answer with this number; what answers another question is passed over.
///
/// # Errors
/// [`Fault`] when the kernel refuses, or when the bytes aren't what the kernel would send.
pub fn read(
    datagram: &[u8],
    transport: Transport,
    sequence: u32,
    each: &mut impl FnMut(Entry),
) -> Result<Progress, Fault> {
    let mut rest = datagram;
    let mut progress = Progress::default();
    while !rest.is_empty() {
        let message = next_message(&mut rest).ok_or(Fault::Cut)?;
        if message.sequence != sequence {
            continue;
        }
        progress.is_interrupted |= message.flags & INTERRUPTED != 0;
        match message.kind {
            BY_FAMILY => each(read_entry(message.body, transport).ok_or(Fault::Cut)?),
            DONE | ERROR => progress.is_done |= is_end(&message)?,
            _ => {}
        }
    }
    Ok(progress)
}

fn is_end(message: &Message<'_>) -> Result<bool, Fault> {
    match message.error() {
        refused @ 1.. => Err(Fault::Kernel(refused)),
        _ => Ok(message.kind == DONE),
    }
}

/// `struct inet_diag_msg`, then attributes.
fn read_entry(message: &[u8], transport: Transport) -> Option<Entry> {
    let (fixed, mut attributes) = message.split_at_checked(SOCKET)?;
    let (port, peer_port) = (u16::from_be_bytes(field(fixed, 4)?), u16::from_be_bytes(field(fixed, 6)?));
    let peer = SocketAddr::new(read_address(fixed, 24)?, peer_port);
    let mut entry = Entry {
        transport,
        state: *fixed.get(1)?,
        address: read_address(fixed, 8)?,
        port,
        peer: (peer_port != 0).then_some(peer),
        v6_only: false,
        interface: u32_at(fixed, 40)?,
        uid: u32_at(fixed, 64)?,
        inode: u32_at(fixed, 68)?,
        cgroup: None,
    };
    while !attributes.is_empty() {
        match next_attribute(&mut attributes)? {
            (V6_ONLY, value) => entry.v6_only = *value.first()? != 0,
            (CGROUP_ID, value) => entry.cgroup = Some(u64::from_ne_bytes(field(value, 0)?)),
            _ => {}
        }
    }
    Some(entry)
}

fn read_address(fixed: &[u8], at: usize) -> Option<IpAddr> {
    match fixed.first()? {
        2 => Some(Ipv4Addr::from(field::<4>(fixed, at)?).into()),
        10 => Some(Ipv6Addr::from(field::<16>(fixed, at)?).into()),
        _ => None,
    }
}

impl From<Fault> for Errno {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Kernel(number) => Self::from_raw_os_error(number),
            Fault::Cut => Self::BADMSG,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + body.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend([kind.to_ne_bytes(), flags.to_ne_bytes()].concat());
        bytes.extend([7_u32.to_ne_bytes(), [0; 4]].concat());
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
        body[1] = ESTABLISHED;
        body[4..6].copy_from_slice(&443_u16.to_be_bytes());
        if family == 2 {
            body[6..8].copy_from_slice(&50_000_u16.to_be_bytes());
            body[24..28].copy_from_slice(&[198, 51, 100, 7]);
        }
        body[8..8 + address.len()].copy_from_slice(address);
        body[40..44].copy_from_slice(&3_u32.to_ne_bytes());
        body[64..68].copy_from_slice(&33_u32.to_ne_bytes());
        body[68..72].copy_from_slice(&4711_u32.to_ne_bytes());
        body.extend(attributes);
        message(BY_FAMILY, 2, &body)
    }

    fn read_all(datagram: &[u8]) -> (Result<Progress, Fault>, Vec<Entry>) {
        let mut sockets = Vec::new();
        (read(datagram, Transport::Tcp, 7, &mut |entry| sockets.push(entry)), sockets)
    }

    const MORE: Progress = Progress { is_done: false, is_interrupted: false };
    const LAST: Progress = Progress { is_done: true, is_interrupted: false };

    #[test]
    fn sockets_of_both_families_are_read_with_their_attributes() {
        let attributes = [attribute(8, &[0]), attribute(V6_ONLY, &[1]), attribute(CGROUP_ID, &77_u64.to_ne_bytes())];
        let datagram = [socket(2, &[192, 0, 2, 1], &[]), socket(10, &[0; 16], &attributes.concat())].concat();
        let (progress, sockets) = read_all(&datagram);
        assert_eq!(progress, Ok(MORE));
        let first = Entry {
            transport: Transport::Tcp,
            state: ESTABLISHED,
            peer: Some("198.51.100.7:50000".parse().unwrap()),
            address: Ipv4Addr::new(192, 0, 2, 1).into(),
            port: 443,
            v6_only: false,
            interface: 3,
            uid: 33,
            inode: 4711,
            cgroup: None,
        };
        let second = Entry {
            peer: None,
            address: Ipv6Addr::UNSPECIFIED.into(),
            v6_only: true,
            cgroup: Some(77),
            ..first.clone()
        };
        assert_eq!(sockets, [first, second]);
    }

    #[test]
    fn the_end_a_refusal_and_an_interruption_are_told_apart() {
        for (datagram, expected) in [
            (message(DONE, 2, &0_i32.to_ne_bytes()), Ok(LAST)),
            (message(DONE, 2, &(-12_i32).to_ne_bytes()), Err(Fault::Kernel(12))),
            (message(DONE, INTERRUPTED, &[0; 4]), Ok(Progress { is_interrupted: true, ..LAST })),
            (message(ERROR, 0, &(-2_i32).to_ne_bytes()), Err(Fault::Kernel(2))),
            (message(1, 0, &[]), Ok(MORE)),
            (Vec::new(), Ok(MORE)),
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
        let tiny = [8_u32.to_ne_bytes(), [0; 4], 7_u32.to_ne_bytes(), [0; 4]].concat();
        for datagram in [short_header, short_attribute, tiny, socket(1, &[], &[]), socket(2, &[], &[1, 0, 0, 0])] {
            assert_eq!(read_all(&datagram).0, Err(Fault::Cut), "{datagram:?}");
        }
    }
}
