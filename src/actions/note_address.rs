//! Writing down what is known of an address.

use super::{Actions, Origin, Right, SignedIn};
use crate::{
    firewall::{AddressRange, Text},
    store::{AddressNote, Entry, Error, Verb},
};

/// Notes that there is room for: whoever looks at an address has all of them read.
const MOST: u32 = 2_000;

/// Why nothing was written down.
#[derive(Debug, thiserror::Error)]
pub enum NoteAddressError {
    /// The role doesn't allow it.
    #[error("your account may not write notes")]
    Forbidden,
    /// There are too many.
    #[error("there is room for {MOST} notes: remove one first")]
    TooMany,
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Actions {
    /// Writes a note about addresses, in the place of the one before. Without a text there is none any more.
    ///
    /// # Errors
    /// [`NoteAddressError`]; nothing was changed.
    pub async fn note_address(
        &self,
        by: &SignedIn,
        addresses: AddressRange,
        note: Text,
        origin: &Origin,
    ) -> Result<(), NoteAddressError> {
        by.need(Right::NoteAddress).ok_or(NoteAddressError::Forbidden)?;
        let now = self.now();
        let mut tx = self.store().write(by.actor(origin), now).await?;
        let detail = note.as_str().to_owned();
        let is_changed = if note.is_empty() {
            tx.delete_address_note(addresses).await?
        } else {
            let note = AddressNote { addresses, note, at: now, by: by.user.name.to_string() };
            tx.set_address_note(&note, MOST).await?.then_some(true).ok_or(NoteAddressError::TooMany)?
        };
        if is_changed {
            tx.commit(Entry::done(Verb::NoteAddress, addresses.to_string()).with_detail(detail)).await?;
        }
        Ok(())
    }
}
