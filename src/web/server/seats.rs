//! Who may hold a connection when there are more callers than seats.
//!
//! Nobody is turned away by the number of strangers alone: a newcomer takes over the oldest connection of his own source
//! once that has its share, and of the source that holds most once the strangers' seats are taken. Two things are out
//! of strangers' reach: a connection that has carried a live session, and the seats kept for addresses from which
//! somebody signed in lately.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::{limits, peer::Peer};
use crate::store::AddressPrefix;

/// An address counts as known for this long after its last request with a live session; as long as `actions` has it as
/// its user's own.
const KNOWN_FOR: Duration = Duration::from_hours(30 * 24);

/// Addresses remembered as known; of more, those seen last.
const KNOWN_SOURCES: usize = 256;

/// The seats of one server.
#[derive(Debug, Clone, Default)]
pub struct Seats(Arc<Mutex<Plan>>);

/// Names a seat; the default is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct SeatId(u64);

#[derive(Debug, Default)]
struct Plan {
    taken: BTreeMap<AddressPrefix, VecDeque<Taken>>,
    count: usize,
    last: SeatId,
    known: BTreeMap<AddressPrefix, Instant>,
}

#[derive(Debug)]
struct Taken {
    id: SeatId,
    displaced: Arc<Notify>,
    has_session: bool,
}

/// A held seat; dropping it gives it back.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    source: AddressPrefix,
    id: SeatId,
    displaced: Arc<Notify>,
}

impl Seat {
    /// Waits until a newcomer takes the seat over. The holder has to hang up then.
    pub async fn displaced(&self) {
        self.displaced.notified().await;
    }

    pub(super) const fn id(&self) -> SeatId {
        self.id
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.plan().give_back(self.source, self.id);
    }
}

impl Seats {
    /// Empty seats, some of which are kept for these addresses.
    #[must_use]
    pub fn knowing(addresses: impl IntoIterator<Item = AddressPrefix>) -> Self {
        let seats = Self::default();
        let now = Instant::now();
        addresses.into_iter().for_each(|address| seats.plan().note_known(address, now));
        seats
    }

    /// Takes a seat for a new connection. None when all that its source could take over have live sessions, or when the
    /// source holds as much as any other while strangers have no seat left.
    #[must_use]
    pub fn take(&self, address: IpAddr) -> Option<Seat> {
        let source = AddressPrefix::of(address);
        let (id, displaced) = self.plan().take(source, Instant::now())?;
        Some(Seat { seats: self.clone(), source, id, displaced })
    }

