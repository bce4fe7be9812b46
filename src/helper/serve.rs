//! Accepts connections, lets the right users in, and holds each to its turn and its time.

use std::{
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::{io::Errno, net::sockopt::socket_peercred};

use super::{
    keeper::{Emergency, Keeper, Order, wait_for},
    listing::Listings,
    netfilter::nflog,
    socket::Doorway,
    survey,
    units::Units,
};
use crate::boundary::{
    Deadline, Refusal, Request, Response, VERSION,
    codec::{self, Frame},
    limits, passage,
};
use crate::firewall::{Family, simulate::Packet};

/// Out of descriptors or memory: wait instead of spinning until some are free.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Serves until the process is killed.
pub struct Server {
    doorway: Doorway,
    panel: Quota,
    root: Quota,
    desk: Arc<Desk>,
}

/// What conversations share.
struct Desk {
    listings: Listings,
    keeper: Arc<Keeper>,
    units: Units,
}

impl Server {
    /// Serves the user `panel_uid`, and root.
    pub fn new(doorway: Doorway, panel_uid: u32, keeper: Arc<Keeper>, units: Units) -> Self {
        Self {
            doorway,
            panel: Quota::new(panel_uid, limits::CONNECTIONS),
            root: Quota::new(0, limits::CONNECTIONS),
            desk: Arc::new(Desk { listings: Listings::default(), keeper, units }),
        }
    }

    /// Runs for ever.
    pub fn run(&self) -> ! {
        loop {
            match self.doorway.listener.accept() {
                Ok((stream, _)) => self.admit(stream),
                Err(_) => thread::sleep(AFTER_FAILED_ACCEPT),
            }
        }
    }

    /// Whoever isn't let in is closed without a byte read or written.
    fn admit(&self, stream: UnixStream) {
        let Ok(peer) = socket_peercred(&stream) else { return };
        let Some(slot) = [&self.panel, &self.root].into_iter().find_map(|quota| quota.take(peer.uid.as_raw())) else {
            return;
        };
        let desk = Arc::clone(&self.desk);
        // A thread that can't start drops its closure, and with it the stream and the slot.
        let _ = thread::Builder::new().spawn(move || {
            Conversation { stream, slot, is_root: peer.uid.is_root(), greeted: false, desk }.hold();
        });
    }
}

/// How many connections one user may have at once. Root has its own, so a panel that floods can't shut out the console.
struct Quota {
    uid: u32,
    limit: usize,
    used: Arc<Used>,
}

/// What is used of a quota.
#[derive(Default)]
struct Used {
    places: AtomicUsize,
    /// Held while a large request is in memory.
    large: Mutex<()>,
}

/// One connection's place; given back when dropped, also by a panic.
struct Slot(Arc<Used>);

impl Quota {
    fn new(uid: u32, limit: usize) -> Self {
        Self { uid, limit, used: Arc::default() }
    }

    fn take(&self, uid: u32) -> Option<Slot> {
        // Only the accepting thread adds, so nothing can slip in between the two lines.
        (uid == self.uid && self.used.places.load(Ordering::Acquire) < self.limit).then(|| {
            self.used.places.fetch_add(1, Ordering::AcqRel);
            Slot(Arc::clone(&self.used))
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.places.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One connection's requests and answers.
struct Conversation {
    stream: UnixStream,
    slot: Slot,
    is_root: bool,
    greeted: bool,
    desk: Arc<Desk>,
}

impl Conversation {
    /// Answers request after request until the other end closes, breaks the rules or takes too long.
    fn hold(mut self) {
        while self.exchange().is_ok() {}
    }

    /// An error ends the connection; a refusal among them is written first.
    fn exchange(&mut self) -> Result<(), codec::Error> {
        let mut incoming = Deadline::after(limits::IDLE, &self.stream);
        let length = codec::read_length(&mut incoming)?;
        let used = Arc::clone(&self.slot.0);
        let _turn = match large_turn(&used, length) {
            Ok(turn) => turn,
            Err(refusal) => return self.part(refusal),
        };
        let request = match codec::read_body::<Request>(&mut incoming, length, limits::RULESET_BYTES) {
            Ok(request) if length <= request.limit() => request,
            Ok(_) | Err(codec::Error::Malformed(_) | codec::Error::TooLong { .. }) => {
                return self.part(Refusal::Malformed);
            }
            Err(error) => return Err(error),
        };
        let limit = request.answer_limit();
        match self.answer(request) {
            Ok(Answer::Kept(frame)) => self.write(&frame),
            Ok(Answer::Made(response)) => self.write(&encode(&response, limit)?),
            Ok(Answer::Handed(response, descriptor)) => {
                passage::send(&self.stream, limits::IDLE, &encode(&response, limit)?, descriptor.as_fd())
            }
            Err(refusal @ (Refusal::Version { .. } | Refusal::OutOfTurn | Refusal::Malformed)) => self.part(refusal),
            Err(refusal) => self.write(&encode(&Response::Refused { refusal }, limit)?),
        }
    }

    fn part(&self, refusal: Refusal) -> Result<(), codec::Error> {
        self.write(&encode(&Response::Refused { refusal }, limits::RESPONSE_BYTES)?)?;
        Err(codec::Error::Closed)
    }

    fn write(&self, frame: &Frame) -> Result<(), codec::Error> {
        frame.write(&mut Deadline::after(limits::IDLE, &self.stream))
    }

    fn answer(&mut self, request: Request) -> Result<Answer, Refusal> {
        match request {
            Request::Hello { .. } if self.greeted => return Err(Refusal::OutOfTurn),
            Request::Hello { version: VERSION } => self.greeted = true,
            Request::Hello { .. } => return Err(Refusal::Version { helper: VERSION }),
            _ if !self.greeted => return Err(Refusal::OutOfTurn),
            Request::ListListeners {} => {
                let listing = self.desk.listings.fresh();
                return listing.map(Answer::Kept).map_err(|reason| Refusal::Kernel { reason });
            }
            Request::OpenNflog {} => return open_nflog(),
            request => return self.desk.carry_out(request, self.is_root).map(Answer::Made),
        }
        Ok(Answer::Made(Response::Hello { version: VERSION }))
    }
}

/// An answer that many get, one that was made for this request, or one with a descriptor that isn't kept here.
enum Answer {
    Kept(Arc<Frame>),
    Made(Response),
    Handed(Response, OwnedFd),
}

impl Desk {
    fn carry_out(&self, request: Request, is_root: bool) -> Result<Response, Refusal> {
        let keeper = &self.keeper;
        match request {
            // These are answered where the conversation is.
            Request::Hello { .. } | Request::ListListeners {} | Request::OpenNflog {} => Err(Refusal::OutOfTurn),
            Request::ReadState {} => Ok(Response::State(keeper.read_state())),
            Request::ReadSurvey {} => match survey::read() {
                Ok(survey) => Ok(Response::Survey(survey)),
                Err(error) => Err(Refusal::Kernel { reason: error.to_string() }),
            },
            Request::ReadConfirmed {} => keeper.read_confirmed().map(Response::Confirmed),
            Request::Plan { probes, .. } | Request::Apply { probes, .. } if !are_probes(&probes) => {
                Err(Refusal::Malformed)
            }
            Request::SetMembers { add, remove } if add.len() + remove.len() > limits::BANS => Err(Refusal::Malformed),
            Request::Plan { ruleset, probes } => {
                let start = Instant::now();
                let probes = keeper.plan(ruleset, &probes, is_root)?;
                let millis = start.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
                Ok(Response::Planned { probes, millis })
            }
            Request::Apply { ruleset, revision, expected, window_seconds, probes } => {
                let order = Order { revision, expected, window_seconds, is_root };
                keeper.apply(order, ruleset, &probes).map(Response::State)
            }
            Request::Confirm { revision } => keeper.confirm(revision).map(Response::State),
            Request::Extend { revision, seconds } => keeper.extend(revision, seconds).map(Response::State),
            Request::RollBack { revision } => keeper.roll_back(revision).map(Response::State),
            Request::TurnOff { expected } => keeper.turn_off(expected, is_root).map(Response::State),
            Request::SetMembers { add, remove } => keeper.set_members(&add, &remove).map(Response::State),
            Request::ReadBans {} => keeper.read_bans().map(Response::Bans),
            Request::ReadCounters {} => keeper.read_counters().map(Response::Counters),
            Request::ReadDrift {} => keeper.read_drift().map(Response::Drift),
            Request::PutBack {} => keeper.put_back().map(Response::State),
            Request::ReadForeign { ours } => keeper.read_foreign(ours).map(Response::Foreign),
            Request::ReadUnits { names } if names.len() > limits::UNITS => Err(Refusal::Malformed),
            Request::ReadUnits { names } => self.units.read(&names).map(Response::Units),
            Request::CloseUnit { name, level } => self.units.close(&name, level).map(Response::Closed),
            Request::ReopenUnit { record } => self.units.reopen(record).map(Response::Reopened),
            Request::ReadUnitRecords {} => self.units.records().map(Response::UnitRecords),
            Request::Panic {} | Request::Rescue {} | Request::Resume {} if !is_root => Err(Refusal::RootOnly),
            Request::Panic {} => keeper.order(Some(Emergency::Panic)).map(Response::State),
            Request::Rescue {} => keeper.order(Some(Emergency::Rescue)).map(Response::State),
            Request::Resume {} => keeper.order(None).map(Response::State),
        }
    }
}

/// Opened for whoever asks, and at once no longer open here.
fn open_nflog() -> Result<Answer, Refusal> {
    match nflog::open() {
        Ok(socket) => Ok(Answer::Handed(Response::Nflog {}, socket)),
        Err(Errno::BUSY | Errno::PERM) => Err(Refusal::Taken),
        Err(error) => Err(Refusal::Kernel { reason: error.to_string() }),
    }
}

/// Few enough packets that could really be sent.
fn are_probes(packets: &[Packet]) -> bool {
    let is_real = |packet: &Packet| packet.family() == Family::of(packet.destination());
    packets.len() <= limits::PROBES && packets.iter().all(is_real)
}

/// Only one large request of a user is in memory at a time; whoever comes second waits as long as for anything else.
fn large_turn(used: &Used, length: u32) -> Result<Option<MutexGuard<'_, ()>>, Refusal> {
    if length <= limits::REQUEST_BYTES {
        return Ok(None);
    }
    if length > limits::RULESET_BYTES { Err(Refusal::Malformed) } else { wait_for(&used.large).map(Some) }
}

/// What is too long for one answer is said to be.
fn encode(answer: &Response, limit: u32) -> Result<Frame, codec::Error> {
    Frame::new(answer, limit).or_else(|error| {
        let refusal = Refusal::Kernel { reason: error.to_string() };
        Frame::new(&Response::Refused { refusal }, limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_comes_back_when_its_thread_panics() {
        let quota = Quota::new(7, 1);
        let slot = quota.take(7).unwrap();
        assert!(quota.take(7).is_none(), "the only slot is taken");
        thread::spawn(move || {
            let _slot = slot;
            panic!("a bug in a conversation");
        })
        .join()
        .unwrap_err();
        assert!(quota.take(7).is_some());
        assert!(quota.take(8).is_none(), "a stranger has no quota");
    }
}
