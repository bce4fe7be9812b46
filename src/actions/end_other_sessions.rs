//! Ending all sessions of one's own but this one.

use super::{ActError, Actions, Origin, Right, SignedIn};
use crate::store::{Entry, Verb};

impl Actions {
    /// Ends every other session of the user.
    ///
    /// # Errors
    /// [`ActError`]; the sessions live on then.
    pub async fn end_other_sessions(&self, signed_in: &SignedIn, origin: &Origin) -> Result<(), ActError> {
        signed_in.need(Right::OwnAccount).ok_or(ActError::Forbidden)?;
        let user = &signed_in.user;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        let ended = tx.delete_sessions_but(user.id, signed_in.session).await?;
        let entry = Entry::done(Verb::EndOtherSessions, user.name.as_str());
        Ok(tx.commit(entry.with_detail(format!("sessions ended: {ended}"))).await?)
    }
}
