//! Naming filters of the record, for oneself.

use super::{ActError, Actions, Origin, Right, SignedIn};
use crate::{
    firewall::Text,
    store::{Entry, Error, SavedFilter, Verb},
};

/// Filters that a user may keep.
const MOST: u32 = 30;

/// As the table has it.
const LONGEST_NAME: usize = 60;
const LONGEST_QUERY: usize = 500;

/// Why a filter wasn't kept.
#[derive(Debug, thiserror::Error)]
pub enum SaveFilterError {
    /// The account may not.
    #[error("your account may not do this")]
    Forbidden,
    /// The name or the filter is too long, or there is no name.
    #[error("give it a name of 1 to {LONGEST_NAME} characters")]
    Name,
    /// There are too many.
    #[error("there is room for {MOST} filters: forget one first")]
    TooMany,
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Actions {
    /// Keeps a filter under a name, in the place of one that had it.
    ///
    /// # Errors
    /// [`SaveFilterError`]; nothing was changed.
    pub async fn save_filter(
        &self,
        signed_in: &SignedIn,
        filter: SavedFilter,
        origin: &Origin,
    ) -> Result<(), SaveFilterError> {
        signed_in.need(Right::OwnAccount).ok_or(SaveFilterError::Forbidden)?;
        let is_named = (1..=LONGEST_NAME).contains(&filter.name.chars().count()) && Text::parse(&filter.name).is_ok();
        if !is_named || filter.query.len() > LONGEST_QUERY {
            return Err(SaveFilterError::Name);
        }
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        if !tx.set_saved_filter(signed_in.user.id, &filter, MOST).await? {
            return Err(SaveFilterError::TooMany);
        }
        Ok(tx.commit(Entry::done(Verb::SaveFilter, filter.name)).await?)
    }

    /// Forgets a filter; one that is gone already is no error.
    ///
    /// # Errors
    /// [`ActError`].
    pub async fn forget_filter(&self, signed_in: &SignedIn, name: &str, origin: &Origin) -> Result<(), ActError> {
        signed_in.need(Right::OwnAccount).ok_or(ActError::Forbidden)?;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        if tx.delete_saved_filter(signed_in.user.id, name).await? {
            tx.commit(Entry::done(Verb::ForgetFilter, name)).await?;
        }
        Ok(())
    }
}
