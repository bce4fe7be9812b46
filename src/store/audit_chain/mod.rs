//! The chain through the audit log: each record has a link, the SHA-256 of the link before and of all that the record
//! says. Who changes, removes or slips in a record breaks it from there on; who writes it anew from some record on gets
//! other links than those that were logged.

mod broken;
mod head;
mod record;
mod verify;

pub use broken::Broken;
pub use head::AuditHead;
pub use verify::{AuditReport, verify_audit};

use sqlx::SqliteConnection;

use super::{Actor, Entry, Error, Verb, audit};
use crate::firewall::Moment;

/// Records that are read at once.
const PIECE: i64 = 1000;

/// The link before the first.
const START: [u8; 32] = [0; 32];

/// Links the record that was just written to those before. The transaction is the only writer, so no two records can
/// follow the same one.
pub(super) async fn append(connection: &mut SqliteConnection, id: i64) -> Result<AuditHead, Error> {
    let before = find_head(connection).await?;
    let record = record::list(connection, id - 1, 1).await?.into_iter().find(|record| record.id == id);
    let record = record.ok_or(Error::Inconsistent { table: "audit", column: "id" })?;
    let head = AuditHead { id, hash: record.link(&before.map_or(START, |head| head.hash)) };
    insert(connection, head).await?;
    Ok(head)
}

/// Takes records that no link vouches for into a chain that is yet to begin, and writes down that this was done. Only a
/// database from before the chain has such records, or one whose links were taken away.
pub(super) async fn begin(connection: &mut SqliteConnection, now: Moment) -> Result<(), Error> {
    if find_head(connection).await?.is_some() {
        return Ok(());
    }
    let mut head = AuditHead { id: 0, hash: START };
    loop {
        let records = record::list(connection, head.id, PIECE).await?;
        for record in &records {
            head = AuditHead { id: record.id, hash: record.link(&head.hash) };
            insert(connection, head).await?;
        }
        if records.is_empty() {
            break;
        }
    }
    if head.id > 0 {
        let entry = Entry::done(Verb::BeginAuditChain, format!("records up to {}", head.id));
        let id = audit::insert_row(connection, now, &Actor::System, &entry).await?;
        append(connection, id).await?;
    }
    Ok(())
}

async fn find_head(connection: &mut SqliteConnection) -> Result<Option<AuditHead>, Error> {
    let row: Option<(i64, Vec<u8>)> =
        sqlx::query_as("select id, hash from audit_link order by id desc limit 1").fetch_optional(connection).await?;
    row.map(|(id, hash)| AuditHead::from_row(id, &hash)).transpose()
}

async fn insert(connection: &mut SqliteConnection, head: AuditHead) -> Result<(), Error> {
    sqlx::query("insert into audit_link (id, hash) values (?, ?)")
        .bind(head.id)
        .bind(head.hash.to_vec())
        .execute(connection)
        .await?;
    Ok(())
}
