//! The addresses of the machine's interfaces, from one rtnetlink dump.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with, sockopt};

// rtnetlink(7): message types, flags and attributes of an address dump.
const RTM_NEWADDR: u16 = 20;
const RTM_GETADDR: u16 = 22;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_DUMP: u16 = 0x300;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const HEADER: usize = 16;
const IFADDRMSG: usize = 8;
const ATTRIBUTE: usize = 4;
/// A header and an empty `ifaddrmsg`: both families, every interface.
const REQUEST: u32 = 24;

const ANSWER_PATIENCE: Duration = Duration::from_secs(2);

/// Every address of every interface, loopback included, in order.
///
/// # Errors
/// When the kernel gives no rtnetlink socket or answers with an error.
pub fn addresses() -> io::Result<BTreeSet<IpAddr>> {
    // Protocol 0 of this family is NETLINK_ROUTE.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(ANSWER_PATIENCE))?;
    send(&socket, &request(), SendFlags::empty())?;
    let mut found = BTreeSet::new();
    // The kernel never makes a message of a dump larger than 32 KiB.
    let mut buffer = vec![0_u8; 32 * 1024];
    loop {
        let (length, _) = recv(&socket, buffer.as_mut_slice(), RecvFlags::empty())?;
        if read_messages(&buffer[..length], &mut found)? {
            return Ok(found);
        }
    }
}

fn request() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + IFADDRMSG);
    bytes.extend(REQUEST.to_ne_bytes());
    bytes.extend(RTM_GETADDR.to_ne_bytes());
    bytes.extend((NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
    bytes.resize(HEADER + IFADDRMSG, 0);
    bytes
}

/// Reads the messages of one datagram; true when the dump is complete.
fn read_messages(mut rest: &[u8], found: &mut BTreeSet<IpAddr>) -> io::Result<bool> {
    while let Some((kind, body, after)) = next_message(rest) {
        match kind {
            NLMSG_DONE => return Ok(true),
            NLMSG_ERROR => return Err(io::Error::other("the kernel refused to list the addresses")),
            RTM_NEWADDR => found.extend(address_of(body)),
            _ => {}
        }
        rest = after;
    }
    Ok(false)
}

fn next_message(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = usize::try_from(u32::from_ne_bytes(bytes.first_chunk().copied()?)).ok()?;
    let kind = u16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?);
    let body = bytes.get(HEADER..length)?;
    Some((kind, body, bytes.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

/// `IFA_LOCAL` is the own end of a point-to-point link, where `IFA_ADDRESS` is the peer; elsewhere they are equal or
/// only the latter exists.
fn address_of(body: &[u8]) -> Option<IpAddr> {
    let mut rest = body.get(IFADDRMSG..)?;
    let mut address = None;
    while let Some((kind, value, after)) = next_attribute(rest) {
        match kind {
            IFA_LOCAL => return parse(value),
            IFA_ADDRESS => address = parse(value),
            _ => {}
        }
        rest = after;
    }
    address
}

fn next_attribute(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = usize::from(u16::from_ne_bytes(bytes.first_chunk().copied()?));
    let kind = u16::from_ne_bytes(bytes.get(2..4)?.try_into().ok()?);
    let value = bytes.get(ATTRIBUTE..length)?;
    Some((kind, value, bytes.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

fn parse(value: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(value).ok().map(|octets| Ipv4Addr::from(octets).into());
    v4().or_else(|| <[u8; 16]>::try_from(value).ok().map(|octets| Ipv6Addr::from(octets).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_address_is_among_the_machines_own() {
        let found = addresses().unwrap();
        assert!(found.contains(&IpAddr::from(Ipv4Addr::LOCALHOST)), "{found:?}");
    }

    #[test]
    fn cut_and_lying_lengths_end_the_walk() {
        let mut found = BTreeSet::new();
        for bytes in [&[][..], &[0; 15], &[0; 16], &[255; 64], &[20, 0, 0, 0, 20, 0]] {
            assert!(!read_messages(bytes, &mut found).unwrap());
        }
        assert!(found.is_empty());
        assert!(next_attribute(&[3, 0, 1, 0, 1]).is_none());
    }
}
