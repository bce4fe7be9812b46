//! Who knocked, and how often.

mod gather;

use gather::Gathered;

use super::{BlockedFilter, parameters::Parameters, sample};
use crate::{
    firewall::{AddressRange, Moment, blocked::Source},
    store::{Error, Store},
};

/// Sources that are listed; whether few of them make up half can be told from as many.
const LISTED: u32 = 50;

/// Over more seconds than this only the sources that stand out are summed.
const LONG: i64 = 3 * 24 * 3600;

/// What one source sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceSum {
    /// Who.
    pub source: Source,
    /// How many packets.
    pub packets: u64,
}

/// What several sources of a network sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkSum {
    /// A /24 or a /48.
    pub network: AddressRange,
    /// How many sources of it.
    pub sources: u64,
    /// How many packets.
    pub packets: u64,
}

/// Sums over the sources of a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceSums {
    /// How many sources there were; networks that were kept as one count as one. Over many days nobody counts them.
    pub sources: Option<u64>,
    /// What they sent.
    pub packets: u64,
    /// Those that sent most.
    pub most: Vec<SourceSum>,
    /// Networks of several sources that sent most.
    pub networks: Vec<NetworkSum>,
    /// Since when, if there were too many rows to sum all of them.
    pub since: Option<Moment>,
}

impl Store {
    /// Sums what came, by source.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn sum_blocked_sources(&self, filter: &BlockedFilter) -> Result<SourceSums, Error> {
        if filter.is_open() && filter.until.seconds_since(filter.from) > LONG {
            let most = Gathered::read(self.most_by_days(filter).await?)?.sums();
            return Ok(SourceSums { sources: None, packets: 0, ..most });
        }
        if filter.is_open() {
            return Ok(Gathered::read(self.sources_by_roll_ups(filter).await?)?.sums());
        }
        let (wanted, since) = sample::sample(self, filter).await?;
        Ok(SourceSums { since, ..Gathered::read(self.sources_by_rows(&wanted).await?)?.sums() })
    }

    /// One text for each day or hour, so that none gets too long.
    async fn sources_by_roll_ups(&self, filter: &BlockedFilter) -> Result<Vec<Option<String>>, Error> {
        let pieces = sqlx::query_scalar(
            "with allowing (door) as materialized (
                 select door.id from blocked_receipt as receipt cross join blocked_door as door on door.receipt = receipt.id
                 where receipt.action = 'allow'
             )
             select group_concat(hex(source) || ':' || packets) from blocked_source_day
             where day >= ?1 ->> '$.parts.days[0]' and day < ?1 ->> '$.parts.days[1]' group by day
             union all
             select group_concat(hex(source) || ':' || packets) from blocked_source_hour
             where hour >= ?1 ->> '$.parts.early[0]' and hour < ?1 ->> '$.parts.early[1]' group by hour
             union all
             select group_concat(hex(source) || ':' || packets) from blocked_source_hour
             where hour >= ?1 ->> '$.parts.late[0]' and hour < ?1 ->> '$.parts.late[1]' group by hour
             union all
             select group_concat(hex(source) || ':' || count) from blocked
             where id >= ?1 ->> '$.parts.head[0]' and id < ?1 ->> '$.parts.head[1]' and door not in allowing
             union all
             select group_concat(hex(source) || ':' || count) from blocked
             where id >= ?1 ->> '$.parts.tail[0]' and id < ?1 ->> '$.parts.tail[1]' and door not in allowing",
        )
        .bind(Parameters::of(filter).json())
        .fetch_all(&self.readers)
        .await?;
        Ok(pieces)
    }

    /// Sums the sources that were among the first of some day.
    async fn most_by_days(&self, filter: &BlockedFilter) -> Result<Vec<Option<String>>, Error> {
        let wanted = Parameters { limit: LISTED, ..Parameters::of(filter) };
        let pieces = sqlx::query_scalar(
            "with allowing (door) as materialized (
                 select door.id from blocked_receipt as receipt cross join blocked_door as door on door.receipt = receipt.id
                 where receipt.action = 'allow'
             ),
             recent (source, packets) as materialized (
                 select source, sum(packets) from (
                     select source, packets from blocked_source_hour
                     where hour >= ?1 ->> '$.parts.early[0]' and hour < ?1 ->> '$.parts.early[1]'
                     union all
                     select source, packets from blocked_source_hour
                     where hour >= ?1 ->> '$.parts.late[0]' and hour < ?1 ->> '$.parts.late[1]'
                     union all
                     select source, count from blocked
                     where id >= ?1 ->> '$.parts.head[0]' and id < ?1 ->> '$.parts.head[1]' and door not in allowing
                     union all
                     select source, count from blocked
                     where id >= ?1 ->> '$.parts.tail[0]' and id < ?1 ->> '$.parts.tail[1]' and door not in allowing
                 ) group by source
             ),
             day (day) as (
                 select ?1 ->> '$.parts.days[0]' where ?1 ->> '$.parts.days[0]' < ?1 ->> '$.parts.days[1]'
                 union all
                 select day + 1 from day where day + 1 < ?1 ->> '$.parts.days[1]'
             ),
             candidate (source) as materialized (
                 select unhex(value)
                 from day cross join json_each((select json_group_array(hex(source)) from (
                     select source from blocked_source_day indexed by blocked_source_day_by_packets
                     where blocked_source_day.day = day.day order by packets desc limit ?1 ->> 'limit')))
                 union
                 select source from (select source from recent order by packets desc limit ?1 ->> 'limit')
             ),
             whole (source, packets) as materialized (
                 select candidate.source, coalesce(recent.packets, 0) + coalesce((
                         select sum(past.packets)
                         from day cross join blocked_source_day as past on past.day = day.day and past.source = candidate.source
                     ), 0) as packets
                 from candidate left join recent on recent.source = candidate.source
             )
             select group_concat(hex(source) || ':' || packets)
             from (select source, packets from whole order by packets desc limit ?1 ->> 'limit')",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(pieces)
    }

    async fn sources_by_rows(&self, wanted: &Parameters) -> Result<Vec<Option<String>>, Error> {
        let pieces = sqlx::query_scalar(
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
             select group_concat(hex(source) || ':' || count) from blocked indexed by blocked_by_source
             where ?1 ->> 'way' = 'one' and source = unhex(?1 ->> 'source_from')
                 and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
             union all
             select group_concat(hex(source) || ':' || count) from blocked indexed by blocked_by_source
             where ?1 ->> 'way' = 'few' and source >= unhex(?1 ->> 'source_from')
                 and source <= unhex(?1 ->> 'source_until')
                 and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')
                 and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
             union all
             select group_concat(hex(source) || ':' || count) from blocked
             where ?1 ->> 'way' = 'time' and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
                 and (?1 ->> 'source_from' is null
                     or (source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                         and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')))",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(pieces)
    }
}
