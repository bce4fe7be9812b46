//! Walking the whole chain. Nothing is written, and the program that wrote it needn't run.

use std::{collections::BTreeMap, path::Path};

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::{AuditHead, Broken, PIECE, START, record, record::Record};
use crate::store::{Error, Store, Verb, files, open};

/// What the audit log is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// How many records hold, from the first on.
    pub records: i64,
    /// The newest of them.
    pub head: Option<AuditHead>,
    /// The records up to this one are older than the chain: it vouches for them only since it began.
    pub taken_in: i64,
    /// What breaks the chain first, if anything does.
    pub broken: Option<Broken>,
}

/// Checks the audit log in `state_dir`, also against heads that were logged. The panel may be running.
///
/// # Errors
/// When there is no database, or none with a chain, or it can't be read.
pub async fn verify_audit(state_dir: &Path, logged: &[AuditHead]) -> Result<AuditReport, Error> {
    let options = open::options(&files::existing(state_dir)?).read_only(true);
    let mut connection = options.connect().await?;
    let report = walk(&mut connection, logged).await?;
    connection.close().await?;
    Ok(report)
}

impl Store {
    /// Checks the audit log as of one moment.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn verify_audit(&self) -> Result<AuditReport, Error> {
        walk(&mut *self.readers.acquire().await?, &[]).await
    }
}

async fn walk(connection: &mut SqliteConnection, logged: &[AuditHead]) -> Result<AuditReport, Error> {
    // One transaction is one moment: the panel may be writing.
    let mut moment = Connection::begin(connection).await?;
    let mut walk = Walk::new(logged);
    while walk.report.broken.is_none() {
        let records = record::list(&mut moment, walk.last.id, PIECE).await?;
        if records.is_empty() {
            walk.end(find_last(&mut moment).await?);
            break;
        }
        walk.report.broken = records.iter().find_map(|record| walk.step(record).err());
    }
    Ok(walk.report)
}

/// The highest number that was ever given to a record or a link.
async fn find_last(connection: &mut SqliteConnection) -> Result<i64, Error> {
    let last = sqlx::query_scalar(
        "select max(coalesce((select seq from sqlite_sequence where name = 'audit'), 0),
                    coalesce((select max(id) from audit_link), 0))",
    );
    Ok(last.fetch_one(connection).await?)
}

struct Walk {
    last: AuditHead,
    logged: BTreeMap<i64, Vec<[u8; 32]>>,
    report: AuditReport,
}

impl Walk {
    fn new(heads: &[AuditHead]) -> Self {
        let mut logged: BTreeMap<i64, Vec<[u8; 32]>> = BTreeMap::new();
        for head in heads {
            logged.entry(head.id).or_default().push(head.hash);
        }
        let report = AuditReport { records: 0, head: None, taken_in: 0, broken: None };
        Self { last: AuditHead { id: 0, hash: START }, logged, report }
    }

    /// Numbers are given without a gap: a change that is taken back gives its number back too.
    fn step(&mut self, record: &Record) -> Result<(), Broken> {
        let id = record.id;
        if id != self.last.id + 1 {
            return Err(Broken::Removed { id: self.last.id + 1 });
        }
        let link = record.link(&self.last.hash);
        match &record.hash {
            None => return Err(Broken::Added { id }),
            Some(hash) if hash[..] != link => return Err(Broken::Changed { id }),
            Some(_) => {}
        }
        if self.logged.get(&id).is_some_and(|logged| logged.iter().any(|hash| *hash != link)) {
            return Err(Broken::NotAsLogged { id });
        }
        if record.verb == Verb::BeginAuditChain.as_str() {
            if self.report.taken_in > 0 {
                return Err(Broken::BegunAgain { id });
            }
            self.report.taken_in = self.last.id;
        }
        self.last = AuditHead { id, hash: link };
        (self.report.records, self.report.head) = (id, Some(self.last));
        Ok(())
    }

    fn end(&mut self, last: i64) {
        let logged = self.logged.last_key_value().map_or(0, |(id, _)| *id);
        if last.max(logged) > self.last.id {
            self.report.broken = Some(Broken::CutOff { id: self.last.id + 1 });
        }
    }
}
