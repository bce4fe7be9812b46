//! Ending sessions of somebody else.

use super::{Actions, Origin, PeopleError, SignedIn};
use crate::store::{Entry, SessionId, UserId, Verb};

impl Actions {
    /// Ends one session of somebody, or all of them. One that has ended already is no error.
    ///
    /// # Errors
    /// [`PeopleError`]; the sessions live on then.
    pub async fn end_sessions_of(
        &self,
        by: &SignedIn,
        user: UserId,
        session: Option<SessionId>,
        origin: &Origin,
    ) -> Result<(), PeopleError> {
        let outcome = self.end_sessions_in_turn(by, user, session, origin).await;
        self.note_refused_people(by, origin, Verb::EndSessionsOf, outcome).await
    }

    async fn end_sessions_in_turn(
        &self,
        by: &SignedIn,
        user: UserId,
        session: Option<SessionId>,
        origin: &Origin,
    ) -> Result<(), PeopleError> {
        let mut tx = self.write_people(by, origin).await?;
        let name = tx.find_user_by_id(user).await?.ok_or(PeopleError::NotThere)?.name;
        let ended = match session {
            Some(session) => u64::from(tx.delete_session_of(user, session).await?),
            None => tx.delete_sessions(user, 0).await?,
        };
        let entry = Entry::done(Verb::EndSessionsOf, name.as_str());
        Ok(tx.commit(entry.with_detail(format!("sessions ended: {ended}"))).await?)
    }
}
