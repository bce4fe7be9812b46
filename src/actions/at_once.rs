//! One revision that is applied and confirmed by itself, because it can't cost anybody the way in.

use std::sync::Arc;

use super::{
    Actions, HelperFault, Origin, QuickDone, QuickError, Right, SignedIn, author::Author, quick::apply_all,
    sign_in::to_the_end, wish::Wish,
};
use crate::{
    boundary::limits,
    firewall::{Ruleset, lockout::Fate},
    store::{Ending, Entry, Error, NewRevision, Verb},
};

/// Long enough for the confirmation that follows at once, short enough that a panel which dies in between leaves nothing.
const WINDOW_SECONDS: u32 = limits::WINDOW.0;

/// Why a revision was kept that nobody confirmed.
pub(super) const HARMLESS: &str = "it can't cost anybody the way in";

impl Actions {
    /// Does what is wanted to what is in force and keeps the result. If that might cost somebody the way in, or if there is
    /// nothing to build on, it is done to the draft instead. Goes on also when the browser hangs up.
    pub(super) async fn at_once(
        &self,
        by: &SignedIn,
        wish: Wish,
        sentence: String,
        origin: &Origin,
    ) -> Result<QuickDone, QuickError> {
        let (actions, by, origin) = (self.clone(), by.clone(), origin.clone());
        to_the_end(async move { actions.apply_and_keep(&by, &wish, &sentence, &origin).await }).await
    }

    async fn apply_and_keep(
        &self,
        by: &SignedIn,
        wish: &Wish,
        sentence: &str,
        origin: &Origin,
    ) -> Result<QuickDone, QuickError> {
        let acting = self.shared.firewall.acting.lock().await;
        let (confirmed, running) = self.running().await?;
        let edits = self.edits(wish, &running, &Author::of(by, origin)).await?;
        let Ok(ruleset) = apply_all(&edits, &running) else { return Ok(QuickDone::NotThere) };
        if !self.takes_effect(confirmed, &ruleset, &running, origin).await? {
            drop(acting);
            return self.stage_instead(by, wish, origin).await;
        }
        let number = self.write_down(by, origin, (confirmed, &ruleset), sentence).await?;
        let kept = self.enforce(ruleset, number, confirmed).await;
        let mut tx = self.store().write(by.actor(origin), self.now()).await?;
        let revision = format!("revision {number}");
        if let Err(fault) = kept {
            let reason = fault.to_string();
            tx.end_revision(number, Ending::Failed, &reason).await?;
            tx.commit(Entry::refused(Verb::Confirm, revision).with_detail(reason)).await?;
            return Err(fault.into());
        }
        tx.end_revision(number, Ending::Confirmed, HARMLESS).await?;
        tx.commit(Entry::done(Verb::Confirm, revision)).await?;
        Ok(QuickDone::InForce)
    }

    /// Whether a ruleset may be put in force and kept by itself: nothing else is under way, it has no errors, and nobody
    /// who must not be locked out loses a way in.
    pub(super) async fn takes_effect(
        &self,
        confirmed: Option<u64>,
        ruleset: &Ruleset,
        running: &Ruleset,
        origin: &Origin,
    ) -> Result<bool, Error> {
        let enforcement = self.firewall().enforcement.unwrap_or_default();
        let is_settled = enforcement.mode.is_of_revision() && enforcement.pending.is_none() && confirmed.is_some();
        if !is_settled {
            return Ok(false);
        }
        let judgement = self.judge(ruleset.clone(), running.clone(), origin).await?;
        Ok(judgement.diff.is_some() && !judgement.fates.iter().any(Fate::is_loss))
    }

    /// Puts a ruleset in force and keeps it.
    pub(super) async fn enforce(
        &self,
        ruleset: Ruleset,
        number: u64,
        confirmed: Option<u64>,
    ) -> Result<(), HelperFault> {
        self.act(move |helper| helper.apply(ruleset, number, confirmed, WINDOW_SECONDS, Vec::new())).await?;
        self.act(move |helper| helper.confirm(number)).await
    }

    async fn stage_instead(&self, by: &SignedIn, wish: &Wish, origin: &Origin) -> Result<QuickDone, QuickError> {
        by.need(Right::ChangeRules).ok_or(QuickError::NotNow)?;
        let _staging = self.shared.firewall.staging.lock().await;
        let draft = self.draft(by).await?;
        let before = Arc::new(draft.ruleset);
        let edits = self.edits(wish, &before, &Author::of(by, origin)).await?;
        let Ok(ruleset) = apply_all(&edits, &before) else { return Ok(QuickDone::NotThere) };
        self.stage(by, origin, draft.base, &ruleset, Entry::done(Verb::EditDraft, "draft")).await?;
        Ok(QuickDone::Staged)
    }

    async fn write_down(
        &self,
        by: &SignedIn,
        origin: &Origin,
        (parent, ruleset): (Option<u64>, &Ruleset),
        sentence: &str,
    ) -> Result<u64, QuickError> {
        let mut tx = self.store().write(by.actor(origin), self.now()).await?;
        let number = tx.take_revision_number(self.firewall().newest()).await?;
        tx.insert_revision(&NewRevision { number, parent, sentence, ruleset }).await?;
        tx.commit(Entry::done(Verb::Apply, format!("revision {number}")).with_detail(sentence)).await?;
        Ok(number)
    }
}
