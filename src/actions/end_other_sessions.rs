//! Ending all sessions of one's own but this one.

use super::{Actions, Origin, SignedIn};
use crate::store::{Entry, Error, Verb};

impl Actions {
    /// Ends every other session of the user.
    ///
    /// # Errors
    /// [`Error`] of the database; the sessions live on then.
    pub async fn end_other_sessions(&self, signed_in: &SignedIn, origin: &Origin) -> Result<(), Error> {
        let user = &signed_in.user;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        let ended = tx.delete_sessions_but(user.id, signed_in.session).await?;
        let entry = Entry::done(Verb::EndOtherSessions, user.name.as_str());
        tx.commit(entry.with_detail(format!("sessions ended: {ended}"))).await
    }
}
