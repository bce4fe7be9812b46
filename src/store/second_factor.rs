//! Second factors: the secrets of apps that show codes, and codes for when the app is lost.
//!
//! The secret stands here as it is: the panel has to compute with it, and whoever reads the database as the panel's user
//! could read a key beside it too. Recovery codes are only compared, so only their hashes are kept.

use std::fmt;

use super::{Error, Role, SessionId, Store, TokenHash, UserId, WriteTx, error::ensure_affected};
use crate::firewall::Moment;

/// What an app and the panel share. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct FactorSecret([u8; 20]);

impl FactorSecret {
    /// Wraps the bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Debug for FactorSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FactorSecret(..)")
    }
}

/// A user's second factor.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// What the app shares.
    pub secret: FactorSecret,
    /// Since when.
    pub since: Moment,
    /// The newest step of which a code was used.
    pub last_step: i64,
}

#[derive(sqlx::FromRow)]
struct FactorRow {
    secret: Vec<u8>,
    since: i64,
    last_step: i64,
}

impl TryFrom<FactorRow> for SecondFactor {
    type Error = Error;

    fn try_from(row: FactorRow) -> Result<Self, Error> {
        let inconsistent = |_| Error::Inconsistent { table: "second_factor", column: "secret" };
        Ok(Self {
            secret: FactorSecret::new(row.secret.try_into().map_err(inconsistent)?),
            since: Moment::from_millis(row.since),
            last_step: row.last_step,
        })
    }
}

impl Store {
    /// Finds a user's second factor.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_second_factor(&self, user: UserId) -> Result<Option<SecondFactor>, Error> {
        let row: Option<FactorRow> =
            sqlx::query_as("select secret, since, last_step from second_factor where user_id = ?")
                .bind(user.as_i64())
                .fetch_optional(&self.readers)
                .await?;
        row.map(SecondFactor::try_from).transpose()
    }

    /// Counts a user's recovery codes that weren't used.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn count_recovery_codes(&self, user: UserId) -> Result<u32, Error> {
        let count = sqlx::query_scalar("select count(*) from recovery_code where user_id = ?").bind(user.as_i64());
        Ok(count.fetch_one(&self.readers).await?)
    }

    /// Lists the roles that need a second factor.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_factor_roles(&self) -> Result<Vec<Role>, Error> {
        let words: Vec<String> =
            sqlx::query_scalar("select role from second_factor_role").fetch_all(&self.readers).await?;
        Ok(words.iter().filter_map(|word| Role::from_text(word)).collect())
    }
}

impl WriteTx {
    /// Finds a user's second factor, as of this transaction.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_second_factor(&mut self, user: UserId) -> Result<Option<SecondFactor>, Error> {
        let row: Option<FactorRow> =
            sqlx::query_as("select secret, since, last_step from second_factor where user_id = ?")
                .bind(user.as_i64())
                .fetch_optional(self.connection())
                .await?;
        row.map(SecondFactor::try_from).transpose()
    }

    /// Whether a role needs a second factor, as of this transaction.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn needs_factor(&mut self, role: Role) -> Result<bool, Error> {
        let needs = sqlx::query_scalar("select exists (select 1 from second_factor_role where role = ?)");
        Ok(needs.bind(role.as_str()).fetch_one(self.connection()).await?)
    }

    /// Gives a user a second factor, of which the code of `step` is used.
    ///
    /// # Errors
    /// [`Error`] of the database, also when he has one.
    pub async fn insert_second_factor(&mut self, user: UserId, secret: &FactorSecret, step: i64) -> Result<(), Error> {
        let now = self.now().as_millis();
        sqlx::query("insert into second_factor (user_id, secret, since, last_step) values (?, ?, ?, ?)")
            .bind(user.as_i64())
            .bind(secret.expose().to_vec())
            .bind(now)
            .bind(step)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Takes a user's second factor away, with his recovery codes; false when he has none.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_second_factor(&mut self, user: UserId) -> Result<bool, Error> {
        self.set_recovery_codes(user, &[]).await?;
        let delete = sqlx::query("delete from second_factor where user_id = ?").bind(user.as_i64());
        Ok(delete.execute(self.connection()).await?.rows_affected() == 1)
    }

    /// Uses the code of a step up; false when it, or a newer one, was used before.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn use_step(&mut self, user: UserId, step: i64) -> Result<bool, Error> {
        let result = sqlx::query("update second_factor set last_step = ?1 where user_id = ?2 and last_step < ?1")
            .bind(step)
            .bind(user.as_i64())
            .execute(self.connection())
            .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Uses a recovery code up; false when it isn't one.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn take_recovery_code(&mut self, user: UserId, hash: &TokenHash) -> Result<bool, Error> {
        let result = sqlx::query("delete from recovery_code where user_id = ? and code_hash = ?")
            .bind(user.as_i64())
            .bind(hash.as_bytes())
            .execute(self.connection())
            .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Replaces a user's recovery codes.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_recovery_codes(&mut self, user: UserId, hashes: &[TokenHash]) -> Result<(), Error> {
        let delete = sqlx::query("delete from recovery_code where user_id = ?").bind(user.as_i64());
        delete.execute(self.connection()).await?;
        for hash in hashes {
            sqlx::query("insert into recovery_code (user_id, code_hash) values (?, ?)")
                .bind(user.as_i64())
                .bind(hash.as_bytes())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Decides which roles need a second factor.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_factor_roles(&mut self, roles: &[Role]) -> Result<(), Error> {
        sqlx::query("delete from second_factor_role").execute(self.connection()).await?;
        for role in roles {
            let insert = sqlx::query("insert into second_factor_role (role) values (?)").bind(role.as_str());
            insert.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Notes that a session was proved again, now.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when it has ended.
    pub async fn prove_session(&mut self, session: SessionId, by_code: bool) -> Result<(), Error> {
        let result = sqlx::query("update session set proved_at = ?, by_code = max(by_code, ?) where id = ?")
            .bind(self.now().as_millis())
            .bind(by_code)
            .bind(session.as_i64())
            .execute(self.connection())
            .await?;
        ensure_affected(&result, 1)
    }
}
