//! From where each user signed in before.

use super::{Error, Store, UserId, WriteTx};
use crate::firewall::{AddressPrefix, Moment};

impl Store {
    /// Lists from where anybody signed in after `since`, each place once.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_known_addresses(&self, since: Moment) -> Result<Vec<AddressPrefix>, Error> {
        let prefixes: Vec<String> =
            sqlx::query_scalar("select distinct prefix from known_address where last_signed_in_at > ?")
                .bind(since.as_millis())
                .fetch_all(&self.readers)
                .await?;
        parse_all(&prefixes)
    }

    /// Lists from where administrators signed in after `since`, each place once.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_administrators_addresses(&self, since: Moment) -> Result<Vec<AddressPrefix>, Error> {
        let prefixes: Vec<String> = sqlx::query_scalar(
            "select distinct prefix from known_address join user on user.id = known_address.user_id
             where last_signed_in_at > ? and user.role = 'administrator' and user.disabled_at is null",
        )
        .bind(since.as_millis())
        .fetch_all(&self.readers)
        .await?;
        parse_all(&prefixes)
    }
}

fn parse_all(prefixes: &[String]) -> Result<Vec<AddressPrefix>, Error> {
    let inconsistent = Error::Inconsistent { table: "known_address", column: "prefix" };
    prefixes.iter().map(|prefix| AddressPrefix::parse(prefix)).collect::<Option<_>>().ok_or(inconsistent)
}

impl WriteTx {
    /// Notes that the user signed in from there, now.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_known_address(&mut self, user: UserId, prefix: AddressPrefix) -> Result<(), Error> {
        sqlx::query(
            "insert into known_address (user_id, prefix, last_signed_in_at) values (?, ?, ?)
             on conflict (user_id, prefix) do update set last_signed_in_at = excluded.last_signed_in_at",
        )
        .bind(user.as_i64())
        .bind(prefix.to_string())
        .bind(self.now().as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets from where the user signed in; some of it may have been the one who stole the password.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_known_addresses(&mut self, user: UserId) -> Result<(), Error> {
        let forget = sqlx::query("delete from known_address where user_id = ?");
        forget.bind(user.as_i64()).execute(self.connection()).await?;
        Ok(())
    }
}
