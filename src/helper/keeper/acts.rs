//! The acts, as the panel and root order them.

use super::{
    Keeper,
    emergency::Emergency,
    files::Name,
    hands::{Hands, prepare},
    kernel::{Failed, forget_connections},
    state::{Content, State, Stored, Window},
    wait_for,
};
use crate::{
    boundary::{Refusal, limits},
    firewall::{
        AddressRange, CheckedRuleset, Compiled, Problem, Ruleset, Severity, check, compile,
        enforcement::{Ban, Enforcement, RollBackCause},
        simulate::Packet,
    },
    helper::{clock, listing, log, survey},
};

/// Problems that are told of a ruleset.
const PROBLEMS: usize = 100;

/// What an Apply says besides the ruleset.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// The revision's number.
    pub revision: u64,
    /// The confirmed revision it was made from.
    pub expected: Option<u64>,
    /// How long it may stay unconfirmed.
    pub window_seconds: u32,
    /// Whether root asks.
    pub is_root: bool,
}

impl Keeper {
    /// Checks, compiles and rehearses. Gives the number of probes that agreed.
    pub fn plan(&self, ruleset: Ruleset, probes: &[Packet], is_root: bool) -> Result<u32, Refusal> {
        self.rehearse(ruleset, probes, 0, is_root).map(|(_, _, agreed)| agreed)
    }

    /// Puts a ruleset into the kernel for a window. If one is pending, this one takes its place.
    pub fn apply(&self, order: Order, ruleset: Ruleset, probes: &[Packet]) -> Result<Enforcement, Refusal> {
        let (shortest, _, longest) = limits::WINDOW;
        if !(shortest..=longest).contains(&order.window_seconds) {
            return Err(Refusal::Malformed);
        }
        refuse_stale(&self.state(), order)?;
        let (checked, compiled, _) = self.rehearse(ruleset, probes, order.revision, order.is_root)?;
        let mut hands = self.hands()?;
        let mut state = self.state().clone();
        refuse_stale(&state, order)?;
        let outcome = hands.apply(&mut state, order, &checked, &compiled);
        let view = self.set(state);
        outcome.map(|()| view)
    }

    fn rehearse(
        &self,
        ruleset: Ruleset,
        probes: &[Packet],
        revision: u64,
        is_root: bool,
    ) -> Result<(CheckedRuleset, Compiled, u32), Refusal> {
        let _turn = wait_for(if is_root { &self.roots_rehearsal } else { &self.rehearsal })?;
        let survey = survey::read().unwrap_or_default();
        let surroundings = survey::surroundings(&survey, clock::now());
        let checked = check(ruleset, &surroundings).map_err(|problems| invalid(&problems))?;
        let compiled = compile(&checked, revision);
        self.floor.iter().try_for_each(|floor| floor.admit(&checked, &compiled, &survey))?;
        let agreed = if probes.is_empty() { 0 } else { self.send_probes(checked.ruleset(), probes, survey)? };
        Ok((checked, compiled, agreed))
    }

    /// Keeps the pending revision. Needs no new space on the disk.
    pub fn confirm(&self, revision: u64) -> Result<Enforcement, Refusal> {
        let hands = self.hands()?;
        let mut state = self.state().clone();
        pending(&state, revision)?;
        hands.confirm(&mut state, revision).map_err(disk)?;
        log(&format_args!("revision {revision} is confirmed"));
        Ok(self.set(state))
    }

    /// Gives the pending revision more time.
    pub fn extend(&self, revision: u64, seconds: u32) -> Result<Enforcement, Refusal> {
        let hands = self.hands()?;
        let mut state = self.state().clone();
        let mut window = pending(&state, revision)?.clone();
        window.seconds = window.seconds.checked_add(seconds).ok_or(Refusal::Malformed)?;
        if window.seconds > limits::WINDOW.2 {
            return Err(Refusal::Malformed);
        }
        window.deadline += u64::from(seconds) * 1000;
        hands.dir.write(Name::Window, &window).map_err(disk)?;
        state.window = Some(window);
        Ok(self.set(state))
    }

