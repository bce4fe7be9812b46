//! The addresses of the machine's interfaces, from one rtnetlink dump.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use rustix::net::RecvFlags;

use crate::netlink::{
    DATAGRAM, Socket, attribute, messages,
    wire::{DONE, DUMP, ERROR, Writer},
};

// rtnetlink(7): message types and attributes of an address dump.
const RTM_NEWADDR: u16 = 20;
const RTM_GETADDR: u16 = 22;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFADDRMSG: usize = 8;

const ANSWER_PATIENCE: Duration = Duration::from_secs(2);

/// Every address of every interface, loopback included, in order.
///
/// # Errors
/// When the kernel gives no rtnetlink socket or answers with an error.
pub fn addresses() -> io::Result<BTreeSet<IpAddr>> {
    let socket = Socket::open(None)?;
    socket.set_patience(ANSWER_PATIENCE)?;
    // An empty `ifaddrmsg`: both families, every interface.
    let mut question = Writer::default();
    question.message(RTM_GETADDR, DUMP, |writer| writer.raw(&[0; IFADDRMSG]));
    socket.send(question.as_bytes())?;
    let mut found = BTreeSet::new();
    let mut buffer = vec![0; DATAGRAM];
    loop {
        if read_messages(socket.receive(&mut buffer, RecvFlags::empty())?, &mut found)? {
            return Ok(found);
        }
    }
}

/// Reads the messages of one datagram; true when the dump is complete.
fn read_messages(datagram: &[u8], found: &mut BTreeSet<IpAddr>) -> io::Result<bool> {
    for message in messages(datagram) {
        match message.kind {
            DONE => return Ok(true),
            ERROR => return Err(io::Error::other("the kernel refused to list the addresses")),
            RTM_NEWADDR => found.extend(address_of(message.body)),
            _ => {}
        }
    }
    Ok(false)
}

/// `IFA_LOCAL` is the own end of a point-to-point link, where `IFA_ADDRESS` is the peer; elsewhere they are equal or
/// only the latter exists.
fn address_of(body: &[u8]) -> Option<IpAddr> {
    let attributes = body.get(IFADDRMSG..)?;
    parse(attribute(attributes, IFA_LOCAL).or_else(|| attribute(attributes, IFA_ADDRESS))?)
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
    }
}
