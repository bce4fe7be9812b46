//! What changes the kernel and the disk. Whoever holds the hands is the only one.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    Emergency, StateDir,
    bans::Bans,
    files::Name,
    kernel::{Failed, Kernel},
    shape::Shape,
    state::{Content, Standing, State, Stored, Window},
    surroundings,
};
use crate::{
    firewall::{
        Compiled, Ruleset, check, compile,
        enforcement::{Drift, RollBackCause},
    },
    helper::{listing, log, programs::Programs},
};

/// What the last commit left in the kernel.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Committed {
    content: Content,
    shape: Option<Shape>,
}

/// The state directory and the kernel.
pub struct Hands {
    /// The state directory.
    pub dir: StateDir,
    /// The kernel.
    pub kernel: Kernel,
    panel_port: u16,
    committed: Committed,
}

impl Hands {
    /// Nothing is read yet.
    pub fn new(dir: StateDir, programs: Arc<Programs>, panel_port: u16) -> Self {
        Self { dir, kernel: Kernel::new(programs), panel_port, committed: Committed::default() }
    }

    /// Finds what was left behind, ends what was pending, and makes the kernel equal to what should be there.
    pub fn wake(&mut self) -> State {
        let mut state = State::default();
        let standing = self.dir.read::<Standing>(Name::Standing);
        state.standing = standing.unwrap_or_else(|fault| tell(&mut state, &fault)).unwrap_or_default();
        self.committed = self.dir.read(Name::Committed).ok().flatten().unwrap_or_default();
        let bans = self.dir.read(Name::Bans);
        self.kernel.bans = bans.unwrap_or_else(|fault| tell(&mut state, &fault)).unwrap_or_default();
        let pending = self.dir.read::<Stored>(Name::Pending);
        let window = self.dir.read::<Window>(Name::Window).ok().flatten();
        let newest = state.standing.newest;
        let left_behind = match pending {
            Ok(pending) => pending.map(|pending| pending.revision),
            Err(_) => Some(window.map_or(newest, |window| window.revision)),
        };
        state.standing.newest = newest.max(left_behind.unwrap_or(0));
        state.window = left_behind.map(Window::closed);
        let outcome = match state.window.as_ref().map(Window::cause) {
            Some(cause) => self.go_back(&mut state, cause),
            None => self.settle(&mut state, false),
        };
        if let Err(reason) = outcome {
            tell::<()>(&mut state, &format!("what should be in the kernel could not be put there: {reason}"));
        }
        state.standing.newest = state.standing.newest.max(state.confirmed.unwrap_or(0));
        state
    }

    /// Ends the pending revision.
    pub fn go_back(&mut self, state: &mut State, cause: RollBackCause) -> Result<(), String> {
        self.settle(state, true)?;
        if let Some(window) = &state.window {
            log(&format_args!("revision {} is rolled back ({cause:?})", window.revision));
        }
        state.end_window(cause);
        self.forget(&[Name::Pending, Name::Window]);
        self.remember(state);
        Ok(())
    }

    /// Forgets every revision but the highest number, which none may have again, and takes the table out.
    pub fn turn_off(&mut self, state: &mut State) -> Result<(), String> {
        self.kernel.clear()?;
        self.kernel.bans = Bans::default();
        self.committed = Committed::default();
        self.dir.remove(&Name::ALL).map_err(|error| error.to_string())?;
        let Standing { newest, rolled_back, .. } = state.standing;
        *state = State { standing: Standing { newest, rolled_back, ..Standing::default() }, ..State::default() };
        self.remember(state);
        Ok(())
    }

    /// Makes the kernel equal to what root ordered or, without an order, to the last confirmed revision that is of use.
    /// Without `anew`, what is there already is trusted.
    pub fn settle(&mut self, state: &mut State, anew: bool) -> Result<(), String> {
        if let Some(emergency) = state.standing.emergency {
            state.confirmed = [Name::Confirmed, Name::Previous].into_iter().find_map(|name| self.number(name));
            return self.rule(state, Content::Emergency(emergency), anew);
        }
        state.fell_back = false;
        let mut faults = Vec::new();
        for name in [Name::Confirmed, Name::Previous] {
            match self.restore(state, name, anew) {
                Ok(true) => {
                    // Without a fault a confirmation was interrupted between its two renames.
                    state.fell_back = name == Name::Previous;
                    for fault in &faults {
                        tell::<()>(state, &format!("{fault}, so the revision before it is in force"));
                    }
                    return Ok(());
                }
                Ok(false) => {}
                Err(fault) => faults.push(fault),
            }
        }
        state.confirmed = None;
        state.fell_back = !faults.is_empty();
        if faults.is_empty() {
            return self.clear(state);
        }
        let emergency = "so only SSH, the panel and what is established get in";
        tell::<()>(state, &format!("{}, {emergency}", faults.join("; ")));
        self.rule(state, Content::Emergency(Emergency::Rescue), anew)
    }

