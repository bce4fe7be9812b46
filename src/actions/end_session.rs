//! Ending another session of one's own.

use super::{Actions, Origin, SignedIn};
use crate::store::{Entry, Error, SessionId, Verb};

impl Actions {
    /// Ends a session of the same user. One that has ended already, or is somebody else's, is no error: afterwards the
    /// user has no such session either way.
    ///
    /// # Errors
    /// [`Error`] of the database; the session lives on then.
    pub async fn end_session(&self, signed_in: &SignedIn, id: SessionId, origin: &Origin) -> Result<(), Error> {
        let user = &signed_in.user;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        if tx.delete_session_of(user.id, id).await? {
            tx.commit(Entry::done(Verb::EndSession, user.name.as_str())).await?;
        }
        Ok(())
    }
}
