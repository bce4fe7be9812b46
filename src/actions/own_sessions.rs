//! Looking at one's own sessions.

use super::{Actions, SignedIn, session};
use crate::store::{Error, OwnSession, SessionId};

impl SignedIn {
    /// Whether it is the session that proves this.
    #[must_use]
    pub fn is_by(&self, session: SessionId) -> bool {
        self.session == session
    }
}

impl Actions {
    /// Lists the live sessions of the user, the latest used first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_sessions(&self, signed_in: &SignedIn) -> Result<Vec<OwnSession>, Error> {
        let now = self.now();
        self.store().list_sessions(signed_in.user.id, now, now.plus_seconds(-session::IDLE_SECONDS)).await
    }
}
