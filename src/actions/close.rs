//! Closing ports: shut by the rules, and what listens stopped if that is asked for. One act, one revision, one undo.

use tokio::sync::MutexGuard;

use super::{
    Actions, HelperFault, Origin, SignedIn, at_once::HARMLESS, author::Author, close_admission::Job, close_rules::Plan,
    sign_in::to_the_end,
};
use crate::{
    firewall::{
        AddressRange, Ruleset,
        closing::CloseLevel,
        listener::Transport,
        unit::{UnitLevel, UnitName},
    },
    store::{self, ClosedUnit, Closure, ClosureId, ClosureState, Ending, Entry, NewClosure, NewRevision, Verb},
};

/// A port that is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosePort {
    /// Its number.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// How far.
    pub level: CloseLevel,
}

/// What became of closing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closed {
    /// What takes it back; none if nothing was done that could be.
    pub id: Option<ClosureId>,
    /// What became of the rules.
    pub rules: RulesDone,
    /// The units that were closed.
    pub units: Vec<UnitName>,
    /// Who gets in all the same: addresses on the list `allow` reach everything.
    pub still: Vec<AddressRange>,
    /// What wasn't done, a sentence each; empty if all was.
    pub trouble: Vec<String>,
}

/// What became of the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RulesDone {
    /// There was nothing to change.
    #[default]
    Nothing,
    /// This revision is in force.
    InForce(u64),
    /// The change is in the draft, because nothing can be applied by itself now.
    Staged,
}

