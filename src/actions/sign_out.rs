//! Ending one's own session.

use super::{ActError, Actions, Origin, Right, SignedIn};
use crate::store::{Entry, Error, Verb};

impl Actions {
    /// Ends the session on the server; its token opens nothing any more. One that has ended already is no error.
    ///
    /// # Errors
    /// [`ActError`]; the session lives on then.
    pub async fn sign_out(&self, signed_in: &SignedIn, origin: &Origin) -> Result<(), ActError> {
        signed_in.need(Right::OwnAccount).ok_or(ActError::Forbidden)?;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        match tx.delete_session(signed_in.session).await {
            Err(Error::RowsAffected { actual: 0, .. }) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(tx.commit(Entry::done(Verb::SignOut, signed_in.user.name.as_str())).await?),
        }
    }
}