    /// Notes that a request with a live session came from there.
    pub fn note_session(&self, peer: &Peer) {
        let source = AddressPrefix::of(peer.address);
        let mut plan = self.plan();
        plan.note_known(source, Instant::now());
        let seats = plan.taken.get_mut(&source).into_iter().flatten();
        seats.filter(|seat| seat.id == peer.seat).for_each(|seat| seat.has_session = true);
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    fn take(&mut self, source: AddressPrefix, now: Instant) -> Option<(SeatId, Arc<Notify>)> {
        let (held, is_known) = (self.held_by(source), self.is_known(source, now));
        let open = if is_known { limits::CONNECTIONS } else { limits::CONNECTIONS - limits::RESERVED };
        if held >= limits::PER_SOURCE {
            self.displace(source)?;
        } else if self.count >= open {
            let (most, greediest) = self.greediest_stranger(now)?;
            (is_known || most > held).then(|| self.displace(greediest))??;
        }
        self.last.0 += 1;
        self.count += 1;
        let displaced = Arc::new(Notify::new());
        let seat = Taken { id: self.last, displaced: Arc::clone(&displaced), has_session: false };
        self.taken.entry(source).or_default().push_back(seat);
        Some((self.last, displaced))
    }

    /// The source with the most seats that may be taken over, and their number; of equals, the one with the oldest.
    fn greediest_stranger(&self, now: Instant) -> Option<(usize, AddressPrefix)> {
        let strangers = self.taken.iter().filter(|(source, _)| !self.is_known(**source, now));
        let holdings = strangers.filter_map(|(source, seats)| {
            let mut weak = seats.iter().filter(|seat| !seat.has_session);
            let oldest = weak.next()?.id;
            Some((1 + weak.count(), Reverse(oldest), *source))
        });
        holdings.max().map(|(number, _, source)| (number, source))
    }

    /// Frees the oldest seat of a source, but none that has carried a live session.
    fn displace(&mut self, source: AddressPrefix) -> Option<()> {
        let seat = self.taken.get(&source)?.iter().find(|seat| !seat.has_session)?;
        seat.displaced.notify_one();
        let id = seat.id;
        self.give_back(source, id);
        Some(())
    }

    fn give_back(&mut self, source: AddressPrefix, id: SeatId) {
        let Some(seats) = self.taken.get_mut(&source) else { return };
        let before = seats.len();
        seats.retain(|seat| seat.id != id);
        self.count -= before - seats.len();
        if seats.is_empty() {
            self.taken.remove(&source);
        }
    }

    fn held_by(&self, source: AddressPrefix) -> usize {
        self.taken.get(&source).map_or(0, VecDeque::len)
    }

    fn is_known(&self, source: AddressPrefix, now: Instant) -> bool {
        self.known.get(&source).is_some_and(|seen| now.saturating_duration_since(*seen) < KNOWN_FOR)
    }

    fn note_known(&mut self, source: AddressPrefix, now: Instant) {
        self.known.insert(source, now);
        if self.known.len() > KNOWN_SOURCES {
            let oldest = self.known.iter().min_by_key(|(_, seen)| **seen).map(|(source, _)| *source);
            oldest.map(|source| self.known.remove(&source));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    const STRANGERS: usize = limits::CONNECTIONS - limits::RESERVED;

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

    fn displaced(seats: &[Seat]) -> Vec<usize> {
        (0..seats.len()).filter(|place| is_displaced(&seats[*place])).collect()
    }

    fn sign_in(seats: &Seats, seat: &Seat, number: usize) {
        let peer = Peer::accepted_now(SocketAddr::new(address(number), 1));
        seats.note_session(&Peer { seat: seat.id, ..peer });
    }

    #[test]
    fn a_source_that_has_its_share_takes_over_its_own_oldest() {
        let seats = Seats::default();
        let held = fill(&seats, 1, limits::PER_SOURCE + 5);
        assert_eq!(displaced(&held), [0, 1, 2, 3, 4]);
        assert_eq!(seats.plan().count, limits::PER_SOURCE);
        drop(held);
        assert_eq!(seats.plan().count, 0, "a seat that was taken over is given back once");
    }

    #[test]
    fn a_newcomer_displaces_the_oldest_of_the_greediest() {
        let seats = Seats::default();
        let held = fill(&seats, STRANGERS / limits::PER_SOURCE, limits::PER_SOURCE);
        assert_eq!(held.len(), STRANGERS);
        let newcomer = seats.take(address(99)).expect("a seat");
        assert_eq!(displaced(&held), [0]);
        drop((held, newcomer));
        assert_eq!(seats.plan().count, 0);
    }

    #[test]
    fn a_newcomer_among_equals_displaces_the_oldest_and_nobody_gets_two() {
        let seats = Seats::default();
        let held = fill(&seats, STRANGERS, 1);
        let newcomer = seats.take(address(9999));
        assert!(newcomer.is_some());
        assert_eq!(displaced(&held), [0]);
        assert!(seats.take(address(9999)).is_none(), "holding one, he has as much as all others");
    }

    #[test]
    fn a_connection_with_a_live_session_is_never_taken_over() {
        let seats = Seats::default();
        let own = fill(&seats, 1, limits::PER_SOURCE);
        for seat in &own {
            sign_in(&seats, seat, 0);
        }
        assert!(seats.take(address(0)).is_none(), "neither by its own source");
        let strangers: Vec<Seat> = (1..=2 * STRANGERS).filter_map(|number| seats.take(address(number))).collect();
        assert_eq!(strangers.len(), 2 * STRANGERS);
        assert!(displaced(&own).is_empty(), "nor by strangers, though no source holds more");
    }

    #[test]
    fn known_addresses_have_seats_of_their_own() {
        let seats = Seats::knowing([AddressPrefix::of(address(8888))]);
        let held = fill(&seats, STRANGERS, 1);
        let known: Vec<Seat> = (0..10).filter_map(|_| seats.take(address(8888))).collect();
        sign_in(&seats, &held[7], 7);
        let neighbour = seats.take(address(7));
        assert!(known.len() == 10 && neighbour.is_some());
        assert!(displaced(&held).is_empty() && displaced(&known).is_empty());
        let late: Vec<Seat> = (0..STRANGERS).filter_map(|number| seats.take(address(20_000 + number))).collect();
        assert_eq!(late.len(), STRANGERS, "strangers displace each other");
        assert!(displaced(&known).is_empty(), "and never them");
    }

    #[test]
    fn only_the_latest_known_addresses_are_remembered() {
        let seats = Seats::knowing((0..=KNOWN_SOURCES).map(|number| AddressPrefix::of(address(number))));
        assert_eq!(seats.plan().known.len(), KNOWN_SOURCES);
    }
}
