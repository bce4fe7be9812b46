//! The members of our table's sets.

use std::net::IpAddr;

use rustix::io::Errno;

use super::socket::order;
use crate::{
    firewall::{AddressRange, bits, nft::Table},
    netlink::wire::{CREATE, Writer},
};

const NFTABLES: u8 = 10;
const INET: u8 = 1;
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
const NEW_ELEMENTS: u16 = kind(12);
const DELETE_ELEMENTS: u16 = kind(14);

// The attributes of a message about elements, and of an element.
const TABLE: u16 = 1;
const SET: u16 = 2;
const ELEMENTS: u16 = 3;
const ELEMENT: u16 = 1;
const KEY: u16 = 1;
const FLAGS: u16 = 3;
const TIMEOUT: u16 = 4;
const VALUE: u16 = 1;
const INTERVAL_END: u32 = 1;

/// The list of elements in one message must stay below 64 KiB; two elements more fit behind this.
const FULL: usize = 60_000;

const fn kind(message: u16) -> u16 {
    (10 << 8) | message
}

/// Changes of sets that happen together or not at all.
#[derive(Debug)]
pub struct Transaction(Writer);

impl Default for Transaction {
    fn default() -> Self {
        let mut writer = Writer::default();
        writer.message(BATCH_BEGIN, 0, |writer| writer.raw(&[0, 0, 0, NFTABLES]));
        Self(writer)
    }
}

impl Transaction {
    /// Takes single addresses out of a hash set, whether they are in it or not: added first, they certainly are.
    pub fn remove(&mut self, set: &str, addresses: &[AddressRange]) {
        for kind in [NEW_ELEMENTS, DELETE_ELEMENTS] {
            self.elements(kind, set, addresses, |writer, address| start(writer, address.first(), None));
        }
    }

    /// Adds single addresses to a hash set in which they aren't, for so many seconds or for ever.
    pub fn add(&mut self, set: &str, addresses: impl IntoIterator<Item = (AddressRange, Option<u64>)>) {
        self.elements(NEW_ELEMENTS, set, addresses, |writer, (address, left)| start(writer, address.first(), left));
    }

    /// Empties a set of any kind.
    pub fn flush(&mut self, set: &str) {
        self.0.message(DELETE_ELEMENTS, 0, |writer| name(writer, set));
    }

    /// Adds intervals that are apart from each other to an empty set.
    pub fn add_intervals(&mut self, set: &str, members: impl IntoIterator<Item = (AddressRange, Option<u64>)>) {
        self.elements(NEW_ELEMENTS, set, members, |writer, (range, left)| {
            start(writer, range.first(), left);
            // An interval that reaches the end of all addresses has no end.
            if bits(range.last()) < range.family().last_bits() {
                end(writer, range.family().address(bits(range.last()) + 1));
            }
        });
    }

    fn elements<T>(
        &mut self,
        kind: u16,
        set: &str,
        elements: impl IntoIterator<Item = T>,
        write: impl Fn(&mut Writer, T),
    ) {
        let mut elements = elements.into_iter().peekable();
        while elements.peek().is_some() {
            self.0.message(kind, CREATE, |writer| {
                name(writer, set);
                writer.nested(ELEMENTS, |writer| {
                    let begin = writer.len();
                    while writer.len() - begin < FULL
                        && let Some(element) = elements.next()
                    {
                        write(writer, element);
                    }
                });
            });
        }
    }

    /// Has the kernel do it.
    ///
    /// # Errors
    /// The first error of the kernel; nothing has changed then.
    pub fn commit(mut self) -> Result<(), Errno> {
        self.0.acknowledge();
        self.0.message(BATCH_END, 0, |writer| writer.raw(&[0, 0, 0, NFTABLES]));
        order(&self.0)
    }
}

fn name(writer: &mut Writer, set: &str) {
    writer.raw(&[INET, 0, 0, 0]);
    writer.text(TABLE, Table::NAME);
    writer.text(SET, set);
}

fn start(writer: &mut Writer, address: IpAddr, left: Option<u64>) {
    writer.nested(ELEMENT, |writer| {
        key(writer, address);
        if let Some(left) = left {
            writer.attribute(TIMEOUT, &left.saturating_mul(1000).to_be_bytes());
        }
    });
}

fn end(writer: &mut Writer, behind: IpAddr) {
    writer.nested(ELEMENT, |writer| {
        key(writer, behind);
        writer.attribute(FLAGS, &INTERVAL_END.to_be_bytes());
    });
}

fn key(writer: &mut Writer, address: IpAddr) {
    writer.nested(KEY, |writer| match address {
        IpAddr::V4(address) => writer.attribute(VALUE, &address.octets()),
        IpAddr::V6(address) => writer.attribute(VALUE, &address.octets()),
    });
}
