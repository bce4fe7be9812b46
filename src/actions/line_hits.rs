//! What each line of the ruleset decided, as the kernel's counters told it.

use super::{Actions, HelperSocket};
use crate::{
    firewall::enforcement::Count,
    store::{Error, LineHit},
};

impl Actions {
    /// Everything that is known. Asks nobody but the database.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn line_hits(&self) -> Result<Vec<LineHit>, Error> {
        self.store().list_line_hits().await
    }

    /// Asks the helper for its counters, notes them and gives them. Without an answer everything stays as it is known.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn refresh_line_hits(&self) -> Result<Vec<Count>, Error> {
        let Ok(counts) = self.ask_helper(HelperSocket::read_counters).await else { return Ok(Vec::new()) };
        self.store().upkeep().note_counts(self.now(), &counts).await?;
        Ok(counts)
    }
}