    /// Goes back to the confirmed revision.
    pub fn roll_back(&self, revision: u64) -> Result<Enforcement, Refusal> {
        let mut hands = self.hands()?;
        let mut state = self.state().clone();
        pending(&state, revision)?;
        let outcome = hands.go_back(&mut state, RollBackCause::Asked);
        let view = self.set(state);
        outcome.map(|()| view).map_err(commit)
    }

    /// Takes our table out of the kernel and forgets every revision.
    pub fn turn_off(&self, expected: u64, is_root: bool) -> Result<Enforcement, Refusal> {
        let mut hands = self.hands()?;
        let mut state = self.state().clone();
        refuse_panic(&state, is_root)?;
        if state.confirmed != Some(expected) {
            return Err(Refusal::Stale { found: state.confirmed });
        }
        hands.turn_off(&mut state).map_err(commit)?;
        log(&"the firewall is turned off");
        Ok(self.set(state))
    }

    /// Bans and lifts bans.
    pub fn set_members(&self, add: &[Ban], remove: &[AddressRange]) -> Result<Enforcement, Refusal> {
        self.floor.iter().try_for_each(|floor| floor.admit_bans(add))?;
        let mut hands = self.hands()?;
        let state = self.state().clone();
        if state.window.is_none() && state.settled == Content::Nothing {
            return Err(Refusal::Kernel { reason: "the firewall is off, so nobody can be banned".to_owned() });
        }
        hands.ban(add, remove).map_err(|reason| Refusal::Kernel { reason })?;
        drop(hands);
        forget_connections(&add.iter().map(|ban| ban.addresses).collect::<Vec<_>>());
        Ok(state.view())
    }

    /// Commits what should be in the kernel again, whatever is there.
    pub fn put_back(&self) -> Result<Enforcement, Refusal> {
        let mut hands = self.hands()?;
        let mut state = self.state().clone();
        let outcome = hands.put_back(&mut state);
        let view = self.set(state);
        outcome.map(|()| view).map_err(commit)
    }

    /// Root's orders: an emergency, or its end. What is pending is rolled back.
    pub fn order(&self, emergency: Option<Emergency>) -> Result<Enforcement, Refusal> {
        let mut hands = self.hands_at_any_price();
        let mut state = self.state().clone();
        state.standing.emergency = emergency;
        state.standing.ssh_ports.extend(listing::ssh_ports());
        // Also when the disk is full: the order counts.
        hands.remember(&mut state);
        let outcome = hands.go_back(&mut state, RollBackCause::Superseded);
        let view = self.set(state);
        outcome.map(|()| view).map_err(commit)
    }
}

impl Hands {
    fn apply(
        &mut self,
        state: &mut State,
        order: Order,
        checked: &CheckedRuleset,
        compiled: &Compiled,
    ) -> Result<(), Refusal> {
        let observes = checked.ruleset().parts().policy.observe;
        let window = Window::open(order.revision, order.window_seconds, observes);
        let stored = Stored { revision: order.revision, ruleset: checked.ruleset() };
        self.dir.draft(Name::Window, &window).and_then(|()| self.dir.draft(Name::Pending, &stored)).map_err(disk)?;
        // Something pending must be on disk before the commit: this one, or the one whose place it takes.
        let is_first = state.window.is_none();
        if is_first && let Err(error) = self.publish() {
            self.forget(&[Name::Pending, Name::Window]);
            return Err(disk(error));
        }
        match self.commit(compiled, Content::of(order.revision, observes)) {
            Ok(()) => {}
            Err(Failed::Refused(reason)) => {
                if is_first {
                    self.forget(&[Name::Pending, Name::Window]);
                }
                return Err(commit(reason));
            }
            Err(Failed::Unclear(reason)) => {
                state.window.get_or_insert(Window::closed(order.revision));
                let back = self.go_back(state, RollBackCause::Superseded);
                return Err(commit(back.err().map_or(reason.clone(), |also| format!("{reason}; {also}"))));
            }
        }
        if !is_first && let Err(error) = self.publish() {
            let _ = self.go_back(state, RollBackCause::Superseded);
            return Err(disk(error));
        }
        state.end_window(RollBackCause::Superseded);
        // The time that the commit took isn't the administrator's; if it can't be given back, it stays lost.
        let anew = Window::open(order.revision, order.window_seconds, observes);
        let is_written = self.dir.write(Name::Window, &anew).is_ok();
        state.window = Some(if is_written { anew } else { window });
        state.standing.newest = order.revision;
        state.standing.ssh_ports = listing::ssh_ports();
        self.remember(state);
        log(&format_args!("revision {} is applied for {} seconds", order.revision, order.window_seconds));
        Ok(())
    }

