//! Filters of the record that a user gave a name.

use super::{Error, Store, UserId, WriteTx};

/// A filter by its name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SavedFilter {
    /// Its name.
    pub name: String,
    /// The part of the page's address behind the question mark.
    pub query: String,
}

impl Store {
    /// Lists the filters of a user by name.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_saved_filters(&self, user: UserId) -> Result<Vec<SavedFilter>, Error> {
        let found = sqlx::query_as("select name, query from saved_filter where user_id = ? order by name")
            .bind(user.as_i64())
            .fetch_all(&self.readers)
            .await?;
        Ok(found)
    }
}

impl WriteTx {
    /// Keeps a filter of a user under its name, in the place of one that had it. False when the user has `most` others.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_saved_filter(&mut self, user: UserId, filter: &SavedFilter, most: u32) -> Result<bool, Error> {
        let result = sqlx::query(
            "insert into saved_filter (user_id, name, query)
             select ?1, ?2, ?3 where (select count(*) from saved_filter where user_id = ?1 and name <> ?2) < ?4
             on conflict (user_id, name) do update set query = excluded.query",
        )
        .bind(user.as_i64())
        .bind(&filter.name)
        .bind(&filter.query)
        .bind(most)
        .execute(self.connection())
        .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Forgets a filter of a user; false when there is none of that name.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_saved_filter(&mut self, user: UserId, name: &str) -> Result<bool, Error> {
        let result = sqlx::query("delete from saved_filter where user_id = ? and name = ?")
            .bind(user.as_i64())
            .bind(name)
            .execute(self.connection())
            .await?;
        Ok(result.rows_affected() == 1)
    }
}
