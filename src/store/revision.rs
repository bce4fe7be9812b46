//! Every ruleset that the firewall was told to enforce, and how that ended.

use super::{
    Actor, Error, Store, Upkeep, WriteTx, actor,
    error::ensure_affected,
    ruleset_text::{self, RulesetText},
};
use crate::firewall::{Moment, Ruleset};

/// How a revision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It hasn't: it waits for its confirmation.
    Applied,
    /// It was confirmed.
    Confirmed,
    /// It was rolled back.
    RolledBack,
    /// It never was in force.
    Failed,
}

impl Ending {
    const ALL: [Self; 4] = [Self::Applied, Self::Confirmed, Self::RolledBack, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Confirmed => "confirmed",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
        }
    }
}

/// A revision without its ruleset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its number.
    pub number: u64,
    /// The revision it was made from; none for the first.
    pub parent: Option<u64>,
    /// Who made it: `anna from 192.0.2.1`, `root on the console`.
    pub author: String,
    /// When.
    pub at: Moment,
    /// What it does, in its author's words.
    pub sentence: String,
    /// How it ended.
    pub ending: Ending,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// Why it ended so; empty while it hasn't.
    pub reason: String,
}

/// A revision that begins now.
#[derive(Debug)]
pub struct NewRevision<'a> {
    /// Its number, from [`WriteTx::take_revision_number`].
    pub number: u64,
    /// The revision it was made from.
    pub parent: Option<u64>,
    /// What it does.
    pub sentence: &'a str,
    /// What it holds.
    pub ruleset: &'a Ruleset,
}

#[derive(sqlx::FromRow)]
struct RevisionRow {
    number: i64,
    parent: Option<i64>,
    author_kind: String,
    author_id: Option<i64>,
    author_name: Option<String>,
    author_address: Option<String>,
    at: i64,
    sentence: String,
    outcome: String,
    outcome_at: Option<i64>,
    outcome_reason: String,
}

impl TryFrom<RevisionRow> for Revision {
    type Error = Error;

    fn try_from(row: RevisionRow) -> Result<Self, Error> {
        let wrong = |column| Error::Inconsistent { table: "revision", column };
        let (name, address) = (row.author_name.as_deref(), row.author_address.as_deref());
        let ending = Ending::ALL.into_iter().find(|ending| ending.as_str() == row.outcome);
        Ok(Self {
            number: u64::try_from(row.number).map_err(|_| wrong("number"))?,
            parent: row.parent.map(u64::try_from).transpose().map_err(|_| wrong("parent"))?,
            author: actor::printed(&row.author_kind, row.author_id, name, address),
            at: Moment::from_millis(row.at),
            ending: ending.ok_or(wrong("outcome"))?,
            ended_at: row.outcome_at.map(Moment::from_millis),
            sentence: row.sentence,
            reason: row.outcome_reason,
        })
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Store {
    /// Lists revisions, newest first, those before a number if one is given.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_revisions(&self, before: Option<u64>, limit: u32) -> Result<Vec<Revision>, Error> {
        let rows: Vec<RevisionRow> = sqlx::query_as(
            "select number, parent, author_kind, author_id, author_name, author_address, at, sentence, outcome, outcome_at,
                    outcome_reason
             from revision where number < ? order by number desc limit ?",
        )
        .bind(before.map_or(i64::MAX, signed))
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(Revision::try_from).collect()
    }

    /// Finds a revision.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_revision(&self, number: u64) -> Result<Option<Revision>, Error> {
        let row: Option<RevisionRow> = sqlx::query_as(
            "select number, parent, author_kind, author_id, author_name, author_address, at, sentence, outcome, outcome_at,
                    outcome_reason
             from revision where number = ?",
        )
        .bind(signed(number))
        .fetch_optional(&self.readers)
        .await?;
        row.map(Revision::try_from).transpose()
    }

