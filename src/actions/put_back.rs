//! Undoing what another program changed in our table.

use super::{Actions, ConfirmError, HelperSocket, Origin, Right, SignedIn};
use crate::store::{Entry, Verb};

impl Actions {
    /// Undoes what another program changed in our table.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn put_back(&self, signed_in: &SignedIn, origin: &Origin) -> Result<(), ConfirmError> {
        let confirmed = self.firewall().confirmed().unwrap_or(0);
        self.carry_out(Verb::PutBack, confirmed, signed_in, origin, move |actions, signed_in, origin| async move {
            signed_in.need(Right::ChangeRules).ok_or(ConfirmError::Forbidden)?;
            actions.act(HelperSocket::put_back).await?;
            let tx = actions.store().write(signed_in.actor(&origin), actions.now()).await?;
            tx.commit(Entry::done(Verb::PutBack, "table")).await?;
            actions.refresh_surroundings().await;
            Ok(())
        })
        .await
    }
}
