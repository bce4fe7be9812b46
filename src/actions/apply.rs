//! Putting a draft in force, keeping it, and taking it back.

use std::time::Instant;

use super::{Actions, HelperFault, HelperSocket, Origin, Review, SignedIn, draft::may_change};
use crate::{
    boundary::limits,
    firewall::{Problem, Severity, Text},
    store::{self, Ending, Entry, NewRevision, Role, Verb},
};

/// What an administrator decides when he applies his draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apply {
    /// How long it may stay unconfirmed.
    pub window_seconds: u32,
    /// What it does; what changed if he says nothing.
    pub sentence: Option<String>,
    /// What he typed to lock somebody out.
    pub consent: Option<String>,
    /// The revision that he saw his changes against.
    pub base: Option<u64>,
}

/// A revision that is in force and waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Its number.
    pub revision: u64,
    /// When it is rolled back unless it is confirmed.
    pub deadline: Option<Instant>,
}

/// Why nothing was applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The account may not.
    #[error("your account may not change rules")]
    Forbidden,
    /// Nothing is staged.
    #[error("nothing is staged")]
    Empty,
    /// Another revision was confirmed since the changes were begun.
    #[error("another revision came in between: look at it and merge")]
    Stale,
    /// The ruleset has errors.
    #[error("the rules have errors")]
    Invalid(Vec<Problem>),
    /// Somebody would be locked out and that wasn't consented to.
    #[error("somebody would be locked out: type “{phrase}” if that is what you want")]
    Consent {
        /// What has to be typed.
        phrase: String,
    },
    /// The sentence can't stand in the history.
    #[error("the sentence {0}")]
    Sentence(String),
    /// Another act is under way.
    #[error("another change is being applied just now: try again in a moment")]
    Busy,
    /// The helper didn't do it.
    #[error("{0}")]
    Helper(#[from] HelperFault),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// That a confirmation came from outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proof {
    /// How long after the change the connection was accepted, in seconds; none if this process didn't see the change.
    pub seconds: Option<f64>,
}