    fn publish(&self) -> std::io::Result<()> {
        self.dir.publish(Name::Window)?;
        self.dir.publish(Name::Pending)
    }

    fn confirm(&self, state: &mut State, revision: u64) -> std::io::Result<()> {
        if state.standing.emergency.take().is_some() {
            self.dir.write(Name::Standing, &state.standing)?;
        }
        // A file that is of no use must not take the place of the good one before it.
        if state.confirmed.is_some() && !state.fell_back {
            self.dir.replace(Name::Confirmed, Name::Previous)?;
        }
        self.dir.replace(Name::Pending, Name::Confirmed)?;
        self.forget(&[Name::Window]);
        let observes = state.window.as_ref().is_some_and(|window| window.observes);
        (state.confirmed, state.settled) = (Some(revision), Content::of(revision, observes));
        (state.window, state.notice, state.fell_back) = (None, None, false);
        Ok(())
    }

    fn ban(&mut self, add: &[Ban], remove: &[AddressRange]) -> Result<(), String> {
        let mut bans = self.kernel.bans.clone();
        bans.change(add, remove);
        if bans.are_too_many() {
            return Err("there are too many bans".to_owned());
        }
        let added = add.iter().map(|ban| ban.addresses);
        self.kernel.ban(bans, &added.chain(remove.iter().copied()).collect())?;
        if let Err(error) = self.dir.write(Name::Bans, &self.kernel.bans) {
            log(&format_args!("the bans could not be written, so a restart of the host would lift them: {error}"));
        }
        Ok(())
    }

    fn put_back(&mut self, state: &mut State) -> Result<(), String> {
        self.kernel.distrust();
        if state.window.is_none() {
            return self.settle(state, true);
        }
        let stored = self.dir.read::<Stored>(Name::Pending)?.ok_or("the pending revision's file is gone")?;
        let (revision, observes) = (stored.revision, stored.ruleset.parts().policy.observe);
        let compiled = prepare(stored.ruleset, revision)?;
        self.commit(&compiled, Content::of(revision, observes)).map_err(Failed::reason)
    }
}

/// The pending revision's window, if it is this one and still open.
fn pending(state: &State, revision: u64) -> Result<&Window, Refusal> {
    let open = state.window.as_ref().filter(|window| window.left() > 0);
    let found = open.map(|window| window.revision);
    open.filter(|window| window.revision == revision).ok_or(Refusal::Stale { found })
}

fn refuse_stale(state: &State, order: Order) -> Result<(), Refusal> {
    refuse_panic(state, order.is_root)?;
    if order.expected != state.confirmed {
        return Err(Refusal::Stale { found: state.confirmed });
    }
    if order.revision <= state.standing.newest {
        return Err(Refusal::Stale { found: Some(state.standing.newest) });
    }
    Ok(())
}

/// Root's panic isn't for the panel to end.
fn refuse_panic(state: &State, is_root: bool) -> Result<(), Refusal> {
    let is_panic = state.standing.emergency == Some(Emergency::Panic);
    if is_panic && !is_root { Err(Refusal::RootOnly) } else { Ok(()) }
}

fn invalid(problems: &[Problem]) -> Refusal {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    Refusal::Invalid { problems: errors.take(PROBLEMS).map(ToString::to_string).collect() }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
fn disk(error: std::io::Error) -> Refusal {
    Refusal::Disk { reason: error.to_string() }
}

fn commit(reason: String) -> Refusal {
    Refusal::Commit { reason }
}
