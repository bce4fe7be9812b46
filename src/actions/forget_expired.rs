//! Forgetting what is over.

use std::sync::PoisonError;

use super::{Actions, session, sign_in};
use crate::store::Error;

impl Actions {
    /// Drops ended sessions, addresses nobody has used for long and contents of lists that nothing has, and writes what the last minute left to say of
    /// refused sign-ins. For a timer, about once a minute.
    ///
    /// # Errors
    /// [`Error`] of the database; the next call does what this one left.
    pub async fn forget_expired(&self) -> Result<(), Error> {
        let now = self.now();
        let rows = self.shared.refusals.lock().unwrap_or_else(PoisonError::into_inner).due(now);
        self.write_refusals(rows).await?;
        let upkeep = self.store().upkeep();
        upkeep.delete_expired_sessions(now, now.plus_seconds(-session::IDLE_SECONDS)).await?;
        upkeep.delete_old_addresses(now.plus_seconds(-sign_in::KNOWN_SECONDS)).await?;
        upkeep.delete_unused_contents().await
    }
}
