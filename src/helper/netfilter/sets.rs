//! The members of our table's sets.

use std::net::IpAddr;

use rustix::io::Errno;

use super::{
    socket::{Subsystem, dump, order},
    survey::ip,
    wire::{CREATE, Message, Writer, attribute, attributes},
};
use crate::firewall::{AddressRange, Family, bits, nft::Table};

const NFTABLES: u8 = 10;
const INET: u8 = 1;
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
const NEW_ELEMENTS: u16 = kind(12);
const GET_ELEMENTS: u16 = kind(13);
const DELETE_ELEMENTS: u16 = kind(14);

// The attributes of a message about elements, and of an element.
const TABLE: u16 = 1;
const SET: u16 = 2;
const ELEMENTS: u16 = 3;
const ELEMENT: u16 = 1;
const KEY: u16 = 1;
const FLAGS: u16 = 3;
const TIMEOUT: u16 = 4;
const LEFT: u16 = 5;
const VALUE: u16 = 1;
const INTERVAL_END: u32 = 1;

/// The list of elements in one message must stay below 64 KiB; two elements more fit behind this.
const FULL: usize = 60_000;

const fn kind(message: u16) -> u16 {
    (10 << 8) | message
}

/// An interval of a set and the milliseconds it has left; no number means for ever.
pub type Timed = (AddressRange, Option<u64>);

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
    /// Adds addresses to a hash set. One that is there is made anew.
    pub fn put(&mut self, set: &str, addresses: &[(IpAddr, Option<u64>)]) {
        self.take(set, &addresses.iter().map(|(address, _)| *address).collect::<Vec<_>>());
        self.elements(NEW_ELEMENTS, set, addresses, |writer, (address, left)| start(writer, *address, *left));
    }

    /// Takes addresses out of a hash set, whether they are in it or not: added first, they certainly are.
    pub fn take(&mut self, set: &str, addresses: &[IpAddr]) {
        for kind in [NEW_ELEMENTS, DELETE_ELEMENTS] {
            self.elements(kind, set, addresses, |writer, address| start(writer, *address, None));
        }
    }

    /// Replaces all members of an interval set. They must be apart from each other.
    pub fn replace(&mut self, set: &str, members: impl IntoIterator<Item = Timed>) {
        self.0.message(DELETE_ELEMENTS, 0, |writer| name(writer, set));
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
    pub fn commit(mut self) -> Result<(), Errno> {
        self.0.acknowledge();
        self.0.message(BATCH_END, 0, |writer| writer.raw(&[0, 0, 0, NFTABLES]));
        order(Subsystem::Netfilter, &self.0)
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
            writer.attribute(TIMEOUT, &left.to_be_bytes());
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

/// The members of a hash set.
pub fn list_addresses(set: &str) -> Result<Vec<Timed>, Errno> {
    Ok(list(set)?.into_iter().map(|element| (element.address.into(), element.left)).collect())
}

/// The members of an interval set, in order.
pub fn list_intervals(set: &str) -> Result<Vec<Timed>, Errno> {
    list(set).map(pair)
}

/// One end of an interval, or a single address. Sorted, an end comes before a start at the same address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Element {
    address: IpAddr,
    is_start: bool,
    left: Option<u64>,
}

fn list(set: &str) -> Result<Vec<Element>, Errno> {
    let mut writer = Writer::default();
    name(&mut writer, set);
    let found = dump(Subsystem::Netfilter, GET_ELEMENTS, writer.as_bytes(), |message| Some(read(message)))?;
    Ok(found.into_iter().flatten().collect())
}

fn read(message: &Message<'_>) -> Vec<Element> {
    let list = message.body.get(4..).and_then(|body| attribute(body, ELEMENTS)).unwrap_or_default();
    attributes(list).filter_map(|(_, element)| read_element(element)).collect()
}

fn read_element(element: &[u8]) -> Option<Element> {
    let address = ip(attribute(attribute(element, KEY)?, VALUE)?)?;
    let flags = attribute(element, FLAGS).map_or(Some(0), |value| value.first_chunk().copied().map(u32::from_be_bytes));
    let left = attribute(element, LEFT).and_then(|value| value.first_chunk().copied()).map(u64::from_be_bytes);
    Some(Element { address, is_start: flags? & INTERVAL_END == 0, left })
}

/// Each start reaches to the next end; the last one may reach to the end of all addresses.
fn pair(mut elements: Vec<Element>) -> Vec<Timed> {
    elements.sort_unstable();
    let mut intervals = Vec::new();
    let mut elements = elements.into_iter().peekable();
    while let Some(first) = elements.next() {
        let family = Family::of(first.address);
        let end = elements.peek().map_or(family.last_bits(), |next| bits(next.address).saturating_sub(1));
        let range = AddressRange::between(first.address, family.address(end)).filter(|_| first.is_start);
        intervals.extend(range.map(|range| (range, first.left)));
    }
    intervals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(text: &str, is_start: bool, left: Option<u64>) -> Element {
        Element { address: text.parse().unwrap(), is_start, left }
    }

    #[test]
    fn ends_are_paired_in_whatever_order_they_come() {
        let elements = vec![
            element("10.0.1.0", false, None),
            element("255.0.0.0", true, None),
            element("0.0.0.0", false, None),
            element("10.0.1.0", true, Some(7)),
            element("10.0.0.0", true, None),
            element("10.0.2.0", false, None),
        ];
        let found: Vec<_> = pair(elements).into_iter().map(|(range, left)| (range.to_string(), left)).collect();
        let expected = [("10.0.0.0/24", None), ("10.0.1.0/24", Some(7)), ("255.0.0.0/8", None)];
        assert_eq!(found, expected.map(|(range, left)| (range.to_owned(), left)));
    }

    #[test]
    fn cut_elements_are_left_out() {
        let mut writer = Writer::default();
        start(&mut writer, "192.0.2.1".parse().unwrap(), Some(1000));
        let whole = writer.as_bytes();
        let (_, content) = attributes(whole).next().unwrap();
        assert_eq!(read_element(content).map(|element| element.is_start), Some(true));
        for length in 0..12 {
            assert_eq!(read_element(&content[..length]), None, "{length}");
        }
        for length in 0..64 {
            assert!(read(&Message { kind: 0, flags: 0, body: &vec![0; length] }).is_empty());
        }
    }
}
