//! Taking back an act that closed ports: exactly what it did, and nothing that somebody did since.

use std::sync::Arc;

use super::{
    Actions, HelperFault, HelperSocket, Origin, Right, RulesDone, SignedIn, at_once::HARMLESS, author::Author,
    sign_in::to_the_end,
};
use crate::{
    boundary::Refusal,
    firewall::{
        Ports, Ruleset, TooMany,
        closing::{self, Reopened},
        unit::{UnitLevel, UnitName},
    },
    store::{self, ClosedPort, Closure, ClosureId, ClosureState, Ending, Entry, NewRevision, Verb},
};

/// What became of taking it back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// Whether all of it is as it was, but for what was changed since. If not, it can be tried again.
    pub is_complete: bool,
    /// What became of the rules.
    pub rules: RulesDone,
    /// The units that are as they were.
    pub reopened: Vec<UnitName>,
    /// What somebody changed since and is left as it is, a sentence each.
    pub kept: Vec<String>,
    /// What couldn't be taken back, a sentence each.
    pub trouble: Vec<String>,
}

/// Why nothing was taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// It takes a proof that is younger: [`Actions::step_up`].
    #[error("show again that it is you first")]
    Unproved,
    /// The role doesn't allow it.
    #[error("this needs an administrator")]
    Forbidden,
    /// There is no act of that number.
    #[error("no act that closed ports has this number")]
    NotThere,
    /// Nothing of it is left to take back.
    #[error("there is nothing to take back: {0}")]
    NothingLeft(&'static str),
    /// A later act has to be taken back first.
    #[error("{unit} was closed further by act {id} since: take that back first")]
    Later {
        /// The unit of both.
        unit: UnitName,
        /// The later act.
        id: ClosureId,
    },
    /// The helper didn't.
    #[error(transparent)]
    Helper(#[from] HelperFault),
    /// There would be more rules than Portreeve handles.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Actions {
    /// Takes an act back, also days later; if some of it couldn't be, once more. Goes on also when the browser hangs up.
    ///
    /// # Errors
    /// [`UndoError`]; nothing has changed then.
    pub async fn undo(&self, by: &SignedIn, id: ClosureId, origin: &Origin) -> Result<Undone, UndoError> {
        let (actions, author) = (self.clone(), Author::of(by, origin));
        to_the_end(async move {
            let outcome = actions.undo_in_turn(&author, id).await;
            if let Err(error @ UndoError::Forbidden) = &outcome {
                actions.note_refused_author(&author, Verb::UndoClosure, &format!("act {id}"), error).await;
            }
            outcome
        })
        .await
    }

    pub(super) async fn undo_in_turn(&self, author: &Author, id: ClosureId) -> Result<Undone, UndoError> {
        author.need(Right::ClosePorts).ok_or(UndoError::Forbidden)?;
        let _closing = self.shared.closing.lock().await;
        let mut closure = self.store().find_closure(id).await?.ok_or(UndoError::NotThere)?;
        if closure.units.iter().any(|unit| unit.is_closed() && unit.level == UnitLevel::Mask) {
            author.need_fresh(self.now()).ok_or(UndoError::Unproved)?;
        }
        self.admit_undo(&closure).await?;
        self.act(HelperSocket::read_state).await?;
        let mut undone = Undone::default();
        self.undo_rules(author, &mut closure, &mut undone).await?;
        for at in 0..closure.units.len() {
            self.reopen_unit(&mut closure, at, &mut undone).await?;
        }
        undone.is_complete = !closure.holds_rules() && !closure.units.iter().any(store::ClosedUnit::is_closed);
        closure.state = if undone.is_complete { ClosureState::Undone } else { ClosureState::PartlyUndone };
        closure.trouble = undone.trouble.join("; ");
        self.store().upkeep().note_closure(&closure).await?;
        self.refresh_listeners().await;
        Ok(undone)
    }

    async fn admit_undo(&self, closure: &Closure) -> Result<(), UndoError> {
        match closure.state {
            ClosureState::UnderWay => return Err(UndoError::NothingLeft("it is still being done")),
            ClosureState::Failed => return Err(UndoError::NothingLeft("nothing of it was done")),
            ClosureState::Undone => return Err(UndoError::NothingLeft("it was taken back already")),
            ClosureState::Done | ClosureState::Partly | ClosureState::PartlyUndone => {}
        }
        let closed = |closure: &Closure, name: &UnitName| {
            closure.units.iter().any(|unit| unit.is_closed() && unit.name == *name)
        };
        let all = self.closures().await?;
        for later in all.iter().filter(|later| later.id > closure.id) {
            if let Some(unit) = later.units.iter().find(|unit| unit.is_closed() && closed(closure, &unit.name)) {
                return Err(UndoError::Later { unit: unit.name.clone(), id: later.id });
            }
        }
        Ok(())
    }

    /// Takes the rules back if that can be done by itself, else in the draft. Writes the undo down in any case.
    async fn undo_rules(&self, author: &Author, closure: &mut Closure, undone: &mut Undone) -> Result<(), UndoError> {
        let acting = self.shared.firewall.acting.lock().await;
        let (confirmed, running) = self.running().await?;
        let reopened = reopen(closure, &running)?;
        let is_same = reopened.ruleset == *running;
        let takes_effect =
            !is_same && self.takes_effect(confirmed, &reopened.ruleset, &running, &author.origin).await?;
        undone.kept = reopened.kept;
        let revised = takes_effect.then_some((confirmed, &reopened.ruleset));
        let number = self.begin_undo(author, closure, revised).await?;
        match number {
            Some(number) => {
                self.enforce_undo(author, closure, (number, confirmed, reopened.ruleset), undone).await?;
            }
            None if is_same => closure.is_reverted = closure.revision.is_some(),
            None => {
                drop(acting);
                self.stage_undo(author, closure, undone).await?;
            }
        }
        Ok(self.store().upkeep().note_closure(closure).await?)
    }

    async fn begin_undo(
        &self,
        author: &Author,
        closure: &mut Closure,
        revised: Option<(Option<u64>, &Ruleset)>,
    ) -> Result<Option<u64>, store::Error> {
        let sentence = format!("Undo: {}", closure.sentence);
        let mut tx = self.store().write(author.actor.clone(), self.now()).await?;
        tx.begin_undo(closure.id).await?;
        let mut taken = None;
        if let Some((parent, ruleset)) = revised {
            let number = tx.take_revision_number(self.firewall().newest()).await?;
            tx.insert_revision(&NewRevision { number, parent, sentence: &sentence, ruleset }).await?;
            taken = Some(number);
        }
        tx.commit(Entry::done(Verb::UndoClosure, format!("act {}", closure.id)).with_detail(sentence)).await?;
        closure.state = ClosureState::PartlyUndone;
        Ok(taken)
    }

    async fn enforce_undo(
        &self,
        author: &Author,
        closure: &mut Closure,
        (number, confirmed, ruleset): (u64, Option<u64>, Ruleset),
        undone: &mut Undone,
    ) -> Result<(), store::Error> {
        let Err(fault) = self.enforce(ruleset, number, confirmed).await else {
            self.store().upkeep().note_confirmed(number, self.now(), HARMLESS).await?;
            (closure.is_reverted, undone.rules) = (true, RulesDone::InForce(number));
            return Ok(());
        };
        let reason = fault.to_string();
        undone.trouble.push(format!("the rules are as they were: {reason}"));
        let mut tx = self.store().write(author.actor.clone(), self.now()).await?;
        tx.end_revision(number, Ending::Failed, &reason).await?;
        tx.commit(Entry::refused(Verb::UndoClosure, format!("revision {number}")).with_detail(reason)).await
    }

    async fn stage_undo(&self, author: &Author, closure: &Closure, undone: &mut Undone) -> Result<(), UndoError> {
        let Some(drafter) = author.drafter() else {
            undone.trouble.push("the rules can’t be changed by themselves now: see portreeve status".to_owned());
            return Ok(());
        };
        let _staging = self.shared.firewall.staging.lock().await;
        let draft = self.draft(drafter).await?;
        let ruleset = reopen(closure, &Arc::new(draft.ruleset))?.ruleset;
        let entry = Entry::done(Verb::EditDraft, "draft").with_detail(format!("Undo: {}", closure.sentence));
        self.stage(drafter, &author.origin, draft.base, &ruleset, entry).await?;
        undone.rules = RulesDone::Staged;
        undone.trouble.push("the rules can’t be changed by themselves now: the way back is in your draft".to_owned());
        Ok(())
    }

    /// Opens one of the units again and notes it at once. One that the helper has no record of was opened by somebody
    /// else, or by an undo that was cut off.
    async fn reopen_unit(&self, closure: &mut Closure, at: usize, undone: &mut Undone) -> Result<(), store::Error> {
        let unit = &mut closure.units[at];
        let Some(record) = unit.record.filter(|_| !unit.reopened) else { return Ok(()) };
        let name = unit.name.clone();
        match self.ask_helper(move |helper| helper.reopen_unit(record)).await {
            Ok(touched) => {
                let differences = touched.differences();
                unit.reopened = differences.is_empty();
                undone.reopened.extend(unit.reopened.then_some(name));
                undone.trouble.extend(differences);
            }
            Err(HelperFault::Refused(Refusal::NoRecord { .. })) => {
                unit.reopened = true;
                undone.kept.push(format!("{name} was opened again before: see whether it runs as it should"));
            }
            Err(fault) => undone.trouble.push(format!("{name} was not opened again: {fault}")),
        }
        self.store().upkeep().note_closure(closure).await
    }
}

fn reopen(closure: &Closure, ruleset: &Arc<Ruleset>) -> Result<Reopened, TooMany> {
    if !closure.holds_rules() {
        return Ok(Reopened { ruleset: Ruleset::clone(ruleset), kept: Vec::new() });
    }
    let ports: Vec<Ports> = closure.ports.iter().filter_map(ClosedPort::ports).collect();
    closing::reopen(ruleset, &closure.touched, &ports)
}
