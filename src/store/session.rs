//! Who is signed in.

use std::{fmt, net::IpAddr};

use subtle::ConstantTimeEq;

use super::{Error, Store, User, UserId, WriteTx, error::ensure_affected, user::UserRow};
use crate::firewall::Moment;

/// SHA-256 of a token. The token itself is never stored, so a stolen database opens no session.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Wraps a digest.
    #[must_use]
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Compares with stored bytes in constant time.
    #[must_use]
    pub fn matches(&self, stored: &[u8]) -> bool {
        self.0.ct_eq(stored).into()
    }

    pub(super) fn as_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// Names a session without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(i64);

impl SessionId {
    pub(super) const fn new(id: i64) -> Self {
        Self(id)
    }

    pub(super) const fn as_i64(self) -> i64 {
        self.0
    }
}

/// A session as stored, with its user. Whether it is still alive is for `actions` to judge.
#[derive(Debug, Clone)]
pub struct Session {
    /// Names the session.
    pub id: SessionId,
    /// Whose it is, as of now.
    pub user: User,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub last_seen_at: Moment,
    /// When it ends, used or not.
    pub expires_at: Moment,
    /// When its user last showed that it is him.
    pub proved_at: Moment,
    /// Whether a code was part of that.
    pub by_code: bool,
    /// Whether the user has a second factor.
    pub has_factor: bool,
    /// Whether his role needs one.
    pub needs_factor: bool,
}

/// A session that begins now.
#[derive(Debug)]
pub struct SessionStart<'a> {
    /// Hash of its token.
    pub token_hash: &'a TokenHash,
    /// Whose it is.
    pub user: UserId,
    /// When it ends, used or not.
    pub expires_at: Moment,
    /// Where it was opened from.
    pub address: IpAddr,
    /// The browser's name for itself.
    pub browser: &'a str,
    /// Whether it was opened with a code, too.
    pub by_code: bool,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    session_id: i64,
    session_created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    proved_at: i64,
    by_code: bool,
    has_factor: bool,
    needs_factor: bool,
    #[sqlx(flatten)]
    user: UserRow,
}

impl TryFrom<SessionRow> for Session {
    type Error = Error;

    fn try_from(row: SessionRow) -> Result<Self, Error> {
        Ok(Self {
            id: SessionId(row.session_id),
            user: row.user.try_into()?,
            created_at: Moment::from_millis(row.session_created_at),
            last_seen_at: Moment::from_millis(row.last_seen_at),
            expires_at: Moment::from_millis(row.expires_at),
            proved_at: Moment::from_millis(row.proved_at),
            by_code: row.by_code,
            has_factor: row.has_factor,
            needs_factor: row.needs_factor,
        })
    }
}

impl Store {
    /// Finds the session of a token, alive or expired.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_session(&self, hash: &TokenHash) -> Result<Option<Session>, Error> {
        let row: Option<SessionRow> = sqlx::query_as(
            "select session.id as session_id, session.created_at as session_created_at, last_seen_at, expires_at,
                    proved_at, by_code,
                    exists (select 1 from second_factor where second_factor.user_id = user.id) as has_factor,
                    exists (select 1 from second_factor_role where second_factor_role.role = user.role) as needs_factor,
                    user.id, name, password_hash, role, theme, user.created_at, password_changed_at, disabled_at,
                    awaits_password
             from session join user on user.id = session.user_id
             where token_hash = ?",
        )
        .bind(hash.as_bytes())
        .fetch_optional(&self.readers)
        .await?;
        row.map(Session::try_from).transpose()
    }
}

impl WriteTx {
    /// Begins a session.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn insert_session(&mut self, session: &SessionStart<'_>) -> Result<SessionId, Error> {
        let now = self.now().as_millis();
        let id = sqlx::query_scalar(
            "insert into session (token_hash, user_id, created_at, last_seen_at, expires_at, address, browser, proved_at,
                                  by_code)
             values (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?3, ?7) returning id",
        )
        .bind(session.token_hash.as_bytes())
        .bind(session.user.as_i64())
        .bind(now)
        .bind(session.expires_at.as_millis())
        .bind(session.address.to_string())
        .bind(session.browser)
        .bind(session.by_code)
        .fetch_one(self.connection())
        .await?;
        Ok(SessionId(id))
    }

    /// Ends one session.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when it has ended already.
    pub async fn delete_session(&mut self, id: SessionId) -> Result<(), Error> {
        let result =
            sqlx::query("delete from session where id = ?").bind(id.as_i64()).execute(self.connection()).await?;
        ensure_affected(&result, 1)
    }

    /// Ends all sessions of a user but the newest `keep`; says how many ended.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_sessions(&mut self, user: UserId, keep: u32) -> Result<u64, Error> {
        let result = sqlx::query(
            "delete from session where user_id = ?1
             and id not in (select id from session where user_id = ?1 order by id desc limit ?2)",
        )
        .bind(user.as_i64())
        .bind(keep)
        .execute(self.connection())
        .await?;
        Ok(result.rows_affected())
    }
}
