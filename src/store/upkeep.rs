//! The narrow way for writes that aren't acts: nobody asked for them and nobody's rights depend on them.

use super::{
    Error, SessionId, Store, UserId, blocked, blocked_books, blocked_prune, line_hit, port_use, seen_listener,
};
use crate::{
    detect::blocked::Entry,
    firewall::{
        Moment,
        blocked::BlockedId,
        enforcement::Count,
        usage::{Key, Noted, SeenListener},
    },
};

/// Notes and forgets. Has no statement but the ones below.
#[derive(Debug, Clone, Copy)]
pub struct Upkeep<'a> {
    store: &'a Store,
}

impl<'a> Upkeep<'a> {
    pub(super) const fn new(store: &'a Store) -> Self {
        Self { store }
    }

    pub(super) const fn store(self) -> &'a Store {
        self.store
    }

    /// Notes that a session was used. Never brings back one that has ended.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn touch_session(self, id: SessionId, now: Moment) -> Result<(), Error> {
        sqlx::query("update session set last_seen_at = ? where id = ?")
            .bind(now.as_millis())
            .bind(id.as_i64())
            .execute(&self.store.writer)
            .await?;
        Ok(())
    }

    /// Forgets sessions that were last used before `idle_since` or expire by `now`.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_expired_sessions(self, now: Moment, idle_since: Moment) -> Result<(), Error> {
        sqlx::query("delete from session where expires_at <= ? or last_seen_at <= ?")
            .bind(now.as_millis())
            .bind(idle_since.as_millis())
            .execute(&self.store.writer)
            .await?;
        Ok(())
    }

    /// Notes what the kernel's counters show now.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn note_counts(self, now: Moment, counts: &[Count]) -> Result<(), Error> {
        line_hit::note(self.store, now, counts).await
    }

    /// Writes rows of what was turned away, new or grown, with all their roll-ups. Gives their keys in the same order.
    ///
    /// # Errors
    /// [`Error`] of the database; nothing is written then.
    pub async fn note_blocked(self, entries: &[Entry]) -> Result<Vec<BlockedId>, Error> {
        blocked::note(self.store, entries).await
    }

    /// Enters into the books what the kernel's counters show: what isn't itemised by rows is put down to `minute` (since
    /// 1970). Each count comes with whether its line gives receipts.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn balance_blocked(self, minute: i64, counts: &[(Count, bool)]) -> Result<(), Error> {
        blocked_books::balance(self.store, minute, counts).await
    }

    /// Forgets a few of the rows and roll-ups from before `before`, or of the oldest ones while the database has more than
    /// `most` bytes in use. Tells whether there may be more to forget.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_old_blocked(self, now: Moment, before: Moment, most: u64) -> Result<bool, Error> {
        blocked_prune::step(self.store, now, before, most).await
    }

    /// Forgets the addresses from which nobody signed in since `since`.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_old_addresses(self, since: Moment) -> Result<(), Error> {
        sqlx::query("delete from known_address where last_signed_in_at <= ?")
            .bind(since.as_millis())
            .execute(&self.store.writer)
            .await?;
        Ok(())
    }

    /// Forgets the contents of lists that no revision and no draft has any more.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_unused_contents(self) -> Result<(), Error> {
        sqlx::query(
            "delete from list_content where hash not in (
                 select value from revision, json_each(revision.contents)
                 union select value from draft, json_each(draft.contents))",
        )
        .execute(&self.store.writer)
        .await?;
        Ok(())
    }

    /// Notes who used the ports since the last time.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn note_port_use(self, now: Moment, noted: &[(Key, Noted)]) -> Result<(), Error> {
        port_use::note(self.store, now, noted).await
    }

    /// Notes who listens.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn note_listeners(self, seen: &[SeenListener]) -> Result<(), Error> {
        seen_listener::note(self.store, seen).await
    }

    /// Notes that the user looks at the ports.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn note_look(self, user: UserId, now: Moment) -> Result<(), Error> {
        seen_listener::note_look(self.store, user, now).await
    }

    /// Forgets the use of ports and the listeners of long ago.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_old_port_use(self, now: Moment) -> Result<(), Error> {
        port_use::forget(self.store, now).await?;
        seen_listener::forget(self.store, now).await
    }
}
