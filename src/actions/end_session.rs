//! Ending another session of one's own.

use super::{ActError, Actions, Origin, Right, SignedIn};
use crate::store::{Entry, SessionId, Verb};

impl Actions {
    /// Ends a session of the same user. One that has ended already, or is somebody else's, is no error: afterwards the
    /// user has no such session either way.
    ///
    /// # Errors
    /// [`ActError`]; the session lives on then.
    pub async fn end_session(&self, signed_in: &SignedIn, id: SessionId, origin: &Origin) -> Result<(), ActError> {
        signed_in.need(Right::OwnAccount).ok_or(ActError::Forbidden)?;
        let user = &signed_in.user;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        if tx.delete_session_of(user.id, id).await? {
            tx.commit(Entry::done(Verb::EndSession, user.name.as_str())).await?;
        }
        Ok(())
    }
}
