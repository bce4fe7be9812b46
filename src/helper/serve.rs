//! Accepts connections, lets the right users in, and holds each to its turn and its time.

use std::{
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rustix::net::sockopt::socket_peercred;

use super::{listing::Listings, socket::Doorway};
use crate::boundary::{
    Deadline, Refusal, Request, Response, VERSION,
    codec::{self, Frame},
    limits,
};
use crate::firewall::enforcement::Enforcement;

/// Out of descriptors or memory: wait instead of spinning until some are free.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Serves until the process is killed.
pub struct Server {
    doorway: Doorway,
    panel: Quota,
    root: Quota,
    listings: Arc<Listings>,
}

impl Server {
    /// Serves the user `panel_uid`, and root.
    pub fn new(doorway: Doorway, panel_uid: u32) -> Self {
        Self {
            doorway,
            panel: Quota::new(panel_uid, limits::CONNECTIONS),
            root: Quota::new(0, limits::CONNECTIONS),
            listings: Arc::default(),
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
        let listings = Arc::clone(&self.listings);
        // A thread that can't start drops its closure, and with it the stream and the slot.
        let _ = thread::Builder::new().spawn(move || {
            let _slot = slot;
            converse(&stream, &listings);
        });
    }
}

/// How many connections one user may have at once. Root has its own, so a panel that floods can't shut out the console.
struct Quota {
    uid: u32,
    limit: usize,
    used: Arc<AtomicUsize>,
}

/// One connection's place; given back when dropped, also by a panic.
struct Slot(Arc<AtomicUsize>);

impl Quota {
    fn new(uid: u32, limit: usize) -> Self {
        Self { uid, limit, used: Arc::default() }
    }

    fn take(&self, uid: u32) -> Option<Slot> {
        // Only the accepting thread adds, so nothing can slip in between the two lines.
        (uid == self.uid && self.used.load(Ordering::Acquire) < self.limit).then(|| {
            self.used.fetch_add(1, Ordering::AcqRel);
            Slot(Arc::clone(&self.used))
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Answers request after request until the other end closes, breaks the rules or takes too long.
fn converse(stream: &UnixStream, listings: &Listings) {
    let mut greeted = false;
    loop {
        let request = codec::read(&mut Deadline::after(limits::IDLE, stream), limits::REQUEST_BYTES);
        let (answer, goes_on) = match request {
            Ok(request) => answer(&request, &mut greeted, listings),
            Err(codec::Error::Malformed(_) | codec::Error::TooLong { .. }) => Err(Refusal::Malformed),
            Err(codec::Error::Closed | codec::Error::Io(_)) => return,
        }
        .map_or_else(|refusal| (frame(&Response::Refused { refusal }), false), |answer| (answer, true));
        let written = answer.write(&mut Deadline::after(limits::IDLE, stream));
        if !goes_on || written.is_err() {
            return;
        }
    }
}

fn frame(answer: &Response) -> Arc<Frame> {
    Arc::new(Frame::new(answer, limits::RESPONSE_BYTES).expect("an answer of a few words is short"))
}

/// A refusal as the error ends the connection.
fn answer(request: &Request, greeted: &mut bool, listings: &Listings) -> Result<Arc<Frame>, Refusal> {
    match request {
        Request::Hello { .. } if *greeted => Err(Refusal::OutOfTurn),
        Request::Hello { version: VERSION } => {
            *greeted = true;
            Ok(frame(&Response::Hello { version: VERSION }))
        }
        Request::Hello { .. } => Err(Refusal::Version { helper: VERSION }),
        _ if !*greeted => Err(Refusal::OutOfTurn),
        Request::ReadState {} => Ok(frame(&Response::State(Enforcement::default()))),
        Request::ListListeners {} => Ok(listings
            .fresh()
            .unwrap_or_else(|reason| frame(&Response::Refused { refusal: Refusal::Kernel { reason } }))),
        _ => Err(Refusal::Malformed),
    }
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
