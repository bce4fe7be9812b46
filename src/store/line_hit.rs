//! What each line of the ruleset decided, summed over the lives of the kernel's counters.

use super::{Error, Store};
use crate::firewall::{Line, Moment, enforcement::Count};

/// What is known of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineHit {
    /// The line.
    pub line: Line,
    /// Packets that it decided since it is watched.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When it was last seen to have decided one; none if it never was.
    pub last_hit_at: Option<Moment>,
    /// Since when it is watched.
    pub watched_since: Moment,
}

#[derive(sqlx::FromRow)]
struct LineHitRow {
    line: String,
    packets: i64,
    bytes: i64,
    last_hit_at: Option<i64>,
    watched_since: i64,
}

impl TryFrom<LineHitRow> for LineHit {
    type Error = Error;

    fn try_from(row: LineHitRow) -> Result<Self, Error> {
        let wrong = |column| Error::Inconsistent { table: "line_hit", column };
        Ok(Self {
            line: Line::parse(&row.line).map_err(|_| wrong("line"))?,
            packets: row.packets.try_into().map_err(|_| wrong("packets"))?,
            bytes: row.bytes.try_into().map_err(|_| wrong("bytes"))?,
            last_hit_at: row.last_hit_at.map(Moment::from_millis),
            watched_since: Moment::from_millis(row.watched_since),
        })
    }
}

impl Store {
    /// Lists what every line decided that was ever watched.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_line_hits(&self) -> Result<Vec<LineHit>, Error> {
        let rows: Vec<LineHitRow> =
            sqlx::query_as("select line, packets, bytes, last_hit_at, watched_since from line_hit")
                .fetch_all(&self.readers)
                .await?;
        rows.into_iter().map(LineHit::try_from).collect()
    }
}

/// Adds what the counters show to what is known. A counter that shows less than before began anew.
pub(super) async fn note(store: &Store, now: Moment, counts: &[Count]) -> Result<(), Error> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut transaction = store.writer.begin_with("begin immediate").await?;
    for count in counts {
        sqlx::query(
            "insert into line_hit (line, packets, bytes, seen_packets, seen_bytes, last_hit_at, watched_since)
             values (?1, ?2, ?3, ?2, ?3, case when ?2 > 0 then ?4 end, ?4)
             on conflict (line) do update set
                 packets = packets + ?2 - case when ?2 >= seen_packets then seen_packets else 0 end,
                 bytes = bytes + ?3 - case when ?2 >= seen_packets then seen_bytes else 0 end,
                 last_hit_at = case when ?2 > 0 then ?4 else last_hit_at end,
                 seen_packets = ?2,
                 seen_bytes = ?3
             where ?2 <> seen_packets",
        )
        .bind(count.line.to_string())
        .bind(number(count.packets))
        .bind(number(count.bytes))
        .bind(now.as_millis())
        .execute(&mut *transaction)
        .await?;
    }
    Ok(transaction.commit().await?)
}
