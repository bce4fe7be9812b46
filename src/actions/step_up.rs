//! Showing again that it is oneself, before an act that could open the server: a session may have been left open or stolen.

use super::{Actions, FactorError, Origin, Right, SignedIn, sign_in::to_the_end};
use crate::{
    firewall::Moment,
    store::{Entry, Verb},
};

/// How long it counts.
const FRESH_SECONDS: i64 = 5 * 60;

impl SignedIn {
    /// Whether whoever is signed in has shown in the last minutes that it is him.
    #[must_use]
    pub fn is_fresh(&self, now: Moment) -> bool {
        (0..FRESH_SECONDS).contains(&now.seconds_since(self.proved_at))
    }
}

impl Actions {
    /// Some for whoever has shown in the last minutes that it is him.
    pub(super) fn need_fresh(&self, by: &SignedIn) -> Option<()> {
        by.is_fresh(self.now()).then_some(())
    }

    /// Takes the password, or of whoever has a second factor a code, as the proof that it is him. Wrong ones count like
    /// those of a sign-in. Goes on also when the browser hangs up.
    ///
    /// # Errors
    /// [`FactorError`].
    pub async fn step_up(&self, signed_in: &SignedIn, proof: &str, origin: &Origin) -> Result<(), FactorError> {
        let (actions, signed_in, origin) = (self.clone(), signed_in.clone(), origin.clone());
        let proof = proof.to_owned();
        to_the_end(async move { actions.judge_proof(&signed_in, &proof, &origin).await }).await
    }

    async fn judge_proof(&self, signed_in: &SignedIn, proof: &str, origin: &Origin) -> Result<(), FactorError> {
        signed_in.need(Right::OwnAccount).ok_or(FactorError::Forbidden)?;
        let by_code = self.store().find_second_factor(signed_in.user.id).await?.is_some();
        let mut tx = if by_code {
            self.prove_code(signed_in, proof, origin).await?
        } else {
            self.prove_password(signed_in, proof, origin).await?;
            self.write_own(signed_in, origin).await?
        };
        tx.prove_session(signed_in.session, by_code).await?;
        let detail = if by_code { "with a code" } else { "with the password" };
        Ok(tx.commit(Entry::done(Verb::StepUp, signed_in.user.name.as_str()).with_detail(detail)).await?)
    }
}
