//! Rows of what was turned away, with their roll-ups, written together so that they always agree.
//!
//! A batch goes to SQLite as a few JSON texts, one for each table, not as a statement for each row.

use std::collections::{BTreeMap, btree_map};

use serde_json::{Value, json};
use sqlx::{Sqlite, Transaction};

use super::{
    Error, Store,
    blocked_sums::{Sums, hex},
};
use crate::{
    detect::blocked::Entry,
    firewall::{
        InterfaceName,
        blocked::{BlockedId, Door, Source},
    },
};

/// Rows that may begin in one second of the key.
const PER_SECOND: i64 = 1 << 16;

/// Writes new rows and what old ones grew by. Gives the keys, in the order of the entries.
pub(super) async fn note(store: &Store, entries: &[Entry]) -> Result<Vec<BlockedId>, Error> {
    let mut transaction = store.writer.begin_with("begin immediate").await?;
    let doors = note_doors(&mut transaction, entries).await?;
    let ids = choose_ids(&mut transaction, entries).await?;
    let sums = Sums::of(entries, &doors);
    write_rows(&mut transaction, entries, &doors, &ids).await?;
    sums.write(&mut transaction).await?;
    transaction.commit().await?;
    Ok(ids.into_iter().map(BlockedId).collect())
}

/// The number of each entry's door.
async fn note_doors(transaction: &mut Transaction<'_, Sqlite>, entries: &[Entry]) -> Result<Vec<i64>, Error> {
    let mut distinct: Vec<(&Door, i64)> = entries.iter().map(|entry| (&entry.door, day(entry))).collect();
    distinct.sort_unstable();
    distinct.dedup_by_key(|(door, _)| *door);
    let rows: Vec<Value> = distinct.iter().map(|(door, day)| door_json(door, *day)).collect();
    let numbers = write_doors(transaction, &Value::from(rows).to_string()).await?;
    let place = |entry: &Entry| distinct.binary_search_by_key(&&entry.door, |(door, _)| door);
    let number = |entry: &Entry| place(entry).ok().and_then(|place| numbers.get(place)).copied();
    let found: Option<Vec<i64>> = entries.iter().map(number).collect();
    found.ok_or(Error::Inconsistent { table: "blocked_door", column: "id" })
}

fn door_json(door: &Door, day: i64) -> Value {
    let revision = i64::try_from(door.receipt.revision).unwrap_or(i64::MAX);
    let destination = door.destination.map_or(String::new(), |address| hex(&Source::Address(address).to_bytes()));
    json!([
        door.receipt.line.to_string(),
        revision,
        door.receipt.action.as_str(),
        door.family.digit().to_digit(10),
        door.protocol.map_or(-1, i64::from),
        door.port.map_or(-1, i64::from),
        destination,
        name(door.incoming.as_ref()),
        name(door.outgoing.as_ref()),
        day,
        i64::from(door.receipt.is_observed)
    ])
}

fn name(interface: Option<&InterfaceName>) -> &str {
    interface.map_or("", InterfaceName::as_str)
}

