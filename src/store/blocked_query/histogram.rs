//! How many packets came when.

use super::{BlockedFilter, parameters::Parameters, sample};
use crate::{
    firewall::Moment,
    store::{Error, Store},
};

const HOUR: i64 = 3600;

/// Lengths of a bar in seconds. From an hour on they hold whole hours or days.
const LENGTHS: [i64; 8] = [60, 300, 600, 1800, HOUR, 4 * HOUR, 24 * HOUR, 7 * 24 * HOUR];

/// A histogram has about so many bars.
const BARS: i64 = 96;

/// The books are kept by minute; over more minutes than this they are asked by hour and door instead.
const MINUTES: i64 = 8 * 24 * 60;

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// When it begins.
    pub from: Moment,
    /// Its length in seconds.
    pub seconds: i64,
    /// Packets that rows tell of.
    pub packets: u64,
    /// Packets that the kernel counted beyond them.
    pub not_itemised: u64,
}

#[derive(sqlx::FromRow)]
struct BarRow {
    bar: i64,
    packets: i64,
    not_itemised: i64,
}

/// The length of the bars of a time.
fn length(seconds: i64) -> i64 {
    LENGTHS.into_iter().find(|length| seconds / length <= BARS).unwrap_or(LENGTHS[LENGTHS.len() - 1])
}