/// Why nothing was closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The role doesn't allow it.
    #[error("this needs an administrator")]
    Forbidden,
    /// No port was named, or one that there isn't.
    #[error("{0} is no port that can be closed")]
    NoPort(String),
    /// It would shut somebody out.
    #[error("{what} isn’t closed from here: {reason}")]
    Protected {
        /// The port or the unit.
        what: String,
        /// Why, and which way there is.
        reason: String,
    },
    /// The level can't be had for the port.
    #[error("{what} can’t be closed that way: {reason}")]
    Unavailable {
        /// The port.
        what: String,
        /// Why.
        reason: String,
    },
    /// It can't take effect by itself now, and there is no draft that could take it.
    #[error(
        "the rules can’t be changed by themselves now, because a revision waits for its confirmation or an emergency is \
         on: end that first (portreeve status)"
    )]
    NotNow,
    /// The helper didn't.
    #[error(transparent)]
    Helper(#[from] HelperFault),
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Actions {
    /// Closes a port.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was closed then.
    pub async fn close(&self, by: &SignedIn, port: ClosePort, origin: &Origin) -> Result<Closed, CloseError> {
        self.close_many(by, vec![port], origin).await
    }

    /// Closes several ports as one act, which is taken back as one. Goes on also when the browser hangs up.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was closed then.
    pub async fn close_many(
        &self,
        by: &SignedIn,
        ports: Vec<ClosePort>,
        origin: &Origin,
    ) -> Result<Closed, CloseError> {
        let (actions, author) = (self.clone(), Author::of(by, origin));
        to_the_end(async move {
            let outcome = actions.close_in_turn(&author, &ports).await;
            if let Err(error @ (CloseError::Forbidden | CloseError::Protected { .. })) = &outcome {
                actions.note_refused_author(&author, Verb::ClosePorts, &named(&ports), error).await;
            }
            outcome
        })
        .await
    }

    pub(super) async fn close_in_turn(&self, author: &Author, ports: &[ClosePort]) -> Result<Closed, CloseError> {
        let _closing = self.shared.closing.lock().await;
        let job = self.admit(author, ports).await?;
        let acting = self.shared.firewall.acting.lock().await;
        let (confirmed, running) = self.running().await?;
        let plan = self.plan_rules(&job.ports, &running, author).await?;
        let Some(change) = plan.change.as_ref().filter(|_| !self.is_off()) else {
            drop(acting);
            return self.carry(author, job, plan, None).await;
        };
        if self.takes_effect(confirmed, &change.ruleset, &running, &author.origin).await? {
            let revised = Revised { parent: confirmed, ruleset: change.ruleset.clone(), _acting: acting };
            return self.carry(author, job, plan, Some(revised)).await;
        }
        drop(acting);
        self.stage_closing(author, &job).await?;
        let closed = self.carry(author, job, Plan::default(), None).await?;
        Ok(Closed { rules: RulesDone::Staged, ..closed })
    }

    /// Writes down what begins, does it, and writes down what it came to.
    async fn carry(
        &self,
        author: &Author,
        job: Job,
        plan: Plan,
        revised: Option<Revised<'_>>,
    ) -> Result<Closed, CloseError> {
        if revised.is_none() && job.units.is_empty() {
            return Ok(Closed { still: plan.still, ..Closed::default() });
        }
        let mut closure = self.begin_closing(author, &job, &plan, revised.as_ref()).await?;
        let mut closed = Closed { id: Some(closure.id), still: plan.still, ..Closed::default() };
        if let (Some(Revised { parent, ruleset, _acting }), Some(number)) = (revised, closure.revision) {
            if let Err(fault) = self.enforce(ruleset, number, parent).await {
                return Err(self.fail_closing(author, closure, number, fault).await?);
            }
            self.store().upkeep().note_confirmed(number, self.now(), HARMLESS).await?;
            closed.rules = RulesDone::InForce(number);
        }
        let mut is_known = true;
        for at in 0..closure.units.len() {
            is_known &= self.close_unit(&mut closure, at, &mut closed).await?;
        }
        closure.trouble = closed.trouble.join("; ");
        closure.state = if is_known { state_of(&closure) } else { ClosureState::UnderWay };
        self.store().upkeep().note_closure(&closure).await?;
        self.refresh_listeners().await;
        Ok(closed)
    }

    async fn begin_closing(
        &self,
        author: &Author,
        job: &Job,
        plan: &Plan,
        revised: Option<&Revised<'_>>,
    ) -> Result<Closure, store::Error> {
        let sentence = job.sentence();
        let mut tx = self.store().write(author.actor.clone(), self.now()).await?;
        let mut revision = None;
        if let Some(Revised { parent, ruleset, .. }) = revised {
            let number = tx.take_revision_number(self.firewall().newest()).await?;
            tx.insert_revision(&NewRevision { number, parent: *parent, sentence: &sentence, ruleset }).await?;
            revision = Some(number);
        }
        let touched = plan.change.as_ref().filter(|_| revision.is_some()).map_or(&[][..], |change| &change.touched);
        let new = NewClosure { sentence: &sentence, ports: &job.ports, units: &job.units, revision, touched };
        let id = tx.insert_closure(&new).await?;
        tx.commit(Entry::done(Verb::ClosePorts, named(&job.wanted())).with_detail(sentence)).await?;
        self.store().find_closure(id).await?.ok_or(store::Error::RowsAffected { expected: 1, actual: 0 })
    }

    /// A conversation that broke off may have been understood: such an act stays under way until the helper is asked.
    async fn fail_closing(
        &self,
        author: &Author,
        mut closure: Closure,
        number: u64,
        fault: HelperFault,
    ) -> Result<CloseError, store::Error> {
        if matches!(fault, HelperFault::Broken(_)) {
            return Ok(fault.into());
        }
        (closure.state, closure.trouble) = (ClosureState::Failed, fault.to_string());
        self.store().upkeep().note_closure(&closure).await?;
        let mut tx = self.store().write(author.actor.clone(), self.now()).await?;
        tx.end_revision(number, Ending::Failed, &closure.trouble).await?;
        tx.commit(Entry::refused(Verb::ClosePorts, format!("revision {number}")).with_detail(&closure.trouble)).await?;
        Ok(fault.into())
    }

    /// Closes one of the units and notes at once what takes it back. Whether it is known what became of it: a conversation
    /// that broke off may have been understood, and then the helper's record tells.
    async fn close_unit(&self, closure: &mut Closure, at: usize, closed: &mut Closed) -> Result<bool, store::Error> {
        let ClosedUnit { name, level, .. } = closure.units[at].clone();
        let asked = name.clone();
        match self.ask_helper(move |helper| helper.close_unit(asked, level)).await {
            Ok(touched) => {
                closure.units[at].record = Some(touched.record.id);
                self.store().upkeep().note_closure(closure).await?;
                closed.trouble.extend(touched.left_open());
                closed.units.push(name);
            }
            Err(fault @ HelperFault::Broken(_)) => {
                let words = "it isn't known yet whether";
                closed
                    .trouble
                    .push(format!("{words} {name} was closed: {fault}; the helper is asked again within a minute"));
                return Ok(false);
            }
            Err(fault) => closed.trouble.push(format!("{name} was not closed: {fault}")),
        }
        Ok(true)
    }
}

/// A ruleset that becomes a revision, and the right to make it one. Units are closed after that right is given back: they
/// may take long to stop.
struct Revised<'a> {
    parent: Option<u64>,
    ruleset: Ruleset,
    _acting: MutexGuard<'a, ()>,
}

/// How far an act got, as far as it went.
pub(super) fn state_of(closure: &Closure) -> ClosureState {
    let closed = closure.units.iter().filter(|unit| unit.record.is_some()).count();
    match (closure.holds_rules(), closed) {
        (_, closed) if closed == closure.units.len() && closure.trouble.is_empty() => ClosureState::Done,
        (false, 0) => ClosureState::Failed,
        _ => ClosureState::Partly,
    }
}

/// Ports as the log names them.
pub(super) fn named(ports: &[ClosePort]) -> String {
    let name = |port: &ClosePort| format!("{}/{}", port.port, port.transport.as_str());
    ports.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The helper's level for it; none for one that leaves units alone.
pub(super) const fn unit_level(level: CloseLevel) -> Option<UnitLevel> {
    match level {
        CloseLevel::Block => None,
        CloseLevel::Stop => Some(UnitLevel::Stop),
        CloseLevel::Disable => Some(UnitLevel::Disable),
        CloseLevel::Mask => Some(UnitLevel::Mask),
    }
}