/// Why a pending revision wasn't confirmed, extended or rolled back.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The account may not.
    #[error("your account may not do this")]
    Forbidden,
    /// The connection is older than the ruleset, so that it proves nothing.
    #[error("the connection is older than the change and proves nothing")]
    OldConnection,
    /// The helper didn't do it.
    #[error("{0}")]
    Helper(#[from] HelperFault),
    /// The database failed, after the helper had done it.
    #[error("{0}")]
    Store(#[from] store::Error),
}

impl Actions {
    /// Puts a user's draft in force until it is confirmed. The draft stays, for the case that it isn't.
    ///
    /// # Errors
    /// [`ApplyError`]; what was in force still is, unless the conversation with the helper broke off.
    pub async fn apply(&self, signed_in: &SignedIn, wanted: Apply, origin: &Origin) -> Result<Applied, ApplyError> {
        may_change(signed_in).ok_or(ApplyError::Forbidden)?;
        let acting = self.shared.firewall.acting.try_lock().map_err(|_| ApplyError::Busy)?;
        let review = self.review(signed_in, origin).await?;
        admit(&review, &wanted)?;
        let sentence = sentence(&review, &wanted)?;
        let number = self.begin(signed_in, origin, &review, &sentence).await?;
        let (ruleset, base, window) = (review.draft.ruleset.clone(), review.draft.base, wanted.window_seconds);
        let probes = review.probes(limits::PROBES);
        match self.act(move |helper| helper.apply(ruleset, number, base, window, probes)).await {
            Ok(()) => {
                drop(acting);
                self.write_endings().await;
                Ok(Applied { revision: number, deadline: self.firewall().deadline })
            }
            Err(fault) => {
                self.fail(signed_in, origin, number, &fault).await?;
                drop(acting);
                self.refresh_firewall().await;
                Err(fault.into())
            }
        }
    }

    /// Writes the revision down before anybody is asked to enforce it.
    async fn begin(
        &self,
        signed_in: &SignedIn,
        origin: &Origin,
        review: &Review,
        sentence: &str,
    ) -> Result<u64, store::Error> {
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        let number = tx.take_revision_number(review.next_revision - 1).await?;
        let revision = NewRevision { number, parent: review.draft.base, sentence, ruleset: &review.draft.ruleset };
        tx.insert_revision(&revision).await?;
        tx.commit(Entry::done(Verb::Apply, format!("revision {number}")).with_detail(sentence)).await?;
        Ok(number)
    }

    /// A conversation that broke off may have been understood: the next look at the helper tells.
    async fn fail(
        &self,
        signed_in: &SignedIn,
        origin: &Origin,
        number: u64,
        fault: &HelperFault,
    ) -> Result<(), store::Error> {
        if matches!(fault, HelperFault::Broken(_)) {
            return Ok(());
        }
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        let reason = fault.to_string();
        tx.end_revision(number, Ending::Failed, &reason).await?;
        tx.commit(Entry::refused(Verb::Apply, format!("revision {number}")).with_detail(reason)).await
    }

    /// Keeps the pending revision, if the asker's connection was accepted after it came into force.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn confirm(
        &self,
        signed_in: &SignedIn,
        revision: u64,
        accepted_at: Instant,
        origin: &Origin,
    ) -> Result<Proof, ConfirmError> {
        may_confirm(signed_in)?;
        let commit = *self.commits().borrow();
        if commit.is_some_and(|commit| accepted_at <= commit) {
            return Err(ConfirmError::OldConnection);
        }
        let acting = self.shared.firewall.acting.lock().await;
        self.act(move |helper| helper.confirm(revision)).await?;
        let seconds = commit.map(|commit| accepted_at.duration_since(commit).as_secs_f64());
        let after = seconds.map(|seconds| format!(", over a connection opened {seconds:.1} s after the change"));
        let reason = format!("by {}{}", signed_in.user.name, after.unwrap_or_default());
        self.keep(signed_in, origin, revision, &reason).await?;
        drop(acting);
        Ok(Proof { seconds })
    }

    /// Writes down that a revision was confirmed. Drafts that were it have become what is in force.
    async fn keep(&self, signed_in: &SignedIn, origin: &Origin, number: u64, reason: &str) -> Result<(), store::Error> {
        let ruleset = self.store().ruleset_of(number).await?;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        tx.end_revision(number, Ending::Confirmed, reason).await?;
        if let Some(ruleset) = ruleset {
            tx.delete_drafts_like(&ruleset).await?;
        }
        tx.commit(Entry::done(Verb::Confirm, format!("revision {number}")).with_detail(reason)).await
    }

    /// Gives the pending revision more time.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn extend(
        &self,
        signed_in: &SignedIn,
        revision: u64,
        seconds: u32,
        origin: &Origin,
    ) -> Result<(), ConfirmError> {
        may_confirm(signed_in)?;
        self.act(move |helper| helper.extend(revision, seconds)).await?;
        let tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        let entry = Entry::done(Verb::Extend, format!("revision {revision}")).with_detail(format!("{seconds} s more"));
        Ok(tx.commit(entry).await?)
    }

    /// Goes back to the confirmed revision at once.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn roll_back(&self, signed_in: &SignedIn, revision: u64, origin: &Origin) -> Result<(), ConfirmError> {
        may_confirm(signed_in)?;
        let acting = self.shared.firewall.acting.lock().await;
        self.act(move |helper| helper.roll_back(revision)).await?;
        let reason = format!("{} asked for it", signed_in.user.name);
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        tx.end_revision(revision, Ending::RolledBack, &reason).await?;
        tx.commit(Entry::done(Verb::RollBack, format!("revision {revision}"))).await?;
        drop(acting);
        Ok(())
    }

    /// Takes everything of Portreeve out of the kernel.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn turn_off(&self, signed_in: &SignedIn, expected: u64, origin: &Origin) -> Result<(), ConfirmError> {
        may_change(signed_in).ok_or(ConfirmError::Forbidden)?;
        self.act(move |helper| helper.turn_off(expected)).await?;
        let tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        Ok(tx.commit(Entry::done(Verb::TurnOff, format!("revision {expected}"))).await?)
    }

    /// Undoes what another program changed in our table.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn put_back(&self, signed_in: &SignedIn, origin: &Origin) -> Result<(), ConfirmError> {
        may_change(signed_in).ok_or(ConfirmError::Forbidden)?;
        self.act(HelperSocket::put_back).await?;
        let tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        tx.commit(Entry::done(Verb::PutBack, "table")).await?;
        self.refresh_surroundings().await;
        Ok(())
    }
}

fn may_confirm(signed_in: &SignedIn) -> Result<(), ConfirmError> {
    if signed_in.user.role >= Role::Operator { Ok(()) } else { Err(ConfirmError::Forbidden) }
}

fn admit(review: &Review, wanted: &Apply) -> Result<(), ApplyError> {
    if review.changes().is_empty() {
        return Err(ApplyError::Empty);
    }
    if review.draft.is_stale || review.draft.base != wanted.base {
        return Err(ApplyError::Stale);
    }
    if review.problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(ApplyError::Invalid(review.problems.clone()));
    }
    match &review.lockout_phrase {
        Some(phrase) if wanted.consent.as_deref() != Some(phrase) => {
            Err(ApplyError::Consent { phrase: phrase.clone() })
        }
        _ => Ok(()),
    }
}

/// The author's own sentence goes through the same sieve as every other text.
fn sentence(review: &Review, wanted: &Apply) -> Result<String, ApplyError> {
    let Some(given) = &wanted.sentence else { return Ok(review.sentence()) };
    let text = Text::parse(given).map_err(|error| ApplyError::Sentence(error.to_string()))?;
    Ok(text.as_str().to_owned())
}
