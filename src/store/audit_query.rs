//! Reading the audit log, newest first. Every restriction is part of one statement, so that a page is one read.

use std::net::IpAddr;

use super::{Error, Store};
use crate::firewall::Moment;

/// Which records are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// A user's name, also one that somebody tried to sign in with; or `console`, `stranger` or `system`.
    pub who: Option<String>,
    /// From where.
    pub address: Option<IpAddr>,
    /// What was done, as it is stored.
    pub verb: Option<String>,
    /// Whether only what was refused.
    pub is_refused: bool,
    /// Not before.
    pub from: Option<Moment>,
    /// Before.
    pub until: Option<Moment>,
}

/// A record of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Moment,
    /// Who, in words.
    pub who: String,
    /// From where.
    pub address: Option<String>,
    /// By what he had proved who he is; empty where nothing was proved.
    pub strength: String,
    /// What was done, as it is stored.
    pub verb: String,
    /// To what.
    pub subject: String,
    /// What else there is to say.
    pub detail: String,
    /// A value before and after.
    pub change: Option<(String, String)>,
    /// Whether it was refused.
    pub is_refused: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: i64,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_name: Option<String>,
    address: Option<String>,
    strength: String,
    verb: String,
    subject: String,
    detail: String,
    before_value: Option<String>,
    after_value: Option<String>,
    outcome: String,
}

impl From<Row> for AuditRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at: Moment::from_millis(row.at),
            who: who(&row.actor_kind, row.actor_id, row.actor_name),
            address: row.address,
            strength: row.strength,
            verb: row.verb,
            subject: row.subject,
            detail: row.detail,
            change: row.before_value.zip(row.after_value),
            is_refused: row.outcome == "refused",
        }
    }
}

fn who(kind: &str, id: Option<i64>, name: Option<String>) -> String {
    match (kind, id, name) {
        ("user", _, Some(name)) => name,
        ("console", Some(0), _) => "root on the console".to_owned(),
        ("console", Some(uid), _) => format!("user {uid} on the console"),
        ("stranger", ..) => "a stranger".to_owned(),
        _ => "Portreeve".to_owned(),
    }
}

impl Store {
    /// Up to `most` records below a number, or the newest, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_audit(
        &self,
        wanted: &AuditFilter,
        below: Option<i64>,
        most: u32,
    ) -> Result<Vec<AuditRecord>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, at, actor_kind, actor_id, actor_name, address, strength, verb, subject, detail, before_value,
                    after_value, outcome
             from audit
             where id < ?1
               and (?2 is null or actor_name = ?2 collate nocase or actor_kind = lower(?2)
                    or verb = 'sign_in' and subject = ?2 collate nocase)
               and (?3 is null or address = ?3)
               and (?4 is null or verb = ?4)
               and (not ?5 or outcome = 'refused')
               and (?6 is null or at >= ?6)
               and (?7 is null or at < ?7)
             order by id desc limit ?8",
        )
        .bind(below.unwrap_or(i64::MAX))
        .bind(&wanted.who)
        .bind(wanted.address.map(|address| address.to_string()))
        .bind(&wanted.verb)
        .bind(wanted.is_refused)
        .bind(wanted.from.map(Moment::as_millis))
        .bind(wanted.until.map(Moment::as_millis))
        .bind(most)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(AuditRecord::from).collect())
    }

    /// Every verb that the log has, and the number of its newest record.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn describe_audit(&self) -> Result<(Vec<String>, i64), Error> {
        let mut connection = self.readers.acquire().await?;
        let verbs = sqlx::query_scalar("select distinct verb from audit order by verb");
        let verbs = verbs.fetch_all(&mut *connection).await?;
        let newest = sqlx::query_scalar("select coalesce(max(id), 0) from audit");
        Ok((verbs, newest.fetch_one(&mut *connection).await?))
    }
}
