//! The one-time token that makes its holder the first administrator.

use super::{Error, Store, TokenHash, WriteTx, error::ensure_affected};

impl Store {
    /// Whether the setup token of this hash is the one in force. Takes the same time wherever the two differ.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn is_setup_token(&self, hash: &TokenHash) -> Result<bool, Error> {
        let stored: Option<Vec<u8>> =
            sqlx::query_scalar("select token_hash from setup_token").fetch_optional(&self.readers).await?;
        Ok(stored.is_some_and(|stored| hash.matches(&stored)))
    }
}

impl WriteTx {
    /// Puts a setup token in force; the one before is void.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_setup_token(&mut self, hash: &TokenHash) -> Result<(), Error> {
        let result = sqlx::query("insert or replace into setup_token (id, token_hash, issued_at) values (1, ?, ?)")
            .bind(hash.as_bytes())
            .bind(self.now().as_millis())
            .execute(self.connection())
            .await?;
        ensure_affected(&result, 1)
    }

    /// Uses the setup token up. False when it isn't in force (any more): then somebody else was faster.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_setup_token(&mut self, hash: &TokenHash) -> Result<bool, Error> {
        let result = sqlx::query("delete from setup_token where token_hash = ?")
            .bind(hash.as_bytes())
            .execute(self.connection())
            .await?;
        Ok(result.rows_affected() == 1)
    }
}
