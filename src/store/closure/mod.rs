//! Every act that closed ports, and what taking it back needs.

mod values;

pub use values::{ClosedPort, ClosedUnit, Closure, ClosureId, ClosureState, NewClosure};

use super::{Actor, Error, Store, Upkeep, WriteTx, actor, error::ensure_affected};
use crate::firewall::Moment;

#[derive(sqlx::FromRow)]
struct ClosureRow {
    id: i64,
    at: i64,
    author_kind: String,
    author_id: Option<i64>,
    author_name: Option<String>,
    author_address: Option<String>,
    sentence: String,
    ports: String,
    units: String,
    revision: Option<i64>,
    touched: String,
    reverted: bool,
    state: String,
    trouble: String,
    undone_at: Option<i64>,
    undone_by: Option<String>,
}

impl TryFrom<ClosureRow> for Closure {
    type Error = Error;

    fn try_from(row: ClosureRow) -> Result<Self, Error> {
        let wrong = |column| Error::Inconsistent { table: "closure", column };
        let (name, address) = (row.author_name.as_deref(), row.author_address.as_deref());
        Ok(Self {
            id: ClosureId::new(row.id),
            at: Moment::from_millis(row.at),
            author: actor::printed(&row.author_kind, row.author_id, name, address),
            sentence: row.sentence,
            ports: serde_json::from_str(&row.ports).map_err(|_| wrong("ports"))?,
            units: serde_json::from_str(&row.units).map_err(|_| wrong("units"))?,
            revision: row.revision.map(u64::try_from).transpose().map_err(|_| wrong("revision"))?,
            touched: serde_json::from_str(&row.touched).map_err(|_| wrong("touched"))?,
            is_reverted: row.reverted,
            state: ClosureState::ALL.into_iter().find(|state| state.as_str() == row.state).ok_or(wrong("state"))?,
            trouble: row.trouble,
            undone_at: row.undone_at.map(Moment::from_millis),
            undone_by: row.undone_by,
        })
    }
}

impl Store {
    /// Lists acts, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_closures(&self, limit: u32) -> Result<Vec<Closure>, Error> {
        let rows: Vec<ClosureRow> = sqlx::query_as(
            "select id, at, author_kind, author_id, author_name, author_address, sentence, ports, units, revision, touched,
                    reverted, state, trouble, undone_at, undone_by
             from closure order by id desc limit ?",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(Closure::try_from).collect()
    }

    /// Finds an act.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_closure(&self, id: ClosureId) -> Result<Option<Closure>, Error> {
        let row: Option<ClosureRow> = sqlx::query_as(
            "select id, at, author_kind, author_id, author_name, author_address, sentence, ports, units, revision, touched,
                    reverted, state, trouble, undone_at, undone_by
             from closure where id = ?",
        )
        .bind(id.as_i64())
        .fetch_optional(&self.readers)
        .await?;
        row.map(Closure::try_from).transpose()
    }

    /// Lists the acts that are being done or were cut off in the middle, oldest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_closures_under_way(&self) -> Result<Vec<Closure>, Error> {
        let rows: Vec<ClosureRow> = sqlx::query_as(
            "select id, at, author_kind, author_id, author_name, author_address, sentence, ports, units, revision, touched,
                    reverted, state, trouble, undone_at, undone_by
             from closure where state = 'under_way' order by id",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(Closure::try_from).collect()
    }
}

impl WriteTx {
    /// Adds an act that is under way.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn insert_closure(&mut self, closure: &NewClosure<'_>) -> Result<ClosureId, Error> {
        let (author, now) = (self.actor().clone(), self.now());
        let kind = if matches!(author, Actor::Stranger { .. }) { Actor::System.kind() } else { author.kind() };
        let id: i64 = sqlx::query_scalar(
            "insert into closure (at, author_kind, author_id, author_name, author_address, sentence, ports, units, revision,
                                  touched, state)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'under_way') returning id",
        )
        .bind(now.as_millis())
        .bind(kind)
        .bind(author.id())
        .bind(author.name())
        .bind(author.address())
        .bind(closure.sentence)
        .bind(json(&closure.ports))
        .bind(json(&closure.units))
        .bind(closure.revision.map(|number| i64::try_from(number).unwrap_or(i64::MAX)))
        .bind(json(&closure.touched))
        .fetch_one(self.connection())
        .await?;
        Ok(ClosureId::new(id))
    }

    /// Names who takes an act back.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when it was taken back already, or isn't there.
    pub async fn begin_undo(&mut self, id: ClosureId) -> Result<(), Error> {
        let author = self.actor().clone();
        let (name, address) = (author.name(), author.address());
        let by = actor::printed(author.kind(), author.id(), name, address.as_deref());
        let result = sqlx::query(
            "update closure set state = 'partly_undone', undone_at = ?, undone_by = ?
             where id = ? and state in ('done', 'partly', 'partly_undone')",
        )
        .bind(self.now().as_millis())
        .bind(by)
        .bind(id.as_i64())
        .execute(self.connection())
        .await?;
        ensure_affected(&result, 1)
    }
}

impl Upkeep<'_> {
    /// Notes what an act, which the log has already, has come to.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when it isn't there.
    pub async fn note_closure(self, closure: &Closure) -> Result<(), Error> {
        let result = sqlx::query("update closure set units = ?, reverted = ?, state = ?, trouble = ? where id = ?")
            .bind(json(&closure.units))
            .bind(closure.is_reverted)
            .bind(closure.state.as_str())
            .bind(&closure.trouble)
            .bind(closure.id.as_i64())
            .execute(&self.store().writer)
            .await?;
        ensure_affected(&result, 1)
    }
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("these values have a JSON form")
}