impl Store {
    /// Counts packets over time, in bars without a gap. The bars begin at whole multiples of their length, so the first
    /// and the last may be cut.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn draw_blocked(&self, filter: &BlockedFilter) -> Result<Vec<Bar>, Error> {
        let seconds = filter.until.seconds_since(filter.from);
        let length = length(seconds);
        let rows = if filter.is_open() && seconds / 60 <= MINUTES {
            self.bars_by_minute(&Parameters { bar: length, ..Parameters::of(filter) }).await?
        } else if filter.sources.is_none() && length >= HOUR {
            self.bars_by_roll_ups(&Parameters { bar: length, ..Parameters::of(filter) }).await?
        } else {
            let (wanted, _) = sample::sample(self, filter).await?;
            self.bars_by_rows(&Parameters { bar: length, ..wanted }).await?
        };
        Ok(bars(filter, length, &rows))
    }

    /// Sums what the kernel counted beyond the rows.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn sum_not_itemised(&self, filter: &BlockedFilter) -> Result<u64, Error> {
        let sum: i64 = sqlx::query_scalar(
            "select coalesce(sum(not_itemised), 0) from blocked_minute
             where minute >= (?1 ->> 'from' >> 16) / 60 and minute < ((?1 ->> 'until' >> 16) + 59) / 60
                 and (?1 ->> 'line' is null or line = (select id from blocked_line where line = ?1 ->> 'line'))",
        )
        .bind(Parameters::of(filter).json())
        .fetch_one(&self.readers)
        .await?;
        Ok(u64::try_from(sum).unwrap_or(0))
    }

    async fn bars_by_minute(&self, wanted: &Parameters) -> Result<Vec<BarRow>, Error> {
        let rows = sqlx::query_as(
            "select minute * 60 / (?1 ->> 'bar') as bar, sum(itemised) as packets, sum(not_itemised) as not_itemised
             from blocked_minute
             where minute >= (?1 ->> 'from' >> 16) / 60 and minute < ((?1 ->> 'until' >> 16) + 59) / 60
                 and line not in (select line from blocked_receipt where action = 'allow')
             group by bar",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn bars_by_roll_ups(&self, wanted: &Parameters) -> Result<Vec<BarRow>, Error> {
        let rows = sqlx::query_as(
            "with fitting (door) as materialized (
                 select door.id
                 from blocked_door as door cross join blocked_receipt as receipt on receipt.id = door.receipt
                 where (?1 ->> 'port' is null or door.port = ?1 ->> 'port')
                     and (?1 ->> 'protocol' is null or door.protocol = ?1 ->> 'protocol')
                     and (?1 ->> 'line' is null
                         or receipt.line = (select id from blocked_line where line = ?1 ->> 'line'))
                     and (?1 ->> 'interface' is null
                         or door.incoming = (select id from blocked_interface where name = ?1 ->> 'interface'))
                     and (receipt.treatment = ?1 ->> 'treatment' or ?1 ->> 'treatment' = 'away' and receipt.action <> 'allow')
             ),
             cell (second, packets) as materialized (
                 select day * 86400, packets from blocked_day
                 where ?1 ->> 'bar' >= 86400 and day >= ?1 ->> '$.parts.days[0]' and day < ?1 ->> '$.parts.days[1]'
                     and door in fitting
                 union all
                 select hour * 3600, packets from blocked_hour
                 where ?1 ->> 'bar' < 86400 and hour >= ?1 ->> '$.parts.days[0]' * 24 and hour < ?1 ->> '$.parts.days[1]' * 24
                     and door in fitting
                 union all
                 select hour * 3600, packets from blocked_hour
                 where hour >= ?1 ->> '$.parts.early[0]' and hour < ?1 ->> '$.parts.early[1]' and door in fitting
                 union all
                 select hour * 3600, packets from blocked_hour
                 where hour >= ?1 ->> '$.parts.late[0]' and hour < ?1 ->> '$.parts.late[1]' and door in fitting
                 union all
                 select id >> 16, count from blocked
                 where id >= ?1 ->> '$.parts.head[0]' and id < ?1 ->> '$.parts.head[1]' and door in fitting
                 union all
                 select id >> 16, count from blocked
                 where id >= ?1 ->> '$.parts.tail[0]' and id < ?1 ->> '$.parts.tail[1]' and door in fitting
             )
             select second / (?1 ->> 'bar') as bar, sum(packets) as packets, 0 as not_itemised from cell group by bar",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn bars_by_rows(&self, wanted: &Parameters) -> Result<Vec<BarRow>, Error> {
        let rows = sqlx::query_as(
            "with fitting (door) as materialized (
                 select door.id
                 from blocked_door as door cross join blocked_receipt as receipt on receipt.id = door.receipt
                 where (?1 ->> 'port' is null or door.port = ?1 ->> 'port')
                     and (?1 ->> 'protocol' is null or door.protocol = ?1 ->> 'protocol')
                     and (?1 ->> 'line' is null
                         or receipt.line = (select id from blocked_line where line = ?1 ->> 'line'))
                     and (?1 ->> 'interface' is null
                         or door.incoming = (select id from blocked_interface where name = ?1 ->> 'interface'))
                     and (receipt.treatment = ?1 ->> 'treatment' or ?1 ->> 'treatment' = 'away' and receipt.action <> 'allow')
             )
             select (id >> 16) / (?1 ->> 'bar') as bar, sum(packets) as packets, 0 as not_itemised from (
                 select id, count as packets from blocked indexed by blocked_by_source
                 where ?1 ->> 'way' = 'one' and source = unhex(?1 ->> 'source_from')
                     and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
                 union all
                 select id, count from blocked indexed by blocked_by_source
                 where ?1 ->> 'way' = 'few' and source >= unhex(?1 ->> 'source_from')
                     and source <= unhex(?1 ->> 'source_until')
                     and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')
                     and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
                 union all
                 select id, count from blocked
                 where ?1 ->> 'way' = 'time' and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
                     and (?1 ->> 'source_from' is null
                         or (source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                             and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')))
             ) group by bar",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }
}

/// Every bar of the time, the empty ones included.
fn bars(filter: &BlockedFilter, length: i64, rows: &[BarRow]) -> Vec<Bar> {
    let second = |moment: Moment| moment.as_millis().div_euclid(1000);
    let (first, last) = (second(filter.from).div_euclid(length), (second(filter.until) - 1).div_euclid(length));
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    let bar = |place: i64| {
        let row = rows.iter().find(|row| row.bar == place);
        Bar {
            from: Moment::from_millis(place.saturating_mul(length).saturating_mul(1000)),
            seconds: length,
            packets: row.map_or(0, |row| number(row.packets)),
            not_itemised: row.map_or(0, |row| number(row.not_itemised)),
        }
    };
    (first..=last).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_neither_too_many_nor_too_few() {
        for (seconds, expected) in [
            (60, 60),
            (HOUR, 60),
            (24 * HOUR, 1800),
            (7 * 24 * HOUR, 4 * HOUR),
            (30 * 24 * HOUR, 24 * HOUR),
            (365 * 24 * HOUR, 7 * 24 * HOUR),
        ] {
            assert_eq!(length(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn empty_bars_stand_between_full_ones() {
        let at = |second: i64| Moment::from_millis(second * 1000);
        let filter = BlockedFilter::between(at(90), at(361));
        let rows = [BarRow { bar: 3, packets: 7, not_itemised: 2 }];
        let bars = bars(&filter, 60, &rows);
        assert_eq!(bars.iter().map(|bar| bar.packets).collect::<Vec<_>>(), [0, 0, 7, 0, 0, 0]);
        assert_eq!((bars[0].from, bars[2].not_itemised), (at(60), 2));
    }
}