async fn write_doors(transaction: &mut Transaction<'_, Sqlite>, doors: &str) -> Result<Vec<i64>, Error> {
    sqlx::query(
        "insert into blocked_line (line) select distinct value ->> 0 from json_each(?) where true on conflict do nothing",
    )
    .bind(doors)
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "insert into blocked_receipt (line, revision, action, observed)
         select distinct line.id, door.value ->> 1, door.value ->> 2, door.value ->> 10
         from json_each(?) door join blocked_line line on line.line = door.value ->> 0
         where true on conflict do nothing",
    )
    .bind(doors)
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "insert into blocked_interface (name)
         select value ->> 7 from json_each(?1) union select value ->> 8 from json_each(?1)
         where true on conflict do nothing",
    )
    .bind(doors)
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "insert into blocked_door (receipt, family, protocol, port, destination, incoming, outgoing, last_day)
         select receipt.id, door.value ->> 3, door.value ->> 4, door.value ->> 5, unhex(door.value ->> 6), incoming.id,
             outgoing.id, door.value ->> 9
         from json_each(?) door
             join blocked_line line on line.line = door.value ->> 0
             join blocked_receipt receipt on receipt.line = line.id and receipt.revision = door.value ->> 1
                 and receipt.action = door.value ->> 2
             join blocked_interface incoming on incoming.name = door.value ->> 7
             join blocked_interface outgoing on outgoing.name = door.value ->> 8
         where true
         on conflict (receipt, protocol, port, destination, incoming, outgoing, family)
         do update set last_day = excluded.last_day where last_day < excluded.last_day",
    )
    .bind(doors)
    .execute(&mut **transaction)
    .await?;
    let numbers = sqlx::query_scalar(
        "select found.id
         from json_each(?) door
             join blocked_line line on line.line = door.value ->> 0
             join blocked_receipt receipt on receipt.line = line.id and receipt.revision = door.value ->> 1
                 and receipt.action = door.value ->> 2
             join blocked_interface incoming on incoming.name = door.value ->> 7
             join blocked_interface outgoing on outgoing.name = door.value ->> 8
             join blocked_door found on found.receipt = receipt.id and found.protocol = door.value ->> 4
                 and found.port = door.value ->> 5 and found.destination = unhex(door.value ->> 6)
                 and found.incoming = incoming.id and found.outgoing = outgoing.id and found.family = door.value ->> 3
         order by door.key",
    )
    .bind(doors)
    .fetch_all(&mut **transaction)
    .await?;
    Ok(numbers)
}

/// Old rows keep their keys. New ones follow what is there of their second; when that is full, of the next one.
async fn choose_ids(transaction: &mut Transaction<'_, Sqlite>, entries: &[Entry]) -> Result<Vec<i64>, Error> {
    let mut free = BTreeMap::new();
    let mut ids = Vec::with_capacity(entries.len());
    for entry in entries {
        if let Some(id) = entry.id {
            ids.push(id.0);
            continue;
        }
        let mut second = BlockedId::first_of(entry.first).0;
        loop {
            if let btree_map::Entry::Vacant(place) = free.entry(second) {
                place.insert(first_free(transaction, second).await?);
            }
            match free.get_mut(&second) {
                Some(next) if *next < second + PER_SECOND => {
                    ids.push(*next);
                    *next += 1;
                    break;
                }
                _ => second += PER_SECOND,
            }
        }
    }
    Ok(ids)
}

async fn first_free(transaction: &mut Transaction<'_, Sqlite>, second: i64) -> Result<i64, Error> {
    let last: Option<i64> = sqlx::query_scalar("select max(id) from blocked where id >= ?1 and id < ?1 + 65536")
        .bind(second)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(last.map_or(second, |last| last + 1))
}

async fn write_rows(
    transaction: &mut Transaction<'_, Sqlite>,
    entries: &[Entry],
    doors: &[i64],
    ids: &[i64],
) -> Result<(), Error> {
    let rows = |is_new: bool| {
        let all = entries.iter().zip(doors).zip(ids).filter(|((entry, _), _)| entry.id.is_none() == is_new);
        Value::from(all.map(|((entry, door), id)| row_json(entry, *door, *id)).collect::<Vec<_>>()).to_string()
    };
    sqlx::query(
        "insert into blocked (id, door, source, source_port, count, span)
         select value ->> 0, value ->> 1, unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5 from json_each(?)",
    )
    .bind(rows(true))
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "update blocked set source_port = grown.value ->> 3, count = grown.value ->> 4, span = grown.value ->> 5
         from json_each(?) grown where blocked.id = grown.value ->> 0",
    )
    .bind(rows(false))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn row_json(entry: &Entry, door: i64, id: i64) -> Value {
    let port = entry.source_port.map_or(-1, i64::from);
    let count = i64::try_from(entry.count).unwrap_or(i64::MAX);
    let span = entry.last.seconds_since(entry.first).clamp(0, 59);
    json!([id, door, hex(&entry.source.to_bytes()), port, count, span])
}

pub(super) const fn day(entry: &Entry) -> i64 {
    entry.first.as_millis().div_euclid(86_400_000)
}
