//! The only way to change something: open in somebody's name, commit with an audit entry.

use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{Actor, Entry, Error, Store, audit};
use crate::firewall::Moment;

/// A change under way. Dropped without [`Self::commit`] it never happened.
#[must_use = "a change that isn't committed is rolled back"]
#[derive(Debug)]
pub struct WriteTx {
    transaction: Transaction<'static, Sqlite>,
    actor: Actor,
    now: Moment,
}

impl Store {
    /// Opens a change in the name of `actor`. Waits for the change before it to end: there is one writer.
    ///
    /// # Errors
    /// [`Error::Busy`] when the wait is too long.
    pub async fn write(&self, actor: Actor, now: Moment) -> Result<WriteTx, Error> {
        // Immediate, because a transaction that reads first and then can't get the lock would have to start again.
        let transaction = self.writer.begin_with("begin immediate").await?;
        Ok(WriteTx { transaction, actor, now })
    }
}

impl WriteTx {
    /// The time of the change, for every column it sets.
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    pub(super) const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Names whom the change turned out to be made by, once a stranger has proved who he is.
    pub fn identify(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Writes the audit row, makes the change last, and logs the head of the audit chain, so that who rewrites the
    /// database has to rewrite the log too.
    ///
    /// # Errors
    /// Nothing has changed then.
    pub async fn commit(mut self, entry: Entry) -> Result<(), Error> {
        let head = audit::insert(&mut self.transaction, self.now, &self.actor, &entry).await?;
        self.transaction.commit().await?;
        tracing::info!("{head}");
        Ok(())
    }

    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}
