//! The names of interfaces, by the numbers that the kernel tells.

use std::{
    collections::BTreeMap,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::net::netdevice::index_to_name;

use crate::firewall::InterfaceName;

/// An interface may be renamed, and a number given again.
const FRESH: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Names {
    known: BTreeMap<u32, Option<InterfaceName>>,
    since: Instant,
}

impl Default for Names {
    fn default() -> Self {
        Self { known: BTreeMap::new(), since: Instant::now() }
    }
}

impl Names {
    /// The names of these numbers in the socket's network namespace; none for 0 and for what is gone.
    pub(super) fn find(&mut self, socket: &OwnedFd, numbers: [u32; 2]) -> [Option<&InterfaceName>; 2] {
        for number in numbers.into_iter().filter(|number| *number != 0) {
            if !self.known.contains_key(&number) {
                self.learn(socket, number);
            }
        }
        numbers.map(|number| self.known.get(&number).and_then(Option::as_ref))
    }

    /// Forgets the names once they are old.
    pub(super) fn age(&mut self) {
        if self.since.elapsed() > FRESH {
            *self = Self::default();
        }
    }

    fn learn(&mut self, socket: &OwnedFd, number: u32) {
        let name = index_to_name(socket, number).ok().and_then(|name| InterfaceName::parse(&name).ok());
        self.known.insert(number, name);
    }
}
