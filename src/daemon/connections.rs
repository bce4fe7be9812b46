//! Keeps looking who is connected and who is signed in, on a thread of its own: what it waits for is the kernel's, and no other task's.

use std::{
    io,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use crate::{
    actions::Actions,
    firewall::usage::{Coverage, Sample},
    host::{
        connections::{Ended, Look, Told},
        logins,
    },
    web::kit::App,
};

/// From one look to the next while somebody looks at the list of ports.
const WATCHED: Duration = Duration::from_secs(5);
/// While nobody does, every so many of them.
const UNWATCHED: u32 = 6;

/// The kernel's messages are read in one go so often, not each by itself.
const BREATH: Duration = Duration::from_millis(100);

/// When more connections end between two looks, the kernel is asked to tell no more of them.
const MOST_ENDED: u32 = 10_000;
/// For so many looks it is left alone then.
const LOOKS_OF_SILENCE: u32 = 20;

/// The ways to the kernel. They are opened before the panel is confined, because it can't open them afterwards.
pub(super) struct Connections {
    look: io::Result<Look>,
    ears: Ears,
}

impl Connections {
    /// Without them the panel runs all the same, and says that it doesn't know.
    pub(super) fn open() -> Self {
        Self { look: Look::open(), ears: Ears { ended: Ended::open().ok(), silent_for: 0 } }
    }

    /// Begins to look, again and again for the rest of the process's life.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(super) fn watch(self, actions: Actions, app: App) -> io::Result<()> {
        match self.look {
            Ok(look) => {
                let work = move || watch(look, self.ears, &actions, &app);
                thread::Builder::new().name("connections".to_owned()).spawn(work).map(drop)
            }
            Err(error) => {
                actions.note_unseen_connections(error.to_string());
                Ok(())
            }
        }
    }
}

fn watch(mut look: Look, mut ears: Ears, actions: &Actions, app: &App) {
    let mut heard = Sample::default();
    for tick in 0_u32.. {
        if tick.is_multiple_of(UNWATCHED) || app.is_watched() {
            let rest = if app.is_watched() { WATCHED } else { WATCHED * UNWATCHED };
            match look.sample() {
                Ok(sample) => {
                    let next = sample.without_peers();
                    actions.note_connections(&heard, sample, ears.coverage(rest));
                    heard = next;
                    ears.begin();
                }
                Err(error) => actions.note_unseen_connections(error.to_string()),
            }
            // Without logind nobody can tell who is signed in.
            actions.note_logins(logins::addresses().unwrap_or_default());
        }
        ears.hear_until(Instant::now() + WATCHED, &mut heard);
    }
}

/// Hears of connections that end.
struct Ears {
    ended: Option<Ended>,
    silent_for: u32,
}

impl Ears {
    /// What may have been missed since [`Self::begin`].
    fn coverage(&self, rest: Duration) -> Coverage {
        match &self.ended {
            Some(ended) if self.silent_for == 0 && !ended.is_lossy() => Coverage::Every,
            _ => Coverage::Samples { seconds: rest.as_secs() },
        }
    }

    fn begin(&mut self) {
        self.silent_for = self.silent_for.saturating_sub(1);
        let Some(ended) = self.ended.as_mut().filter(|_| self.silent_for == 0) else { return };
        if let Err(error) = ended.begin(MOST_ENDED) {
            self.give_up(&error);
        }
    }

    fn hear_until(&mut self, end: Instant, heard: &mut Sample) {
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let Some(ended) = self.ended.as_mut().filter(|_| self.silent_for == 0) else { return sleep(left) };
            match ended.wait(left).and_then(|has_news| if has_news { ended.read(heard) } else { Ok(Told::All) }) {
                Ok(Told::All) => sleep(BREATH.min(left)),
                Ok(Told::TooMuch) => self.silent_for = LOOKS_OF_SILENCE,
                Err(error) => self.give_up(&error),
            }
        }
    }

    fn give_up(&mut self, error: &io::Error) {
        tracing::warn!(%error, "the kernel doesn't tell of connections that end; only those that a look finds are seen");
        self.ended = None;
    }
}
