//! Forgetting what is old, a little at a time, so that nobody waits for it. SQLite uses the room again.

use sqlx::{Sqlite, Transaction};

use super::{Error, Store};
use crate::firewall::{Moment, blocked::BlockedId};

/// Rows of one table that one step forgets at most.
const STEP: i64 = 1000;

/// How long hours are kept by source.
const SOURCE_HOURS: i64 = 8 * 24;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

pub(super) async fn step(store: &Store, now: Moment, before: Moment, most: u64) -> Result<bool, Error> {
    let mut transaction = store.writer.begin_with("begin immediate").await?;
    let is_too_large = bytes_in_use(&mut transaction).await? > i64::try_from(most).unwrap_or(i64::MAX);
    let rows =
        delete_rows(&mut transaction, if is_too_large { i64::MAX } else { BlockedId::first_of(before).0 }).await?;
    let oldest: Option<i64> = sqlx::query_scalar("select min(id) from blocked").fetch_one(&mut *transaction).await?;
    // What is told of sources goes with the rows: in a flood there are as many.
    let sources = oldest.map_or(before, |oldest| BlockedId(oldest).moment().max(before));
    let deleted = [
        rows,
        delete_doors(&mut transaction, before).await?,
        delete_sources(&mut transaction, now, sources).await?,
        delete_minutes(&mut transaction, before).await?,
    ];
    transaction.commit().await?;
    Ok(deleted.into_iter().any(|deleted| deleted >= STEP.unsigned_abs()))
}

async fn bytes_in_use(transaction: &mut Transaction<'_, Sqlite>) -> Result<i64, Error> {
    let bytes = sqlx::query_scalar(
        "select (page_count - freelist_count) * page_size
         from pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    )
    .fetch_one(&mut **transaction)
    .await?;
    Ok(bytes)
}

async fn delete_rows(transaction: &mut Transaction<'_, Sqlite>, end: i64) -> Result<u64, Error> {
    let deleted =
        sqlx::query("delete from blocked where id in (select id from blocked where id < ? order by id limit ?)")
            .bind(end)
            .bind(STEP)
            .execute(&mut **transaction)
            .await?;
    Ok(deleted.rows_affected())
}

/// What is kept by door, and doors at which nobody knocked since.
async fn delete_doors(transaction: &mut Transaction<'_, Sqlite>, before: Moment) -> Result<u64, Error> {
    let hours = sqlx::query(
        "delete from blocked_hour where (hour, door) in (select hour, door from blocked_hour where hour < ? limit ?)",
    )
    .bind(before.as_millis().div_euclid(HOUR))
    .bind(STEP)
    .execute(&mut **transaction)
    .await?;
    let days = sqlx::query(
        "delete from blocked_day where (day, door) in (select day, door from blocked_day where day < ? limit ?)",
    )
    .bind(before.as_millis().div_euclid(DAY))
    .bind(STEP)
    .execute(&mut **transaction)
    .await?;
    let doors = sqlx::query(
        "delete from blocked_door where id in (select id from blocked_door where last_day < ?1 limit ?2)
             and not exists (select 1 from blocked_day where day < ?1)
             and not exists (select 1 from blocked where id < ?1 * 86400 * 65536)",
    )
    .bind(before.as_millis().div_euclid(DAY))
    .bind(STEP)
    .execute(&mut **transaction)
    .await?;
    Ok(hours.rows_affected().max(days.rows_affected()).max(doors.rows_affected()))
}

async fn delete_sources(transaction: &mut Transaction<'_, Sqlite>, now: Moment, before: Moment) -> Result<u64, Error> {
    let oldest_hour = now.as_millis().div_euclid(HOUR) - SOURCE_HOURS;
    let hours = sqlx::query(
        "delete from blocked_source_hour where (hour, source) in
             (select hour, source from blocked_source_hour where hour < ? limit ?)",
    )
    .bind(before.as_millis().div_euclid(HOUR).max(oldest_hour))
    .bind(STEP)
    .execute(&mut **transaction)
    .await?;
    let days = sqlx::query(
        "delete from blocked_source_day where (day, source) in
             (select day, source from blocked_source_day where day < ? limit ?)",
    )
    .bind(before.as_millis().div_euclid(DAY))
    .bind(STEP)
    .execute(&mut **transaction)
    .await?;
    Ok(hours.rows_affected().max(days.rows_affected()))
}

async fn delete_minutes(transaction: &mut Transaction<'_, Sqlite>, before: Moment) -> Result<u64, Error> {
    let minutes = sqlx::query(
        "delete from blocked_minute where (minute, line) in
             (select minute, line from blocked_minute where minute < ? limit ?)",
    )
    .bind(before.as_millis().div_euclid(60_000))
    .bind(STEP)
    .execute(&mut **transaction)
    .await?;
    Ok(minutes.rows_affected())
}
