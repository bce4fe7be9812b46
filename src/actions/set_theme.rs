//! Choosing colours.

use super::{Actions, Origin, SignedIn};
use crate::store::{Entry, Error, Theme, Verb};

impl Actions {
    /// Sets the colours of the user's own pages.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_theme(&self, signed_in: &SignedIn, theme: Theme, origin: &Origin) -> Result<(), Error> {
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        tx.set_theme(signed_in.user.id, theme).await?;
        tx.commit(Entry::done(Verb::SetTheme, signed_in.user.name.as_str()).with_detail(theme.as_str())).await
    }
}
