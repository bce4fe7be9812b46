//! Asks the kernel for its sockets.

use std::io;

use rustix::{io::Errno, net::netdevice::index_to_name};

use super::proc_net;
use crate::{
    firewall::{Family, listener::Transport},
    netlink::sock_diag::{self, Entry, Kind, Question},
};

/// Dumps of a busy host are interrupted now and then; a list that changes all the time is taken as it is.
const ATTEMPTS: u32 = 5;

/// Every socket of this network namespace that accepts.
pub fn sockets() -> io::Result<Vec<Entry>> {
    let mut sockets = Vec::new();
    for transport in [Transport::Tcp, Transport::Udp] {
        for family in Family::BOTH {
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
    let name = || index_to_name(sock_diag::open()?, number);
    (number != 0).then(|| name().unwrap_or_else(|_: Errno| format!("interface {number}")))
}

fn ask_until_settled(family: Family, transport: Transport) -> Result<Vec<Entry>, Errno> {
    let socket = sock_diag::open()?;
    for attempt in 1.. {
        let question = Question { family, transport, kind: Kind::Accepting, sequence: attempt };
        let mut found = Vec::new();
        let is_settled = sock_diag::dump(&socket, question, |entry| found.push(entry))?;
        if is_settled || attempt >= ATTEMPTS {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}