    /// Finds what a revision holds.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn ruleset_of(&self, number: u64) -> Result<Option<Ruleset>, Error> {
        let mut connection = self.readers.begin().await?;
        let row: Option<(String, String)> = sqlx::query_as("select ruleset, contents from revision where number = ?")
            .bind(signed(number))
            .fetch_optional(&mut *connection)
            .await?;
        let Some((ruleset, contents)) = row else { return Ok(None) };
        ruleset_text::load(&mut connection, &RulesetText { ruleset, contents }, "revision").await.map(Some)
    }

    /// Finds what a revision holds but for the entries of its lists, of which there may be a million.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_outline(&self, number: u64) -> Result<Option<Ruleset>, Error> {
        let text: Option<String> = sqlx::query_scalar("select ruleset from revision where number = ?")
            .bind(signed(number))
            .fetch_optional(&self.readers)
            .await?;
        let wrong = |_| Error::Inconsistent { table: "revision", column: "ruleset" };
        text.map(|text| serde_json::from_str(&text).map_err(wrong)).transpose()
    }

    /// Lists the revisions that haven't ended.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_open_revisions(&self) -> Result<Vec<u64>, Error> {
        let numbers: Vec<i64> = sqlx::query_scalar("select number from revision where outcome = 'applied'")
            .fetch_all(&self.readers)
            .await?;
        Ok(numbers.into_iter().filter_map(|number| number.try_into().ok()).collect())
    }

    /// The last revision that was confirmed, as far as the panel knows.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_confirmed(&self) -> Result<Option<u64>, Error> {
        let number: Option<i64> = sqlx::query_scalar("select max(number) from revision where outcome = 'confirmed'")
            .fetch_one(&self.readers)
            .await?;
        Ok(number.and_then(|number| number.try_into().ok()))
    }
}

impl WriteTx {
    /// Gives a number that no revision has had, above `least`.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn take_revision_number(&mut self, least: u64) -> Result<u64, Error> {
        let number: i64 =
            sqlx::query_scalar("update sequence set last = max(last, ?) + 1 where name = 'revision' returning last")
                .bind(signed(least))
                .fetch_one(self.connection())
                .await?;
        number.try_into().map_err(|_| Error::Inconsistent { table: "sequence", column: "last" })
    }

    /// Adds a revision that waits for its confirmation.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn insert_revision(&mut self, revision: &NewRevision<'_>) -> Result<(), Error> {
        let text = ruleset_text::store(self.connection(), revision.ruleset).await?;
        let (actor, now) = (self.actor().clone(), self.now());
        let kind = if matches!(actor, Actor::Stranger { .. }) { Actor::System.kind() } else { actor.kind() };
        sqlx::query(
            "insert into revision (number, parent, author_kind, author_id, author_name, author_address, at, sentence,
                                   ruleset, contents, outcome, outcome_reason)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'applied', '')",
        )
        .bind(signed(revision.number))
        .bind(revision.parent.map(signed))
        .bind(kind)
        .bind(actor.id())
        .bind(actor.name())
        .bind(actor.address())
        .bind(now.as_millis())
        .bind(revision.sentence)
        .bind(text.ruleset)
        .bind(text.contents)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Says how a revision ended. That it was confirmed counts also if another end was written down before.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when it has ended already.
    pub async fn end_revision(&mut self, number: u64, ending: Ending, reason: &str) -> Result<(), Error> {
        let result = sqlx::query(
            "update revision set outcome = ?1, outcome_at = ?2, outcome_reason = ?3
             where number = ?4 and (outcome = 'applied' or ?1 = 'confirmed' and outcome <> 'confirmed')",
        )
        .bind(ending.as_str())
        .bind(self.now().as_millis())
        .bind(reason)
        .bind(signed(number))
        .execute(self.connection())
        .await?;
        ensure_affected(&result, 1)
    }

    /// Says that a revision waits for its confirmation after all.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when it was confirmed, or isn't there.
    pub async fn reopen_revision(&mut self, number: u64) -> Result<(), Error> {
        let result = sqlx::query(
            "update revision set outcome = 'applied', outcome_at = null, outcome_reason = ''
             where number = ? and outcome in ('rolled_back', 'failed')",
        )
        .bind(signed(number))
        .execute(self.connection())
        .await?;
        ensure_affected(&result, 1)
    }
}

impl Upkeep<'_> {
    /// Notes that a revision was kept whose act the log has already.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn note_confirmed(self, number: u64, now: Moment, reason: &str) -> Result<(), Error> {
        sqlx::query(
            "update revision set outcome = 'confirmed', outcome_at = ?, outcome_reason = ?
             where number = ? and outcome = 'applied'",
        )
        .bind(now.as_millis())
        .bind(reason)
        .bind(signed(number))
        .execute(&self.store().writer)
        .await?;
        Ok(())
    }
}
