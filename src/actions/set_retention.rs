//! Choosing how long rows of what was turned away are kept.

use super::{ActError, Actions, Origin, Right, SignedIn};
use crate::store::{Entry, Retention, Verb};

impl Actions {
    /// Sets the bounds. The next round of forgetting, within a minute, keeps to them.
    ///
    /// # Errors
    /// [`ActError`]; nothing was changed.
    pub async fn set_retention(
        &self,
        signed_in: &SignedIn,
        retention: Retention,
        origin: &Origin,
    ) -> Result<(), ActError> {
        signed_in.need(Right::ChangeSettings).ok_or(ActError::Forbidden)?;
        let before = self.store().find_retention().await.unwrap_or_default();
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        tx.set_retention(retention).await?;
        Ok(tx.commit(Entry::done(Verb::SetRetention, "record").with_change(words(before), words(retention))).await?)
    }
}

fn words(retention: Retention) -> String {
    format!("{} days, {} MiB", retention.days(), retention.mebibytes())
}
