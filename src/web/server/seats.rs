//! Who may hold a connection when there are more callers than seats.
//!
//! Nobody is turned away by the number of strangers alone: when the strangers' seats are taken, the newcomer displaces
//! the oldest connection of the source that holds most. An administrator with one connection therefore gets in and
//! stays in until there are more hostile sources than seats; and an address with a live session has seats of its own.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::{limits, peer::Source};

/// An address counts as known for this long after its last request with a live session.
const KNOWN_FOR: Duration = Duration::from_mins(30);

/// Sources remembered as known; there are never more live sessions than this in earnest.
const KNOWN_SOURCES: usize = 256;

/// The seats of one server.
#[derive(Debug, Clone, Default)]
pub struct Seats(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    taken: BTreeMap<Source, VecDeque<(u64, Arc<Notify>)>>,
    count: usize,
    next_id: u64,
    known: BTreeMap<Source, Instant>,
}

/// A held seat; dropping it gives it back.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    source: Source,
    id: u64,
    displaced: Arc<Notify>,
}

impl Seat {
    /// Waits until a newcomer takes the seat over. The holder has to hang up then.
    pub async fn displaced(&self) {
        self.displaced.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.plan().give_back(self.source, self.id);
    }
}

impl Seats {
    /// Takes a seat for a new connection, or says no: the source holds its share, or no other source holds more than
    /// the newcomer would.
    #[must_use]
    pub fn take(&self, address: IpAddr) -> Option<Seat> {
        let source = Source::from(address);
        let (id, displaced) = self.plan().take(source, Instant::now())?;
        Some(Seat { seats: self.clone(), source, id, displaced })
    }

    /// Notes that a request with a live session came from the address.
    pub fn note_session(&self, address: IpAddr) {
        self.plan().note_known(Source::from(address), Instant::now());
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    fn take(&mut self, source: Source, now: Instant) -> Option<(u64, Arc<Notify>)> {
        let held = self.held_by(source);
        if held >= limits::PER_SOURCE {
            return None;
        }
        let open =
            if self.is_known(source, now) { limits::CONNECTIONS } else { limits::CONNECTIONS - limits::RESERVED };
        if self.count >= open {
            self.displace(held)?;
        }
        let seat = (self.next_id, Arc::new(Notify::new()));
        self.next_id += 1;
        self.count += 1;
        self.taken.entry(source).or_default().push_back(seat.clone());
        Some(seat)
    }

    /// Frees the oldest seat of the source that holds most, if that is more than a newcomer with `held` seats would.
    fn displace(&mut self, held: usize) -> Option<()> {
        let (source, seats) = self.taken.iter_mut().max_by_key(|(_, seats)| seats.len())?;
        if seats.len() <= held + 1 {
            return None;
        }
        let (source, (id, displaced)) = (*source, seats.front().cloned()?);
        displaced.notify_one();
        self.give_back(source, id);
        Some(())
    }

    fn give_back(&mut self, source: Source, id: u64) {
        let Some(seats) = self.taken.get_mut(&source) else { return };
        let before = seats.len();
        seats.retain(|(other, _)| *other != id);
        self.count -= before - seats.len();
        if seats.is_empty() {
            self.taken.remove(&source);
        }
    }

    fn held_by(&self, source: Source) -> usize {
        self.taken.get(&source).map_or(0, VecDeque::len)
    }

    fn is_known(&self, source: Source, now: Instant) -> bool {
        self.known.get(&source).is_some_and(|seen| now.saturating_duration_since(*seen) < KNOWN_FOR)
    }

    fn note_known(&mut self, source: Source, now: Instant) {
        self.known.retain(|_, seen| now.saturating_duration_since(*seen) < KNOWN_FOR);
        if self.known.len() < KNOWN_SOURCES || self.known.contains_key(&source) {
            self.known.insert(source, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(number: usize) -> IpAddr {
        Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(number).unwrap()).into()
    }

    fn fill(seats: &Seats, sources: usize, each: usize) -> Vec<Seat> {
        let addresses = (0..sources).flat_map(|source| std::iter::repeat_n(address(source), each));
        addresses.filter_map(|address| seats.take(address)).collect()
    }

    fn is_displaced(seat: &Seat) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        std::pin::pin!(seat.displaced()).poll(&mut context).is_ready()
    }

    #[test]
    fn one_source_gets_its_share_and_no_more() {
        let seats = Seats::default();
        assert_eq!(fill(&seats, 1, limits::PER_SOURCE + 5).len(), limits::PER_SOURCE);
        assert!(seats.take(address(0)).is_some(), "dropped seats are free again");
    }

    #[test]
    fn a_newcomer_displaces_the_oldest_of_the_greediest() {
        let seats = Seats::default();
        let held = fill(&seats, 14, limits::PER_SOURCE);
        assert_eq!(held.len(), limits::CONNECTIONS - limits::RESERVED);
        let newcomer = seats.take(address(99)).expect("a seat");
        assert_eq!(held.iter().filter(|seat| is_displaced(seat)).count(), 1);
        drop(held);
        drop(newcomer);
        assert_eq!(seats.plan().count, 0, "a displaced seat is given back once");
    }

    #[test]
    fn equals_do_not_displace_each_other() {
        let seats = Seats::default();
        let held = fill(&seats, limits::CONNECTIONS - limits::RESERVED, 1);
        assert!(seats.take(address(9999)).is_none());
        assert!(!held.iter().any(is_displaced));
    }

    #[test]
    fn an_address_with_a_live_session_has_seats_of_its_own() {
        let seats = Seats::default();
        let _held = fill(&seats, limits::CONNECTIONS - limits::RESERVED, 1);
        seats.note_session(address(9999));
        assert!(seats.take(address(9999)).is_some());
    }
}
