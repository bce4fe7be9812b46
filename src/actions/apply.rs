//! Putting a draft in force until it is confirmed.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{Actions, HelperFault, Origin, Review, Right, SignedIn, sign_in::to_the_end};
use crate::{
    boundary::Refusal,
    firewall::{Problem, Severity, Text},
    store::{self, Ending, Entry, NewRevision, Verb},
};

/// How long an act waits for another one. Writing down how a revision ended is over by then; another Apply isn't.
const PATIENCE: Duration = Duration::from_secs(2);

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
    /// It takes a proof that is younger: [`Actions::step_up`].
    #[error("show again that it is you first")]
    Unproved,
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
    #[error("{who} is applying a change just now: try again in a moment")]
    Busy {
        /// Who is at it.
        who: String,
    },
    /// The helper didn't do it.
    #[error("{0}")]
    Helper(#[from] HelperFault),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Actions {
    /// Puts a user's draft in force until it is confirmed. The draft stays, for the case that it isn't. Goes on also when
    /// the browser hangs up.
    ///
    /// # Errors
    /// [`ApplyError`]; what was in force still is, unless the conversation with the helper broke off.
    pub async fn apply(&self, signed_in: &SignedIn, wanted: Apply, origin: &Origin) -> Result<Applied, ApplyError> {
        let (actions, signed_in, origin) = (self.clone(), signed_in.clone(), origin.clone());
        to_the_end(async move {
            let outcome = actions.apply_in_turn(&signed_in, &wanted, &origin).await;
            match &outcome {
                Ok(_) => actions.write_endings().await,
                Err(ApplyError::Helper(_)) => actions.refresh_firewall().await,
                Err(error @ (ApplyError::Forbidden | ApplyError::Consent { .. })) => {
                    actions.note_refused(&signed_in, &origin, Verb::Apply, "draft", error).await;
                }
                Err(_) => {}
            }
            outcome
        })
        .await
    }

    async fn apply_in_turn(
        &self,
        signed_in: &SignedIn,
        wanted: &Apply,
        origin: &Origin,
    ) -> Result<Applied, ApplyError> {
        signed_in.need(Right::ChangeRules).ok_or(ApplyError::Forbidden)?;
        let firewall = &self.shared.firewall;
        let Ok(_acting) = timeout(PATIENCE, firewall.acting.lock()).await else {
            let who = firewall.applying.borrow().clone();
            return Err(ApplyError::Busy { who: who.unwrap_or_else(|| "somebody".to_owned()) });
        };
        firewall.applying.send_replace(Some(signed_in.user.name.to_string()));
        let outcome = self.apply_alone(signed_in, wanted, origin).await;
        firewall.applying.send_replace(None);
        outcome
    }

    async fn apply_alone(&self, signed_in: &SignedIn, wanted: &Apply, origin: &Origin) -> Result<Applied, ApplyError> {
        let review = self.review(signed_in, origin).await?;
        admit(&review, wanted)?;
        if review.opens_to_everybody() && !self.is_off() {
            self.need_fresh(signed_in).ok_or(ApplyError::Unproved)?;
        }
        let sentence = sentence(&review, wanted)?;
        let number = self.begin(signed_in, origin, &review, &sentence).await?;
        let (base, window) = (review.draft.base, wanted.window_seconds);
        let (ruleset, probes) = (review.draft.ruleset, review.probes);
        match self.act(move |helper| helper.apply(ruleset, number, base, window, probes)).await {
            Ok(()) => Ok(Applied { revision: number, deadline: self.firewall().deadline }),
            Err(fault) => {
                self.fail(signed_in, origin, number, &fault).await?;
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
        if let HelperFault::Refused(Refusal::Stale { found: Some(found) }) = fault {
            // The helper has seen numbers that this database hasn't; the next one is above them.
            tx.take_revision_number(*found).await?;
        }
        tx.commit(Entry::refused(Verb::Apply, format!("revision {number}")).with_detail(reason)).await
    }
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
