//! The sessions of one user, as the user may see and end them.

use std::{fmt, num::ParseIntError, str::FromStr};

use super::{Error, SessionId, Store, UserId, WriteTx};
use crate::firewall::Moment;

/// A session as its own user sees it.
#[derive(Debug, Clone)]
pub struct OwnSession {
    /// Names the session.
    pub id: SessionId,
    /// Where it was opened from.
    pub address: String,
    /// The browser's name for itself; whoever opened the session chose it.
    pub browser: String,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub last_seen_at: Moment,
}

#[derive(sqlx::FromRow)]
struct OwnSessionRow {
    id: i64,
    address: String,
    browser: String,
    created_at: i64,
    last_seen_at: i64,
}

impl From<OwnSessionRow> for OwnSession {
    fn from(row: OwnSessionRow) -> Self {
        Self {
            id: SessionId::new(row.id),
            address: row.address,
            browser: row.browser,
            created_at: Moment::from_millis(row.created_at),
            last_seen_at: Moment::from_millis(row.last_seen_at),
        }
    }
}

impl Store {
    /// Lists the sessions of a user that don't expire by `now` and were used after `idle_since`, the latest used first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_sessions(&self, user: UserId, now: Moment, idle_since: Moment) -> Result<Vec<OwnSession>, Error> {
        let rows: Vec<OwnSessionRow> = sqlx::query_as(
            "select id, address, browser, created_at, last_seen_at from session
             where user_id = ? and expires_at > ? and last_seen_at > ?
             order by last_seen_at desc, id desc",
        )
        .bind(user.as_i64())
        .bind(now.as_millis())
        .bind(idle_since.as_millis())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(OwnSession::from).collect())
    }
}

impl WriteTx {
    /// Ends a session if it belongs to the user; false when there is no such session (any more).
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_session_of(&mut self, user: UserId, id: SessionId) -> Result<bool, Error> {
        let result = sqlx::query("delete from session where id = ? and user_id = ?")
            .bind(id.as_i64())
            .bind(user.as_i64())
            .execute(self.connection())
            .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Ends all sessions of a user but one; says how many ended.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_sessions_but(&mut self, user: UserId, keep: SessionId) -> Result<u64, Error> {
        let result = sqlx::query("delete from session where user_id = ? and id <> ?")
            .bind(user.as_i64())
            .bind(keep.as_i64())
            .execute(self.connection())
            .await?;
        Ok(result.rows_affected())
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_i64().fmt(f)
    }
}

impl FromStr for SessionId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self::new)
    }
}
