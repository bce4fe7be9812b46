//! Who is signed in now, whoever it is: for administrators to look at.

use super::{Error, Role, SessionId, Store};
use crate::firewall::Moment;

/// A session as an administrator sees it.
#[derive(Debug, Clone)]
pub struct LiveSession {
    /// Names the session.
    pub id: SessionId,
    /// The account's name.
    pub user: String,
    /// What the account may do.
    pub role: Role,
    /// Where it was opened from.
    pub address: String,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub last_seen_at: Moment,
}

#[derive(sqlx::FromRow)]
struct LiveSessionRow {
    id: i64,
    user: String,
    role: String,
    address: String,
    created_at: i64,
    last_seen_at: i64,
}

impl TryFrom<LiveSessionRow> for LiveSession {
    type Error = Error;

    fn try_from(row: LiveSessionRow) -> Result<Self, Error> {
        Ok(Self {
            id: SessionId::new(row.id),
            user: row.user,
            role: Role::from_text(&row.role).ok_or(Error::Inconsistent { table: "user", column: "role" })?,
            address: row.address,
            created_at: Moment::from_millis(row.created_at),
            last_seen_at: Moment::from_millis(row.last_seen_at),
        })
    }
}

impl Store {
    /// Lists the sessions of every user that don't expire by `now` and were used after `idle_since`, the latest used
    /// first, at most `limit`.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_live_sessions(
        &self,
        now: Moment,
        idle_since: Moment,
        limit: u32,
    ) -> Result<Vec<LiveSession>, Error> {
        let rows: Vec<LiveSessionRow> = sqlx::query_as(
            "select session.id, user.name as user, role, address, session.created_at, last_seen_at
             from session join user on user.id = session.user_id
             where expires_at > ? and last_seen_at > ?
             order by last_seen_at desc, session.id desc limit ?",
        )
        .bind(now.as_millis())
        .bind(idle_since.as_millis())
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(LiveSession::try_from).collect()
    }
}
