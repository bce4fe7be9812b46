//! Who listened where, and when a user last looked.

use super::{
    Error, Store, UserId,
    port_use::{json, transport},
};
use crate::firewall::{
    Moment,
    usage::{ListenerNews, SeenListener},
};

/// So many are remembered.
const MOST: i64 = 5_000;

/// They are forgotten after this time.
const KEPT_SECONDS: i64 = 30 * 24 * 3600;

/// That somebody still listens is written down anew after this time.
const STALE_SECONDS: i64 = 600;

/// A visit ends when its user hasn't looked for so long.
const VISIT_SECONDS: i64 = 30 * 60;

/// A look is written down when the last one written down is older.
const LOOK_SECONDS: i64 = 60;

#[derive(sqlx::FromRow)]
struct SeenRow {
    transport: String,
    port: i64,
    owner: String,
    first_seen_at: i64,
    last_seen_at: i64,
}

impl TryFrom<SeenRow> for SeenListener {
    type Error = Error;

    fn try_from(row: SeenRow) -> Result<Self, Error> {
        let wrong = |column| Error::Inconsistent { table: "seen_listener", column };
        Ok(Self {
            transport: transport(&row.transport).ok_or(wrong("transport"))?,
            port: row.port.try_into().map_err(|_| wrong("port"))?,
            owner: row.owner,
            first_seen_at: Moment::from_millis(row.first_seen_at),
            last_seen_at: Moment::from_millis(row.last_seen_at),
        })
    }
}

impl Store {
    /// What came and went since the user's visit before the one that lasts at `now`. `listens` says what listens now.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_listener_news(
        &self,
        user: UserId,
        now: Moment,
        listens: impl Fn(&SeenListener) -> bool,
    ) -> Result<ListenerNews, Error> {
        let since: Option<Option<i64>> = sqlx::query_scalar(
            "select case when last_look_at <= ?2 then last_look_at else visit_before_at end
             from port_visit where user_id = ?1",
        )
        .bind(user.as_i64())
        .bind(now.plus_seconds(-VISIT_SECONDS).as_millis())
        .fetch_optional(&self.readers)
        .await?;
        let Some(since) = since.flatten().map(Moment::from_millis) else { return Ok(ListenerNews::default()) };
        let rows: Vec<SeenRow> = sqlx::query_as(
            "select transport, port, owner, first_seen_at, last_seen_at from seen_listener
             where first_seen_at > ?1 or last_seen_at > ?2 order by transport, port, owner",
        )
        .bind(since.as_millis())
        .bind(since.plus_seconds(-STALE_SECONDS).as_millis())
        .fetch_all(&self.readers)
        .await?;
        let seen = rows.into_iter().map(SeenListener::try_from).collect::<Result<Vec<_>, _>>()?;
        let (here, away): (Vec<_>, Vec<_>) = seen.into_iter().partition(|seen| listens(seen));
        let new = here.into_iter().filter(|seen| seen.first_seen_at > since).collect();
        let gone = away.into_iter().filter(|seen| seen.first_seen_at <= since).collect();
        Ok(ListenerNews { since: Some(since), new, gone })
    }
}

/// Notes that the user looks at the ports.
pub(super) async fn note_look(store: &Store, user: UserId, now: Moment) -> Result<(), Error> {
    sqlx::query(
        "insert into port_visit (user_id, last_look_at) values (?1, ?2)
         on conflict (user_id) do update set
             visit_before_at = case when last_look_at <= ?3 then last_look_at else visit_before_at end,
             last_look_at = ?2
         where last_look_at <= ?4 or last_look_at > ?2",
    )
    .bind(user.as_i64())
    .bind(now.as_millis())
    .bind(now.plus_seconds(-VISIT_SECONDS).as_millis())
    .bind(now.plus_seconds(-LOOK_SECONDS).as_millis())
    .execute(&store.writer)
    .await?;
    Ok(())
}

/// Notes who listens.
pub(super) async fn note(store: &Store, seen: &[SeenListener]) -> Result<(), Error> {
    let row = |seen: &SeenListener| {
        let (first, last) = (seen.first_seen_at.as_millis(), seen.last_seen_at.as_millis());
        (seen.transport.as_str(), seen.port, seen.owner.clone(), first, last)
    };
    let seen = json(&seen.iter().map(row).collect::<Vec<_>>())?;
    let mut transaction = store.writer.begin_with("begin immediate").await?;
    sqlx::query(
        "update seen_listener set last_seen_at = seen.value ->> 4
         from json_each(?1) as seen
         where transport = seen.value ->> 0 and port = seen.value ->> 1 and owner = seen.value ->> 2
             and last_seen_at <= (seen.value ->> 4) - ?2",
    )
    .bind(&seen)
    .bind(STALE_SECONDS * 1000)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "insert into seen_listener (transport, port, owner, first_seen_at, last_seen_at)
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 from json_each(?1)
         where not exists (
             select 1 from seen_listener
             where transport = value ->> 0 and port = value ->> 1 and owner = value ->> 2)
         limit max(0, ?2 - (select count(*) from seen_listener))",
    )
    .bind(&seen)
    .bind(MOST)
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}

/// Forgets who hasn't listened for long.
pub(super) async fn forget(store: &Store, now: Moment) -> Result<(), Error> {
    sqlx::query("delete from seen_listener where last_seen_at < ?")
        .bind(now.plus_seconds(-KEPT_SECONDS).as_millis())
        .execute(&store.writer)
        .await?;
    Ok(())
}
