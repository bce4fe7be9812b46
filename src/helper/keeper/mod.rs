//! The keeper of what is enforced: it alone changes our table and the state directory, one act at a time, and goes back
//! when nobody confirms.
//!
//! What is pending is on disk before it is in the kernel. So whatever dies, whoever comes next finds it and goes back.

mod acts;
mod bans;
mod emergency;
mod files;
mod floor;
mod foreign;
mod hands;
mod kernel;
mod probes;
mod shape;
mod state;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

pub use acts::Order;
pub use emergency::Emergency;
pub use files::{Name, StateDir};
pub use floor::Floor;

use super::{clock, log, programs::Programs, survey};
use crate::{
    boundary::Refusal,
    firewall::{
        Ruleset, Surroundings,
        enforcement::{Ban, Count, Drift, Enforcement, ForeignTables},
    },
};
use hands::Hands;
use state::{Content, State, Stored};

/// How long an act waits for another one to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the window is looked at. It is measured by a clock that goes on while the host sleeps, but no thread can
/// wait for that one.
const GLANCE: Duration = Duration::from_millis(200);

/// How often it is looked whether the host has got into other networks.
const LOOK_AROUND: Duration = Duration::from_secs(10);

/// How long after a failed roll back it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Keeps what is enforced.
pub struct Keeper {
    programs: Arc<Programs>,
    /// Held for as long as an act changes anything.
    hands: Mutex<Hands>,
    /// Held for moments, so that the state can be read during an act. Only who holds the hands changes it.
    state: Mutex<State>,
    /// Rings when the window has changed.
    bell: Condvar,
    /// Held by who checks, compiles and rehearses: that takes memory, so one of the panel's does it at a time.
    rehearsal: Mutex<()>,
    /// The same for root, whom a panel without measure mustn't keep waiting.
    roots_rehearsal: Mutex<()>,
    /// Who always reaches SSH.
    floor: Option<Floor>,
}

impl Keeper {
    /// Finds out what should be in the kernel, and sees to it: what was pending is rolled back.
    pub fn open(dir: StateDir, programs: Arc<Programs>, panel_port: u16) -> Self {
        let mut hands = Hands::new(dir, Arc::clone(&programs), panel_port);
        let state = hands.wake();
        Self {
            programs,
            hands: Mutex::new(hands),
            state: Mutex::new(state),
            bell: Condvar::new(),
            rehearsal: Mutex::default(),
            roots_rehearsal: Mutex::default(),
            floor: None,
        }
    }

    /// Holds what it is ordered from now on to a floor. What goes back isn't held to it: it was confirmed.
    #[must_use]
    pub fn above(self, floor: Floor) -> Self {
        Self { floor: Some(floor), ..self }
    }

    /// What is enforced now.
    pub fn read_state(&self) -> Enforcement {
        self.state().view()
    }

    /// The last confirmed ruleset.
    pub fn read_confirmed(&self) -> Result<Option<Ruleset>, Refusal> {
        let hands = self.hands()?;
        let state = self.state().clone();
        if state.confirmed.is_none() {
            return Ok(None);
        }
        let name = if state.fell_back { Name::Previous } else { Name::Confirmed };
        let stored = hands.dir.read::<Stored>(name).map_err(|reason| Refusal::Kernel { reason })?;
        Ok(stored.map(|stored| stored.ruleset))
    }

    /// What somebody else changed in our table.
    pub fn read_drift(&self) -> Result<Vec<Drift>, Refusal> {
        self.hands()?.drift().map_err(|reason| Refusal::Kernel { reason })
    }

    /// The tables of others, and ours with them if that is wanted.
    pub fn read_foreign(&self, with_ours: bool) -> Result<ForeignTables, Refusal> {
        foreign::read(&self.programs, with_ours).map_err(|reason| Refusal::Kernel { reason })
    }

    /// The bans, as they were ordered.
    pub fn read_bans(&self) -> Result<Vec<Ban>, Refusal> {
        Ok(self.hands()?.kernel.bans.living())
    }

    /// What each line did since it was made.
    pub fn read_counters(&self) -> Result<Vec<Count>, Refusal> {
        kernel::count(&self.programs).map_err(|reason| Refusal::Kernel { reason })
    }

    /// Goes back when a window is over, for ever. Between windows it follows the host from network to network.
    pub fn keep_time(&self) -> ! {
        loop {
            let state = self.state();
            match state.window.as_ref().map(state::Window::left) {
                None => {
                    let waited = self.bell.wait_timeout(state, LOOK_AROUND);
                    if waited.is_ok_and(|(_, wait)| wait.timed_out())
                        && let Err(reason) = self.follow_networks()
                    {
                        log(&format_args!("the sets of this host's networks are not renewed: {reason}"));
                    }
                }
                Some(0) => {
                    drop(state);
                    if let Err(reason) = self.go_back_when_over() {
                        log(&format_args!("the roll back failed and is tried again: {reason}"));
                        thread::sleep(AGAIN);
                    }
                }
                Some(left) => drop(self.bell.wait_timeout(state, GLANCE.min(Duration::from_millis(left)))),
            }
        }
    }

    /// The ruleset of the start is loaded before the host has any address.
    fn follow_networks(&self) -> Result<(), String> {
        let survey = survey::read().map_err(|error| error.to_string())?;
        let mut hands = self.hands_at_any_price();
        if self.state().settled == Content::Nothing {
            return Ok(());
        }
        hands.kernel.follow(&survey::surroundings(&survey, clock::now()).networks)
    }

    fn go_back_when_over(&self) -> Result<(), String> {
        let mut hands = self.hands_at_any_price();
        let mut state = self.state().clone();
        // While this thread waited for its turn the window may have been extended or ended.
        let Some(window) = state.window.as_ref().filter(|window| window.left() == 0) else { return Ok(()) };
        let cause = window.cause();
        let outcome = hands.go_back(&mut state, cause);
        self.set(state);
        outcome
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) -> Enforcement {
        let view = state.view();
        *self.state() = state;
        self.bell.notify_all();
        view
    }

    fn hands(&self) -> Result<MutexGuard<'_, Hands>, Refusal> {
        wait_for(&self.hands)
    }

    /// Whoever waits here is next, before all who only try again and again.
    fn hands_at_any_price(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a turn, or finds that somebody else is at it for too long.
pub fn wait_for<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, Refusal> {
    let end = Instant::now() + PATIENCE;
    loop {
        match mutex.try_lock() {
            Ok(guard) => return Ok(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) if Instant::now() >= end => return Err(Refusal::Busy),
            Err(std::sync::TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// A host that can't be looked at still gets its rules: only those about its own networks find nobody.
fn surroundings() -> Surroundings {
    survey::surroundings(&survey::read().unwrap_or_default(), clock::now())
}