    /// Whether there is such a file; if so, what it says is in force now.
    fn restore(&mut self, state: &mut State, name: Name, anew: bool) -> Result<bool, String> {
        let Some(stored) = self.dir.read::<Stored>(name)? else { return Ok(false) };
        let content = Content::of(stored.revision, stored.ruleset.parts().policy.observe);
        if anew || !self.is_in_force(content)? {
            let compiled = prepare(stored.ruleset, stored.revision)?;
            self.commit_stubbornly(&compiled, content)?;
        }
        (state.confirmed, state.settled) = (Some(stored.revision), content);
        Ok(true)
    }

    fn rule(&mut self, state: &mut State, content: Content, anew: bool) -> Result<(), String> {
        let Content::Emergency(emergency) = content else { return Ok(()) };
        if anew || !self.is_in_force(content)? {
            let doors: BTreeSet<u16> = [self.panel_port].into_iter().chain(state.standing.ssh_ports.clone()).collect();
            let doors = doors.into_iter().chain(listing::ssh_ports()).collect();
            self.commit_stubbornly(&prepare(emergency.ruleset(&doors), 0)?, content)?;
        }
        state.settled = content;
        Ok(())
    }

    fn clear(&mut self, state: &mut State) -> Result<(), String> {
        if self.committed.content != Content::Nothing || state.window.is_some() {
            self.kernel.clear()?;
            self.note_committed(Committed::default());
        }
        state.settled = Content::Nothing;
        Ok(())
    }

    fn number(&self, name: Name) -> Option<u64> {
        self.dir.read::<Stored>(name).ok().flatten().map(|stored| stored.revision)
    }

    fn is_in_force(&self, content: Content) -> Result<bool, String> {
        Ok(self.committed.content == content && self.kernel.shape()?.is_some())
    }

    /// Puts a ruleset into the kernel that was there before. If the table as it is doesn't allow it, it is made anew.
    fn commit_stubbornly(&mut self, compiled: &Compiled, content: Content) -> Result<(), String> {
        self.commit(compiled, content).or_else(|failed| {
            log(&format_args!("the kernel refused a ruleset, so the table is made anew: {}", failed.reason()));
            let committed = self.kernel.commit_anew(compiled);
            self.take_note(content, committed).map_err(Failed::reason)
        })
    }

    /// Puts a ruleset into the kernel.
    pub fn commit(&mut self, compiled: &Compiled, content: Content) -> Result<(), Failed> {
        let committed = self.kernel.commit(compiled);
        self.take_note(content, committed)
    }

    fn take_note(&mut self, content: Content, committed: Result<Shape, Failed>) -> Result<(), Failed> {
        if let Err(Failed::Refused(reason)) = committed {
            return Err(Failed::Refused(reason));
        }
        let (shape, outcome) = committed.map_or_else(|failed| (None, Err(failed)), |shape| (Some(shape), Ok(())));
        self.note_committed(Committed { content, shape });
        outcome
    }

    /// For the drift after a restart; without it the next start commits once more, which does no harm.
    fn note_committed(&mut self, committed: Committed) {
        self.committed = committed;
        let written = self.dir.write(Name::Committed, &self.committed);
        if written.is_err() {
            self.forget(&[Name::Committed]);
        }
    }

    /// What differs between the kernel and the last commit.
    pub fn drift(&self) -> Result<Vec<Drift>, String> {
        let found = self.kernel.shape()?;
        let nothing = Shape::default();
        Ok(self.committed.shape.as_ref().unwrap_or(&nothing).differences(found.as_ref()))
    }

    /// Writes what must survive a restart and is no condition for what was just done.
    pub fn remember(&self, state: &mut State) {
        if let Err(error) = self.dir.write(Name::Standing, &state.standing) {
            tell::<()>(state, &format!("the state could not be written: {error}"));
        }
    }

    /// Removes files whose staying would only cause the same to be done again.
    pub fn forget(&self, names: &[Name]) {
        if let Err(error) = self.dir.remove(names) {
            log(&format_args!("a file of the state directory could not be removed: {error}"));
        }
    }
}

/// Checks and compiles what was checked before; it can fail after an upgrade.
pub fn prepare(ruleset: Ruleset, revision: u64) -> Result<Compiled, String> {
    let checked = check(ruleset, &surroundings());
    let checked = checked.map_err(|_| format!("revision {revision} has errors by the rules of this version"))?;
    Ok(compile(&checked, revision))
}

fn tell<T: Default>(state: &mut State, text: &str) -> T {
    log(&text);
    state.note(text);
    T::default()
}
