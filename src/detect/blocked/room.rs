//! How many new rows one minute may begin, so that a flood at one door doesn't take the room of the others.

use std::collections::BTreeMap;

use super::key::Key;
use crate::firewall::Line;

/// Rows of single addresses: at one port of a line, of one line, in all.
const ADDRESSES: [usize; 3] = [500, 1500, 3000];

/// Rows of networks, the same.
const NETWORKS: [usize; 3] = [200, 500, 1000];

/// Rows of many sources by port: at one port there is one for each revision, action and family, of one line, in all.
const MANY: [usize; 3] = [16, 100, 500];

/// What is left of one minute's room.
#[derive(Debug)]
pub(super) struct Room {
    minute: i64,
    addresses: Taken,
    networks: Taken,
    many: Taken,
}

#[derive(Debug, Default)]
struct Taken {
    by_port: BTreeMap<(Line, Option<u8>, Option<u16>), usize>,
    by_line: BTreeMap<Line, usize>,
    in_all: usize,
}

impl Room {
    pub(super) fn new(minute: i64) -> Self {
        Self { minute, addresses: Taken::default(), networks: Taken::default(), many: Taken::default() }
    }

    pub(super) const fn minute(&self) -> i64 {
        self.minute
    }

    /// The most exact key for which there is room, for a packet whose own key has no row. One row for each line is
    /// always to be had.
    pub(super) fn place(&mut self, whole: Key, is_there: impl Fn(&Key) -> bool) -> Key {
        let steps = [
            (&mut self.addresses, ADDRESSES, whole),
            (&mut self.networks, NETWORKS, whole.of_network()),
            (&mut self.many, MANY, whole.of_many()),
        ];
        for (taken, bounds, key) in steps {
            if is_there(&key) || taken.take(&key, bounds) {
                return key;
            }
        }
        whole.of_line()
    }
}

impl Taken {
    fn take(&mut self, key: &Key, [at_port, of_line, in_all]: [usize; 3]) -> bool {
        if self.in_all >= in_all {
            return false;
        }
        let line = key.receipt.line;
        let at_line = self.by_line.entry(line).or_default();
        if *at_line >= of_line {
            return false;
        }
        let here = self.by_port.entry((line, key.protocol, key.port)).or_default();
        if *here >= at_port {
            return false;
        }
        *here += 1;
        *at_line += 1;
        self.in_all += 1;
        true
    }
}
