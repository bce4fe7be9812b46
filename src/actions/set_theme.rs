//! Choosing colours.

use super::{ActError, Actions, Origin, Right, SignedIn};
use crate::store::{Entry, Theme, Verb};

impl Actions {
    /// Sets the colours of the user's own pages.
    ///
    /// # Errors
    /// [`ActError`]; nothing has changed then.
    pub async fn set_theme(&self, signed_in: &SignedIn, theme: Theme, origin: &Origin) -> Result<(), ActError> {
        signed_in.need(Right::OwnAccount).ok_or(ActError::Forbidden)?;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        tx.set_theme(signed_in.user.id, theme).await?;
        let entry = Entry::done(Verb::SetTheme, signed_in.user.name.as_str());
        Ok(tx.commit(entry.with_change(signed_in.user.theme.as_str(), theme.as_str())).await?)
    }
}
