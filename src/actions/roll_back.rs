//! Going back before the time is up.

use super::{Actions, ConfirmError, Origin, Right, SignedIn};
use crate::store::{Ending, Entry, Error, Verb};

impl Actions {
    /// Goes back to the confirmed revision at once.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn roll_back(&self, signed_in: &SignedIn, revision: u64, origin: &Origin) -> Result<(), ConfirmError> {
        self.carry_out(Verb::RollBack, revision, signed_in, origin, move |actions, signed_in, origin| async move {
            signed_in.need(Right::Answer).ok_or(ConfirmError::Forbidden)?;
            let _acting = actions.shared.firewall.acting.lock().await;
            actions.act(move |helper| helper.roll_back(revision)).await?;
            actions.note_roll_back(&signed_in, revision, &origin).await
        })
        .await
    }

    /// One that came from the console isn't in the history.
    async fn note_roll_back(&self, signed_in: &SignedIn, revision: u64, origin: &Origin) -> Result<(), ConfirmError> {
        let reason = format!("{} asked for it", signed_in.user.name);
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        match tx.end_revision(revision, Ending::RolledBack, &reason).await {
            Err(Error::RowsAffected { actual: 0, .. }) => {}
            ended => ended?,
        }
        Ok(tx.commit(Entry::done(Verb::RollBack, format!("revision {revision}"))).await?)
    }
}
