//! Giving a pending revision more time.

use super::{Actions, ConfirmError, Origin, Right, SignedIn};
use crate::store::{Entry, Verb};

impl Actions {
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
        self.carry_out(Verb::Extend, revision, signed_in, origin, move |actions, signed_in, origin| async move {
            signed_in.need(Right::Answer).ok_or(ConfirmError::Forbidden)?;
            actions.act(move |helper| helper.extend(revision, seconds)).await?;
            let tx = actions.store().write(signed_in.actor(&origin), actions.now()).await?;
            let entry = Entry::done(Verb::Extend, format!("revision {revision}"));
            Ok(tx.commit(entry.with_detail(format!("{seconds} s more"))).await?)
        })
        .await
    }
}
