//! Who used the ports that listen, for each of the last days.

use std::collections::BTreeMap;

use sqlx::{Sqlite, Transaction};

use super::{Error, Store};
use crate::firewall::{
    Moment,
    listener::Transport,
    usage::{DayUse, Key, MOST_DAYS, MOST_PEERS, MOST_PEERS_IN_ALL, MOST_PORTS, Noted, PortUse, PortUses, day_of},
};

/// Of so many ports something is known, over all days.
const MOST_ROWS: usize = 5 * MOST_PORTS;

/// That a port is watched is written down anew after this time.
const STALE_SECONDS: i64 = 3600;

#[derive(sqlx::FromRow)]
struct PortRow {
    transport: String,
    port: i64,
    watched_since: i64,
    last_used_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    transport: String,
    port: i64,
    day: i64,
    peers: i64,
    more: i64,
}

pub(super) fn transport(text: &str) -> Option<Transport> {
    [Transport::Tcp, Transport::Udp].into_iter().find(|transport| transport.as_str() == text)
}

fn key(transport_text: &str, port: i64) -> Result<Key, Error> {
    let wrong = |column| Error::Inconsistent { table: "port_use", column };
    Ok((transport(transport_text).ok_or(wrong("transport"))?, port.try_into().map_err(|_| wrong("port"))?))
}

impl DayRow {
    fn day(&self) -> DayUse {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        DayUse { day: self.day, peers: count(self.peers).saturating_add(count(self.more)), is_least: self.more > 0 }
    }
}

impl Store {
    /// What is known of every port that was ever watched, as far as it isn't forgotten.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn port_uses(&self) -> Result<PortUses, Error> {
        let days: Vec<DayRow> =
            sqlx::query_as("select transport, port, day, peers, more from port_day order by transport, port, day")
                .fetch_all(&self.readers)
                .await?;
        let mut of_port: BTreeMap<Key, Vec<DayUse>> = BTreeMap::new();
        for row in days {
            of_port.entry(key(&row.transport, row.port)?).or_default().push(row.day());
        }
        let ports: Vec<PortRow> = sqlx::query_as("select transport, port, watched_since, last_used_at from port_use")
            .fetch_all(&self.readers)
            .await?;
        let port_use = |row: PortRow| {
            let (transport, port) = key(&row.transport, row.port)?;
            Ok(PortUse {
                transport,
                port,
                watched_since: Moment::from_millis(row.watched_since),
                last_used_at: row.last_used_at.map(Moment::from_millis),
                days: of_port.remove(&(transport, port)).unwrap_or_default(),
            })
        };
        ports.into_iter().map(port_use).collect()
    }
}

/// Adds what was seen since the last time.
pub(super) async fn note(store: &Store, now: Moment, noted: &[(Key, Noted)]) -> Result<(), Error> {
    let mut transaction = store.writer.begin_with("begin immediate").await?;
    note_ports(&mut transaction, now, noted).await?;
    let day = day_of(now);
    let named: i64 = sqlx::query_scalar("select coalesce(sum(peers), 0) from port_day where day = ?")
        .bind(day)
        .fetch_one(&mut *transaction)
        .await?;
    let mut room = number(MOST_PEERS_IN_ALL).saturating_sub(named);
    for ((transport, port), noted) in noted.iter().filter(|(_, noted)| !noted.peers.is_empty()) {
        let used = Used { transport: transport.as_str(), port: (*port).into(), day };
        room -= used.note_peers(&mut transaction, noted, room).await?;
    }
    Ok(transaction.commit().await?)
}

/// That they are watched and were used; all at once, because there may be thousands.
async fn note_ports(
    transaction: &mut Transaction<'_, Sqlite>,
    now: Moment,
    noted: &[(Key, Noted)],
) -> Result<(), Error> {
    let port = |((transport, port), noted): &(Key, Noted)| {
        (transport.as_str(), *port, noted.last_used_at.map(Moment::as_millis))
    };
    let ports = json(&noted.iter().map(port).collect::<Vec<_>>())?;
    sqlx::query(
        "update port_use set last_watched_at = ?2, last_used_at = coalesce(seen.value ->> 2, last_used_at)
         from json_each(?1) as seen
         where transport = seen.value ->> 0 and port = seen.value ->> 1
             and (seen.value ->> 2 is not null or last_watched_at <= ?3)",
    )
    .bind(&ports)
    .bind(now.as_millis())
    .bind(now.plus_seconds(-STALE_SECONDS).as_millis())
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "insert into port_use (transport, port, watched_since, last_watched_at, last_used_at)
         select value ->> 0, value ->> 1, ?2, ?2, value ->> 2 from json_each(?1)
         where not exists (select 1 from port_use where transport = value ->> 0 and port = value ->> 1)
         limit max(0, ?3 - (select count(*) from port_use))",
    )
    .bind(&ports)
    .bind(now.as_millis())
    .bind(number(MOST_ROWS))
    .execute(&mut **transaction)
    .await?;
    note_day(transaction, day_of(now), &ports).await
}

