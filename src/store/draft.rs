//! What each user has staged and not applied.

use super::{
    Error, Store, Upkeep, UserId, WriteTx,
    ruleset_text::{self, RulesetText},
};
use crate::firewall::{Moment, RuleId, Ruleset};

/// A draft as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The confirmed revision it was begun from; none before the first.
    pub base: Option<u64>,
    /// What it holds.
    pub ruleset: Ruleset,
    /// When it was last edited.
    pub updated_at: Moment,
}

#[derive(sqlx::FromRow)]
struct DraftRow {
    base: Option<i64>,
    ruleset: String,
    contents: String,
    updated_at: i64,
}

impl Store {
    /// Finds the draft of a user.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_draft(&self, user: UserId) -> Result<Option<Draft>, Error> {
        let mut connection = self.readers.begin().await?;
        let row: Option<DraftRow> =
            sqlx::query_as("select base, ruleset, contents, updated_at from draft where user_id = ?")
                .bind(user.as_i64())
                .fetch_optional(&mut *connection)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let text = RulesetText { ruleset: row.ruleset, contents: row.contents };
        let ruleset = ruleset_text::load(&mut connection, &text, "draft").await?;
        let base = row.base.map(u64::try_from).transpose();
        let base = base.map_err(|_| Error::Inconsistent { table: "draft", column: "base" })?;
        Ok(Some(Draft { base, ruleset, updated_at: Moment::from_millis(row.updated_at) }))
    }

    /// How many changes a user has staged. Cheap, because every page shows it.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn count_staged(&self, user: UserId) -> Result<usize, Error> {
        let count: Option<i64> = sqlx::query_scalar("select changes from draft where user_id = ?")
            .bind(user.as_i64())
            .fetch_optional(&self.readers)
            .await?;
        Ok(count.and_then(|count| count.try_into().ok()).unwrap_or(0))
    }
}

impl WriteTx {
    /// Stores the draft of a user; `changes` is the number of its changes.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_draft(
        &mut self,
        user: UserId,
        base: Option<u64>,
        ruleset: &Ruleset,
        changes: usize,
    ) -> Result<(), Error> {
        let text = ruleset_text::store(self.connection(), ruleset).await?;
        sqlx::query(
            "insert into draft (user_id, base, ruleset, contents, changes, updated_at) values (?, ?, ?, ?, ?, ?)
             on conflict (user_id) do update set base = excluded.base, ruleset = excluded.ruleset,
                 contents = excluded.contents, changes = excluded.changes, updated_at = excluded.updated_at",
        )
        .bind(user.as_i64())
        .bind(base.map(|base| i64::try_from(base).unwrap_or(i64::MAX)))
        .bind(text.ruleset)
        .bind(text.contents)
        .bind(i64::try_from(changes).unwrap_or(i64::MAX))
        .bind(self.now().as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets every draft that holds exactly this.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_drafts_like(&mut self, ruleset: &Ruleset) -> Result<(), Error> {
        let text = ruleset_text::store(self.connection(), ruleset).await?;
        sqlx::query("delete from draft where ruleset = ? and contents = ?")
            .bind(text.ruleset)
            .bind(text.contents)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Forgets the draft of a user, if there is one.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_draft(&mut self, user: UserId) -> Result<(), Error> {
        sqlx::query("delete from draft where user_id = ?").bind(user.as_i64()).execute(self.connection()).await?;
        Ok(())
    }
}

impl Upkeep<'_> {
    /// Gives an id that no rule has had.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn take_rule_id(self) -> Result<RuleId, Error> {
        let id: i64 = sqlx::query_scalar("update sequence set last = last + 1 where name = 'rule' returning last")
            .fetch_one(&self.store().writer)
            .await?;
        let id = u32::try_from(id).ok().and_then(RuleId::new);
        id.ok_or(Error::Inconsistent { table: "sequence", column: "last" })
    }
}
