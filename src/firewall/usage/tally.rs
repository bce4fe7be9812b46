//! Gathers what several looks found until it is written down.

use std::collections::{BTreeMap, BTreeSet};

use super::{Key, MOST_PEERS, MOST_PEERS_IN_ALL, MOST_PORTS, Sample, connections::Seen};
use crate::firewall::{AddressPrefix, Moment};

/// What was seen since it was last taken.
#[derive(Debug, Default)]
pub struct Tally {
    ports: BTreeMap<Key, Noted>,
    named: usize,
}

/// What was seen of one port.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Noted {
    /// When somebody was last connected.
    pub last_used_at: Option<Moment>,
    /// Who came.
    pub peers: BTreeSet<AddressPrefix>,
    /// Whether somebody came who isn't among them.
    pub more_came: bool,
}

impl Tally {
    /// Adds what a look found.
    pub fn add(&mut self, sample: &Sample, at: Moment) {
        for (key, seen) in sample.iter() {
            if self.ports.len() < MOST_PORTS || self.ports.contains_key(&key) {
                let room = MOST_PEERS_IN_ALL.saturating_sub(self.named);
                self.named += self.ports.entry(key).or_default().add(seen, at, room);
            }
        }
    }

    /// Hands over everything and begins anew. A port to which nobody came is there too: it was watched.
    pub fn take(&mut self) -> Vec<(Key, Noted)> {
        std::mem::take(self).ports.into_iter().collect()
    }
}

impl Noted {
    /// Says how many peers are newly named.
    fn add(&mut self, seen: &Seen, at: Moment, room: usize) -> usize {
        let before = self.peers.len();
        let most = MOST_PEERS.min(before.saturating_add(room));
        for peer in &seen.came {
            self.last_used_at = self.last_used_at.max(Some(at));
            if self.peers.len() < most {
                self.peers.insert(*peer);
            } else {
                self.more_came |= !self.peers.contains(peer);
            }
        }
        self.more_came |= seen.more_came;
        self.peers.len() - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::listener::Transport;

    #[test]
    fn looks_are_summed_and_handed_over_once() {
        let mut tally = Tally::default();
        for (second, peers) in [(0, &["192.0.2.1", "192.0.2.2"][..]), (5, &["192.0.2.2", "192.0.2.3"]), (10, &[])] {
            let mut sample = Sample::default();
            sample.listen(Transport::Tcp, 22);
            sample.listen(Transport::Tcp, 25);
            for peer in peers {
                sample.over(Transport::Tcp, 22, peer.parse().unwrap());
            }
            tally.add(&sample, Moment::from_millis(second * 1000));
        }
        let noted = tally.take();
        assert_eq!(noted.iter().map(|(key, noted)| (key.1, noted.peers.len())).collect::<Vec<_>>(), [(22, 3), (25, 0)]);
        assert_eq!(noted[0].1.last_used_at, Some(Moment::from_millis(5000)));
        assert_eq!(noted[1].1, Noted::default());
        assert_eq!(tally.take(), []);
    }

    #[test]
    fn a_hundred_thousand_spoofed_peers_take_no_more_room_than_the_first() {
        let mut tally = Tally::default();
        for round in 0..100_u32 {
            let mut sample = Sample::default();
            for port in 1..=20 {
                sample.listen(Transport::Udp, port);
                for number in 0..1_000 {
                    let peer = std::net::Ipv4Addr::from(round * 1_000 + number);
                    sample.over(Transport::Udp, port, peer.into());
                }
            }
            tally.add(&sample, Moment::from_millis(0));
        }
        let noted = tally.take();
        assert_eq!(noted.iter().map(|(_, noted)| noted.peers.len()).sum::<usize>(), MOST_PEERS_IN_ALL);
        assert!(noted.iter().all(|(_, noted)| noted.peers.len() <= MOST_PEERS && noted.more_came));
    }
}
