//! A helper that speaks the real protocol and enforces nothing.

use std::{
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use portreeve::{
    boundary::{Refusal, Request, Response, VERSION, codec},
    firewall::{
        Listing, Moment, Ruleset,
        enforcement::{Drift, Enforcement, Mode, Pending, RollBackCause, RolledBack, Survey},
    },
};

use super::services::Services;

/// What it would enforce, and how it behaves.
#[derive(Default)]
pub struct State {
    pub enforcement: Enforcement,
    pub confirmed: Option<Ruleset>,
    pub pending: Option<Ruleset>,
    /// The highest number it has seen.
    pub newest: u64,
    /// How long an Apply takes.
    pub pace: Duration,
    /// How many packets were to be sent in the last rehearsal.
    pub probes: usize,
    pub services: Services,
    /// Whether it hangs up on an Apply or on closing a unit before it does it.
    pub hangs_up: bool,
    /// What another program changed.
    pub drift: Vec<Drift>,
}

#[derive(Clone)]
pub struct Helper(Arc<Mutex<State>>);

impl Helper {
    pub fn start(state: &Path) -> Self {
        let socket = UnixListener::bind(state.join("helper.sock")).expect("a socket");
        let helper = Self(Arc::default());
        let served = helper.clone();
        thread::spawn(move || {
            for stream in socket.incoming().map_while(Result::ok) {
                let served = served.clone();
                thread::spawn(move || served.converse(stream));
            }
        });
        helper
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics with it")
    }

    fn converse(&self, mut stream: UnixStream) {
        while let Ok(request) = codec::read::<Request>(&mut stream, u32::MAX) {
            let is_act = matches!(request, Request::Apply { .. } | Request::CloseUnit { .. });
            if is_act && self.state().hangs_up {
                drop(stream);
                self.answer(request);
                return;
            }
            if matches!(request, Request::Apply { .. }) {
                let pace = self.state().pace;
                thread::sleep(pace);
            }
            let response = self.answer(request);
            if codec::write(&mut stream, &response, u32::MAX).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: Request) -> Response {
        let mut state = self.state();
        let refused = match request {
            Request::Hello { version } if version == VERSION => return Response::Hello { version },
            Request::ReadBans {} => return Response::Bans(Vec::new()),
            Request::ReadSurvey {} => return Response::Survey(Survey::default()),
            Request::ReadDrift {} => return Response::Drift(state.drift.clone()),
            Request::ListListeners {} => {
                let listeners = state.services.listening();
                return Response::Listeners(Listing { listeners, omitted: 0 });
            }
            Request::ReadUnits { names } => return state.services.read(&names),
            Request::CloseUnit { name, level } => return state.services.close(name, level),
            Request::ReopenUnit { record } => return state.services.reopen(record),
            Request::ReadUnitRecords {} => return Response::UnitRecords(state.services.records.clone()),
            Request::ReadConfirmed {} => return Response::Confirmed(state.confirmed.clone()),
            Request::Apply { ruleset, revision, expected, window_seconds, probes } => {
                state.probes = probes.len();
                state.apply(ruleset, revision, expected, window_seconds)
            }
            Request::Confirm { revision } => state.end(revision, None),
            Request::RollBack { revision } => state.end(revision, Some(RollBackCause::Asked)),
            Request::ReadState {} | Request::Extend { .. } | Request::PutBack {} | Request::SetMembers { .. } => None,
            Request::TurnOff { .. } => {
                *state = State { newest: state.newest, ..State::default() };
                None
            }
            other => panic!("nobody asks {other:?} here"),
        };
        refused.map_or_else(|| Response::State(state.enforcement.clone()), |refusal| Response::Refused { refusal })
    }
}

impl State {
    /// Puts a ruleset in force, whoever asks.
    pub fn apply(&mut self, ruleset: Ruleset, revision: u64, expected: Option<u64>, window: u32) -> Option<Refusal> {
        if expected != self.enforcement.confirmed {
            return Some(Refusal::Stale { found: self.enforcement.confirmed });
        }
        if revision <= self.newest {
            return Some(Refusal::Stale { found: Some(self.newest) });
        }
        self.newest = revision;
        self.pending = Some(ruleset);
        self.enforcement.mode = Mode::Enforcing;
        let pending = Pending { revision, millis_left: u64::from(window) * 1000, window_seconds: window };
        self.enforcement.pending = Some(pending);
        None
    }

    /// Ends what waits: it is kept, or rolled back for a cause.
    pub fn end(&mut self, revision: u64, cause: Option<RollBackCause>) -> Option<Refusal> {
        let found = self.enforcement.pending.map(|pending| pending.revision);
        if found != Some(revision) {
            return Some(Refusal::Stale { found });
        }
        self.enforcement.pending = None;
        let ruleset = self.pending.take();
        if let Some(cause) = cause {
            self.enforcement.rolled_back = Some(RolledBack { revision, cause, at: Moment::from_millis(0) });
            return None;
        }
        (self.enforcement.confirmed, self.confirmed) = (Some(revision), ruleset);
        None
    }
}
