//! Keeping a pending revision, and what every act on one has in common.

use std::time::Instant;

use super::{Actions, HelperFault, Origin, Right, SignedIn, sign_in::to_the_end};
use crate::store::{self, Ending, Entry, Verb};

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
    /// It takes a proof that is younger: [`Actions::step_up`].
    #[error("show again that it is you first")]
    Unproved,
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
        self.carry_out(Verb::Confirm, revision, signed_in, origin, move |actions, signed_in, origin| async move {
            actions.confirm_over(accepted_at, &signed_in, revision, &origin).await
        })
        .await
    }

    async fn confirm_over(
        &self,
        accepted_at: Instant,
        signed_in: &SignedIn,
        revision: u64,
        origin: &Origin,
    ) -> Result<Proof, ConfirmError> {
        signed_in.need(Right::Answer).ok_or(ConfirmError::Forbidden)?;
        if self.firewall().pending() != Some(revision) {
            // Somebody else applied it since the last look: what changed just now makes every older connection old.
            self.refresh_firewall().await;
        }
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
        // One that came from the console isn't in the history yet.
        self.write_endings().await;
        Ok(Proof { seconds })
    }

    /// Writes down that a revision was confirmed. Drafts that were it have become what is in force.
    async fn keep(&self, signed_in: &SignedIn, origin: &Origin, number: u64, reason: &str) -> Result<(), store::Error> {
        let ruleset = self.store().ruleset_of(number).await?;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        if let Some(ruleset) = ruleset {
            tx.end_revision(number, Ending::Confirmed, reason).await?;
            tx.delete_drafts_like(&ruleset).await?;
        }
        tx.commit(Entry::done(Verb::Confirm, format!("revision {number}")).with_detail(reason)).await
    }

    /// Carries an act on a revision out whatever becomes of the browser, and writes down that it was refused.
    pub(super) async fn carry_out<T: Send + 'static, F>(
        &self,
        verb: Verb,
        revision: u64,
        signed_in: &SignedIn,
        origin: &Origin,
        act: impl FnOnce(Self, SignedIn, Origin) -> F + Send + 'static,
    ) -> Result<T, ConfirmError>
    where
        F: Future<Output = Result<T, ConfirmError>> + Send + 'static,
    {
        let (actions, signed_in, origin) = (self.clone(), signed_in.clone(), origin.clone());
        to_the_end(async move {
            let outcome = act(actions.clone(), signed_in.clone(), origin.clone()).await;
            match &outcome {
                Ok(_) | Err(ConfirmError::Store(_)) => {}
                Err(error) => {
                    actions.note_refused(&signed_in, &origin, verb, &format!("revision {revision}"), error).await;
                }
            }
            outcome
        })
        .await
    }
}
