//! Looking at one's own sessions, and as an administrator at everybody's.

use super::{Actions, SignedIn, session};
use crate::store::{Error, LiveSession, OwnSession, Role, SessionId};

/// More at once are nobody's usual day.
const MOST: u32 = 50;

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

    /// Lists the live sessions of every user, the latest used first; none for whom isn't an administrator.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn live_sessions(&self, signed_in: &SignedIn) -> Result<Option<Vec<LiveSession>>, Error> {
        if signed_in.user.role < Role::Administrator {
            return Ok(None);
        }
        let now = self.now();
        self.store().list_live_sessions(now, now.plus_seconds(-session::IDLE_SECONDS), MOST).await.map(Some)
    }
}
