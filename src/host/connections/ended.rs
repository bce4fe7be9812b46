//! What the kernel tells of TCP connections that end, however short they were.

use std::{io, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::RecvFlags,
};

use crate::{
    firewall::{listener::Transport, usage::Sample},
    netlink::{
        DATAGRAM, Socket,
        sock_diag::{self, Entry},
    },
};

/// `SKNLGRP_INET_TCP_DESTROY` and `SKNLGRP_INET6_TCP_DESTROY`, a bit each.
const GROUPS: u32 = 0b101;

/// Listens to the kernel between two looks. What it hears is bounded: a host on which connections end by the thousand is
/// told apart well enough by looks alone, and shouldn't pay for more.
#[derive(Debug)]
pub struct Ended {
    socket: Socket,
    left: u32,
    is_lossy: bool,
}

/// What reading brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing more for now.
    All,
    /// Too much: the kernel was asked to be silent until [`Ended::begin`].
    TooMuch,
}

impl Ended {
    /// Opens the way from the kernel; it is silent at first.
    ///
    /// # Errors
    /// When the kernel gives no such socket.
    pub fn open() -> io::Result<Self> {
        Ok(Self { socket: sock_diag::open()?, left: 0, is_lossy: true })
    }

    /// Has the kernel tell of the next so many connections that end.
    ///
    /// # Errors
    /// The kernel's.
    pub fn begin(&mut self, most: u32) -> io::Result<()> {
        self.socket.subscribe(GROUPS)?;
        (self.left, self.is_lossy) = (most, false);
        Ok(())
    }

    /// Whether connections may have ended since [`Self::begin`] of which nothing was heard.
    #[must_use]
    pub const fn is_lossy(&self) -> bool {
        self.is_lossy
    }

    /// Waits until something was told; false when nothing was in this time.
    ///
    /// # Errors
    /// The kernel's.
    pub fn wait(&self, patience: Duration) -> io::Result<bool> {
        let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&patience)) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads what has been told, without waiting, and notes who was connected to a port of the sample.
    ///
    /// # Errors
    /// The kernel's.
    pub fn read(&mut self, sample: &mut Sample) -> io::Result<Told> {
        let mut buffer = vec![0; DATAGRAM];
        while self.left > 0 {
            let datagram = match self.socket.receive(&mut buffer, RecvFlags::DONTWAIT) {
                Ok(datagram) => datagram,
                Err(Errno::AGAIN) => return Ok(Told::All),
                // The kernel had more to tell than the socket holds.
                Err(Errno::NOBUFS) => {
                    self.is_lossy = true;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            self.left -= 1;
            sock_diag::read(datagram, Transport::Tcp, 0, &mut |entry| note(&entry, sample)).map_err(Errno::from)?;
        }
        self.is_lossy = true;
        self.socket.subscribe(0)?;
        Ok(Told::TooMuch)
    }
}

fn note(entry: &Entry, sample: &mut Sample) {
    if let Some(peer) = entry.peer {
        sample.over(Transport::Tcp, entry.port, peer.ip());
    }
}
