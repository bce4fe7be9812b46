//! Asks the kernel for its sockets.

use std::{io, os::fd::OwnedFd, time::Duration};

use rustix::{
    io::{Errno, retry_on_intr},
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType,
        netlink::{self, SocketAddrNetlink},
        recvfrom, sendto, socket_with, sockopt,
    },
};

use super::{
    proc_net,
    sock_diag::{self, Family, Progress, Socket},
};
use crate::firewall::listener::Transport;

/// The kernel answers at once; this only keeps a bug from blocking every later listing.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// The name of a network interface, from its number.
pub fn interface_name(number: u32) -> Option<String> {
    rustix::net::netdevice::index_to_name(open().ok()?, number).ok()
}

fn ask_until_settled(family: Family, transport: Transport) -> Result<Vec<Socket>, Errno> {
    let mut answer = ask(family, transport)?;
    for _ in 1..ATTEMPTS {
        if answer.0 == Progress::Done {
            break;
        }
        answer = ask(family, transport)?;
    }
    Ok(answer.1)
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
    let netlink =
        socket_with(AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?;
    sockopt::set_socket_timeout(&netlink, sockopt::Timeout::Recv, Some(PATIENCE))?;
    Ok(netlink)
}
