//! Asks the kernel for its sockets.

use std::{io, os::fd::OwnedFd};

use rustix::{
    io::{Errno, retry_on_intr},
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType,
        netdevice::index_to_name,
        netlink::{self, SocketAddrNetlink},
        recvfrom, sendto, socket_with,
    },
};

use super::{
    proc_net,
    sock_diag::{self, Family, Progress, Socket},
};
use crate::firewall::listener::Transport;

/// Dumps of a busy host are interrupted now and then; a list that changes all the time is taken as it is.
const ATTEMPTS: u32 = 5;

/// The kernel fills at most 32 KiB a datagram.
const DATAGRAM: usize = 64 * 1024;

/// Every socket of this network namespace that accepts.
pub fn sockets() -> io::Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    for transport in [Transport::Tcp, Transport::Udp] {
        for family in [Family::V4, Family::V6] {
            match ask_until_settled(family, transport) {
                Ok(found) => sockets.extend(found),
                Err(Errno::NOENT | Errno::PROTONOSUPPORT) => sockets.extend(proc_net::sockets(family, transport)?),
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(sockets)
}

/// The name of the network interface with this number; 0 is none.
pub fn interface_name(number: u32) -> Option<String> {
    let name = || index_to_name(open()?, number);
    (number != 0).then(|| name().unwrap_or_else(|_: Errno| format!("interface {number}")))
}

fn ask_until_settled(family: Family, transport: Transport) -> Result<Vec<Socket>, Errno> {
    for _ in 1..ATTEMPTS {
        if let (Progress::Done, sockets) = ask(family, transport)? {
            return Ok(sockets);
        }
    }
    Ok(ask(family, transport)?.1)
}

/// A socket of its own for each question: what is left of an interrupted dump goes away with it.
fn ask(family: Family, transport: Transport) -> Result<(Progress, Vec<Socket>), Errno> {
    let netlink = open()?;
    let kernel = SocketAddrNetlink::new(0, 0);
    sendto(&netlink, &sock_diag::request(family, transport), SendFlags::empty(), &kernel)?;
    let mut datagram = vec![0; DATAGRAM];
    let mut sockets = Vec::new();
    loop {
        let (_, length, sender) = retry_on_intr(|| recvfrom(&netlink, &mut datagram[..], RecvFlags::TRUNC))?;
        let from_kernel = sender.is_some_and(|sender| SocketAddrNetlink::try_from(sender) == Ok(kernel));
        let Some(received) = datagram.get(..length).filter(|_| from_kernel) else { return Err(Errno::BADMSG) };
        match sock_diag::read(received, transport, &mut sockets) {
            Ok(Progress::More) => {}
            Ok(end) => return Ok((end, sockets)),
            Err(sock_diag::Fault::Kernel(number)) => return Err(Errno::from_raw_os_error(number)),
            Err(sock_diag::Fault::Cut) => return Err(Errno::BADMSG),
        }
    }
}

fn open() -> Result<OwnedFd, Errno> {
    socket_with(AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))
}
