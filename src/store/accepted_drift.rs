//! What another program changed in our table and somebody left as it is.

use super::{Error, Store, WriteTx, ruleset_text::hash};
use crate::firewall::{Moment, enforcement::Drift};

/// Somebody's word that it may stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedDrift {
    /// Over all that differed: see [`hash_of`].
    pub hash: String,
    /// When he said so.
    pub at: Moment,
    /// Who.
    pub by: String,
}

/// The same for the same differences, in whatever order they are listed.
#[must_use]
pub fn hash_of(drift: &[Drift]) -> String {
    let mut lines: Vec<String> = drift.iter().map(|one| format!("{one:?}")).collect();
    lines.sort_unstable();
    hash(&lines.join("\n"))
}

impl Store {
    /// What was last left as it is, if anything ever was.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_accepted_drift(&self) -> Result<Option<AcceptedDrift>, Error> {
        let row: Option<(String, i64, String)> =
            sqlx::query_as("select hash, at, by from accepted_drift").fetch_optional(&self.readers).await?;
        Ok(row.map(|(hash, at, by)| AcceptedDrift { hash, at: Moment::from_millis(at), by }))
    }
}

impl WriteTx {
    /// Notes that what differs now is left as it is.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_accepted_drift(&mut self, accepted: &AcceptedDrift) -> Result<(), Error> {
        sqlx::query("insert or replace into accepted_drift (id, hash, at, by) values (1, ?, ?, ?)")
            .bind(&accepted.hash)
            .bind(accepted.at.as_millis())
            .bind(&accepted.by)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