async fn note_day(transaction: &mut Transaction<'_, Sqlite>, day: i64, ports: &str) -> Result<(), Error> {
    sqlx::query(
        "insert into port_day (transport, port, day)
         select transport, port, ?2 from json_each(?1) as seen join port_use
             on transport = seen.value ->> 0 and port = seen.value ->> 1
         where not exists (
             select 1 from port_day as known
             where known.transport = port_use.transport and known.port = port_use.port and known.day = ?2)
         limit max(0, ?3 - (select count(*) from port_day where day = ?2))",
    )
    .bind(ports)
    .bind(day)
    .bind(number(MOST_PORTS))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Forgets what is older than [`MOST_DAYS`], and days to come, which only a wrong clock has seen.
pub(super) async fn forget(store: &Store, now: Moment) -> Result<(), Error> {
    let today = day_of(now);
    sqlx::query("delete from port_day where day <= ? or day > ?")
        .bind(today - MOST_DAYS)
        .bind(today + 1)
        .execute(&store.writer)
        .await?;
    sqlx::query("delete from port_use where last_watched_at < ?")
        .bind(now.plus_seconds(-MOST_DAYS * 24 * 3600).as_millis())
        .execute(&store.writer)
        .await?;
    Ok(())
}

/// A port that was used on this day.
struct Used {
    transport: &'static str,
    port: i64,
    day: i64,
}

impl Used {
    /// Those for whom there is room get a row; of the others it is known how many came at once at least. Says how many
    /// rows that were.
    async fn note_peers(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        noted: &Noted,
        room: i64,
    ) -> Result<i64, Error> {
        let peers = json(&noted.peers.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let added = self.insert(transaction, &peers, room).await?;
        let more = number(noted.peers.len()) - self.count(transaction, &peers).await? + i64::from(noted.more_came);
        sqlx::query(
            "update port_day set peers = peers + ?4, more = max(more, ?5)
             where day = ?1 and transport = ?2 and port = ?3 and (?4 > 0 or ?5 > more)",
        )
        .bind(self.day)
        .bind(self.transport)
        .bind(self.port)
        .bind(added)
        .bind(more)
        .execute(&mut **transaction)
        .await?;
        Ok(added)
    }

    async fn insert(&self, transaction: &mut Transaction<'_, Sqlite>, peers: &str, room: i64) -> Result<i64, Error> {
        let added = sqlx::query(
            "insert into port_peer (day, transport, port, peer)
             select ?1, ?2, ?3, value from json_each(?4)
             where value not in (select peer from port_peer where day = ?1 and transport = ?2 and port = ?3)
             limit max(0, min(?6, coalesce(
                 (select ?5 - peers from port_day where day = ?1 and transport = ?2 and port = ?3), 0)))",
        )
        .bind(self.day)
        .bind(self.transport)
        .bind(self.port)
        .bind(peers)
        .bind(number(MOST_PEERS))
        .bind(room)
        .execute(&mut **transaction)
        .await?;
        Ok(i64::try_from(added.rows_affected()).unwrap_or(room))
    }

    /// How many of these have a row.
    async fn count(&self, transaction: &mut Transaction<'_, Sqlite>, peers: &str) -> Result<i64, Error> {
        let count = sqlx::query_scalar(
            "select count(*) from json_each(?4)
             where value in (select peer from port_peer where day = ?1 and transport = ?2 and port = ?3)",
        );
        let count = count.bind(self.day).bind(self.transport).bind(self.port).bind(peers);
        Ok(count.fetch_one(&mut **transaction).await?)
    }
}

pub(super) fn json(values: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(values).map_err(|_| Error::Inconsistent { table: "port_use", column: "port" })
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
