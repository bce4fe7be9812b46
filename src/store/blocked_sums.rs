//! What one batch of rows adds to the roll-ups.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::{Value, json};
use sqlx::{Sqlite, Transaction};

use super::{Error, blocked::day};
use crate::{detect::blocked::Entry, firewall::Action};

/// Two sums.
type Pair = (i64, i64);

#[derive(Default)]
pub(super) struct Sums {
    /// By hour and day, and door: packets and rows.
    hours: BTreeMap<(i64, i64), Pair>,
    days: BTreeMap<(i64, i64), Pair>,
    /// By hour and day, and source: packets turned away and let in.
    source_hours: BTreeMap<(i64, String), Pair>,
    source_days: BTreeMap<(i64, String), Pair>,
    /// By minute and line: packets.
    minutes: BTreeMap<(i64, String), i64>,
}

impl Sums {
    pub(super) fn of(entries: &[Entry], doors: &[i64]) -> Self {
        let mut sums = Self::default();
        for (entry, door) in entries.iter().zip(doors) {
            sums.add(entry, *door);
        }
        sums
    }

    fn add(&mut self, entry: &Entry, door: i64) {
        let (minute, day) = (entry.first.as_millis().div_euclid(60_000), day(entry));
        let hour = minute.div_euclid(60);
        let packets = i64::try_from(entry.unsaved).unwrap_or(i64::MAX);
        let rows = (packets, i64::from(entry.id.is_none()));
        let is_allowed = entry.door.receipt.action == Action::Allow;
        let by_source = if is_allowed { (0, packets) } else { (packets, 0) };
        let source = hex(&entry.source.to_bytes());
        add(self.hours.entry((hour, door)).or_default(), rows);
        add(self.days.entry((day, door)).or_default(), rows);
        add(self.source_hours.entry((hour, source.clone())).or_default(), by_source);
        add(self.source_days.entry((day, source)).or_default(), by_source);
        let line = self.minutes.entry((minute, entry.door.receipt.line.to_string())).or_default();
        *line = line.saturating_add(packets);
    }

    pub(super) async fn write(&self, transaction: &mut Transaction<'_, Sqlite>) -> Result<(), Error> {
        self.write_doors(transaction).await?;
        self.write_sources(transaction).await?;
        self.write_books(transaction).await
    }

    async fn write_doors(&self, transaction: &mut Transaction<'_, Sqlite>) -> Result<(), Error> {
        sqlx::query(
            "insert into blocked_hour (hour, door, packets, entries)
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?) where true
             on conflict do update set packets = packets + excluded.packets, entries = entries + excluded.entries",
        )
        .bind(text(&self.hours))
        .execute(&mut **transaction)
        .await?;
        sqlx::query(
            "insert into blocked_day (day, door, packets, entries)
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?) where true
             on conflict do update set packets = packets + excluded.packets, entries = entries + excluded.entries",
        )
        .bind(text(&self.days))
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    async fn write_sources(&self, transaction: &mut Transaction<'_, Sqlite>) -> Result<(), Error> {
        sqlx::query(
            "insert into blocked_source_hour (hour, source, packets, allowed)
             select value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3 from json_each(?) where true
             on conflict do update set packets = packets + excluded.packets, allowed = allowed + excluded.allowed",
        )
        .bind(text(&self.source_hours))
        .execute(&mut **transaction)
        .await?;
        sqlx::query(
            "insert into blocked_source_day (day, source, packets, allowed)
             select value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3 from json_each(?) where true
             on conflict do update set packets = packets + excluded.packets, allowed = allowed + excluded.allowed",
        )
        .bind(text(&self.source_days))
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    async fn write_books(&self, transaction: &mut Transaction<'_, Sqlite>) -> Result<(), Error> {
        let minutes = self.minutes.iter().map(|((minute, line), packets)| json!([minute, line, packets]));
        let minutes = Value::from(minutes.collect::<Vec<_>>()).to_string();
        sqlx::query(
            "insert into blocked_minute (minute, line, itemised)
             select sum.value ->> 0, line.id, sum.value ->> 2
             from json_each(?) sum join blocked_line line on line.line = sum.value ->> 1 where true
             on conflict do update set itemised = itemised + excluded.itemised",
        )
        .bind(&minutes)
        .execute(&mut **transaction)
        .await?;
        sqlx::query(
            "insert into blocked_account (line, seen, counted, itemised, not_itemised)
             select line.id, -1, 0, sum(sum.value ->> 2), 0
             from json_each(?) sum join blocked_line line on line.line = sum.value ->> 1 where true group by line.id
             on conflict do update set itemised = itemised + excluded.itemised",
        )
        .bind(&minutes)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }
}

fn add(sum: &mut Pair, more: Pair) {
    *sum = (sum.0.saturating_add(more.0), sum.1.saturating_add(more.1));
}

fn text<K: Into<Value> + Clone>(sums: &BTreeMap<(i64, K), Pair>) -> String {
    let row = |((time, key), (one, two)): (&(i64, K), &Pair)| json!([time, key.clone().into(), one, two]);
    Value::from(sums.iter().map(row).collect::<Vec<_>>()).to_string()
}

/// How bytes travel inside JSON.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02X}");
    }
    text
}
