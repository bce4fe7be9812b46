//! Folds packets into rows: alike within one minute of the clock is one row, and past a bound whole networks are.
//!
//! What is folded is still counted exactly. Memory and rows are bounded whatever comes: an address may be forged, so a
//! flood can have more of them than there is room for.

mod key;
mod room;

use std::{collections::BTreeMap, net::IpAddr};

use key::{Key, Names};
use room::Room;

use crate::firewall::{
    InterfaceName, Moment, Receipt,
    blocked::{BlockedId, Door, Source},
};

/// One packet that a line logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Which line of which revision did what.
    pub receipt: Receipt,
    /// Who sent it, as far as can be known.
    pub source: IpAddr,
    /// Where it went; always of the same family.
    pub destination: IpAddr,
    /// The number of its transport protocol.
    pub protocol: u8,
    /// The port it came from.
    pub source_port: Option<u16>,
    /// The port it went to, or for ICMP type * 256 + code.
    pub port: Option<u16>,
    /// The interface by which it came in.
    pub incoming: Option<&'a InterfaceName>,
    /// The interface by which it was to leave.
    pub outgoing: Option<&'a InterfaceName>,
}

/// A row as it is to be stored: new, or grown since it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key in the database; none while it isn't there.
    pub id: Option<BlockedId>,
    /// Who.
    pub source: Source,
    /// Where.
    pub door: Door,
    /// From which port; none where there is none or were several.
    pub source_port: Option<u16>,
    /// How many packets in all.
    pub count: u64,
    /// How many of these aren't stored.
    pub unsaved: u64,
    /// When the first came, in whole seconds.
    pub first: Moment,
    /// When the last came, in the same minute.
    pub last: Moment,
}

/// Rows that are to be stored together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The rows.
    pub entries: Vec<Entry>,
    keys: Vec<Key>,
}

/// Rows in the making.
#[derive(Debug)]
pub struct Fold {
    room: Room,
    names: Names,
    rows: BTreeMap<Key, Tally>,
    forgotten: u64,
}

/// What one row counts.
#[derive(Debug)]
struct Tally {
    id: Option<BlockedId>,
    source_port: Option<u16>,
    count: u64,
    unsaved: u64,
    first: i64,
    last: i64,
}

/// Rows that wait in memory at most, when the database takes none.
const WAITING: usize = 20_000;

impl Default for Fold {
    fn default() -> Self {
        Self { room: Room::new(i64::MIN), names: Names::default(), rows: BTreeMap::new(), forgotten: 0 }
    }
}

impl Fold {
    /// Counts a packet.
    pub fn add(&mut self, packet: &Packet<'_>, now: Moment) {
        let second = now.as_millis().div_euclid(1000);
        self.turn_to(second.div_euclid(60));
        let whole = Key::of(self.room.minute(), packet, &mut self.names);
        if let Some(tally) = self.rows.get_mut(&whole) {
            return tally.grow(packet, second);
        }
        let key = self.room.place(whole, |key| self.rows.contains_key(key));
        if let Some(tally) = self.rows.get_mut(&key) {
            tally.grow(packet, second);
        } else if self.rows.len() < WAITING {
            self.rows.insert(key, Tally::start(packet, second));
        } else {
            self.forgotten += 1;
        }
    }

    /// What has to be stored. It stays here until [`Self::saved`] says that it was.
    #[must_use]
    pub fn take(&self) -> Batch {
        let unsaved = self.rows.iter().filter(|(_, tally)| tally.unsaved > 0);
        let (keys, entries) = unsaved.map(|(key, tally)| (*key, self.entry(key, tally))).unzip();
        Batch { entries, keys }
    }

    /// The batch is stored, its rows under these keys, in order.
    pub fn saved(&mut self, batch: &Batch, ids: &[BlockedId]) {
        for ((key, entry), id) in batch.keys.iter().zip(&batch.entries).zip(ids) {
            if let Some(tally) = self.rows.get_mut(key) {
                tally.id = Some(*id);
                tally.unsaved = tally.unsaved.saturating_sub(entry.unsaved);
            }
        }
        let minute = self.room.minute();
        self.rows.retain(|key, tally| key.minute == minute || tally.unsaved > 0);
    }

    /// Packets that found no room at all, because the database took nothing for long.
    #[must_use]
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many rows are in memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Any other minute ends the one before, also one that a clock was set back to.
    fn turn_to(&mut self, minute: i64) {
        if minute != self.room.minute() {
            self.room = Room::new(minute);
            self.rows.retain(|key, tally| key.minute == minute || tally.unsaved > 0);
        }
    }

    fn entry(&self, key: &Key, tally: &Tally) -> Entry {
        let moment = |second: i64| Moment::from_millis(second.saturating_mul(1000));
        Entry {
            id: tally.id,
            source: key.source,
            door: key.door(&self.names),
            source_port: tally.source_port,
            count: tally.count,
            unsaved: tally.unsaved,
            first: moment(tally.first),
            last: moment(tally.last),
        }
    }
}

impl Tally {
    const fn start(packet: &Packet<'_>, second: i64) -> Self {
        Self { id: None, source_port: packet.source_port, count: 1, unsaved: 1, first: second, last: second }
    }

    /// The second of the first packet is part of the row's key once it is stored, so it stays.
    fn grow(&mut self, packet: &Packet<'_>, second: i64) {
        self.count = self.count.saturating_add(1);
        self.unsaved = self.unsaved.saturating_add(1);
        self.last = self.last.max(second);
        if self.source_port != packet.source_port {
            self.source_port = None;
        }
    }
}

#[cfg(test)]
mod tests;
