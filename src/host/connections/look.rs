//! One look at all sockets.

use std::{io, time::Duration};

use rustix::io::Errno;

use crate::{
    firewall::{Family, listener::Transport, usage::Sample},
    netlink::{
        Socket,
        sock_diag::{self, ESTABLISHED, Entry, Kind, Question},
    },
};

const PATIENCE: Duration = Duration::from_secs(5);

/// Looks whenever it is asked to.
#[derive(Debug)]
pub struct Look {
    socket: Socket,
    sequence: u32,
}

impl Look {
    /// Opens the way to the kernel's list, for the network namespace of the caller.
    ///
    /// # Errors
    /// When the kernel gives no such socket.
    pub fn open() -> io::Result<Self> {
        let socket = sock_diag::open()?;
        socket.set_patience(PATIENCE)?;
        Ok(Self { socket, sequence: 0 })
    }

    /// Who is connected to which port that accepts, now or within the last minute. Takes milliseconds, and no more memory
    /// than [`Sample`] has, however many sockets there are.
    ///
    /// # Errors
    /// The kernel's.
    pub fn sample(&mut self) -> io::Result<Sample> {
        let mut sample = Sample::default();
        for kind in [Kind::Accepting, Kind::Connected] {
            for transport in [Transport::Tcp, Transport::Udp] {
                for family in Family::BOTH {
                    self.ask(family, transport, kind, &mut sample)?;
                }
            }
        }
        Ok(sample)
    }

    /// A kernel without one of the families or transports has no socket of it.
    fn ask(&mut self, family: Family, transport: Transport, kind: Kind, sample: &mut Sample) -> Result<(), Errno> {
        // Answers to a question that broke off are told by their number.
        self.sequence = self.sequence.wrapping_add(1).max(1);
        let question = Question { family, transport, kind, sequence: self.sequence };
        match sock_diag::dump(&self.socket, question, |entry| note(&entry, sample)) {
            Ok(_) | Err(Errno::NOENT | Errno::PROTONOSUPPORT) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn note(entry: &Entry, sample: &mut Sample) {
    match entry.peer {
        None => sample.listen(entry.transport, entry.port),
        Some(peer) if entry.state == ESTABLISHED => sample.open(entry.transport, entry.port, peer.ip()),
        Some(peer) => sample.over(entry.transport, entry.port, peer.ip()),
    }
}
