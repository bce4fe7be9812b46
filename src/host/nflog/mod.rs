//! Reads receipts from the socket that the helper bound and handed over. Only headers are looked at and nothing of a
//! packet is kept but what a row tells.

mod names;
mod receipts;

use std::{os::fd::OwnedFd, time::Duration};

use names::Names;
use receipts::Receipts;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{RecvFlags, recv},
};

use crate::{
    detect::blocked::Packet,
    netlink::nflog::{Headers, logged},
};

/// Longer than anything the kernel tells at once.
const DATAGRAM: usize = 128 * 1024;

/// Datagrams that are read before whoever asked gets to look round.
const AT_ONCE: usize = 64;

/// What was noticed since the socket was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tidings {
    /// Receipts read.
    pub receipts: u64,
    /// Packets that the kernel could not hand over, as the gaps between their numbers tell.
    pub lost: u64,
    /// How often the kernel said that there were too many (`ENOBUFS`).
    pub overruns: u64,
    /// Packets that somebody else's rule logged to our group.
    pub foreign: u64,
    /// Packets that aren't IP, or are cut off inside their first header.
    pub unreadable: u64,
}

/// The reading end.
#[derive(Debug)]
pub struct Nflog {
    socket: OwnedFd,
    buffer: Vec<u8>,
    receipts: Receipts,
    names: Names,
    next: Option<u32>,
    tidings: Tidings,
}

impl Nflog {
    /// Takes over the socket.
    #[must_use]
    pub fn new(socket: OwnedFd) -> Self {
        Self {
            socket,
            buffer: vec![0; DATAGRAM],
            receipts: Receipts::default(),
            names: Names::default(),
            next: None,
            tidings: Tidings::default(),
        }
    }

    /// What was noticed so far.
    #[must_use]
    pub const fn tidings(&self) -> Tidings {
        self.tidings
    }

    /// Waits for packets, no longer than `patience`, and reads those that are there. Tells whether more may be.
    ///
    /// # Errors
    /// When the socket can't be read any more.
    pub fn read(&mut self, patience: Duration, mut each: impl FnMut(&Packet<'_>)) -> Result<bool, Errno> {
        let patience = Timespec::try_from(patience).ok();
        match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], patience.as_ref()) {
            Ok(0) | Err(Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
        self.names.age();
        for _ in 0..AT_ONCE {
            match recv(&self.socket, self.buffer.as_mut_slice(), RecvFlags::DONTWAIT) {
                Ok((length, _)) => self.take(length, &mut each),
                Err(Errno::AGAIN) => return Ok(false),
                Err(Errno::INTR) => {}
                Err(Errno::NOBUFS) => self.tidings.overruns += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn take(&mut self, length: usize, each: &mut impl FnMut(&Packet<'_>)) {
        for logged in logged(self.buffer.get(..length).unwrap_or_default()) {
            if let Some(number) = logged.number {
                // The kernel counts up by one and begins again at zero.
                let lost = self.next.map_or(0, |next| number.wrapping_sub(next));
                self.tidings.lost += u64::from(lost);
                self.next = Some(number.wrapping_add(1));
            }
            let Some(receipt) = self.receipts.read(logged.prefix) else {
                self.tidings.foreign += 1;
                continue;
            };
            let Some(headers) = Headers::read(logged.payload) else {
                self.tidings.unreadable += 1;
                continue;
            };
            self.tidings.receipts += 1;
            let [incoming, outgoing] = self.names.find(&self.socket, [logged.incoming, logged.outgoing]);
            each(&Packet {
                receipt,
                source: headers.source,
                destination: headers.destination,
                protocol: headers.protocol,
                source_port: headers.source_port,
                port: headers.port,
                incoming,
                outgoing,
            });
        }
    }
}
