//! Who knocked, and how often.

use super::{BlockedFilter, parameters::Parameters, sample};
use crate::{
    firewall::{
        AddressRange, Family, Moment,
        blocked::{Source, address_from_bytes},
    },
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

#[derive(sqlx::FromRow)]
struct SumRow {
    kind: String,
    source: Vec<u8>,
    sources: i64,
    packets: i64,
}

impl Store {
    /// Sums what came, by source.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn sum_blocked_sources(&self, filter: &BlockedFilter) -> Result<SourceSums, Error> {
        if filter.is_open() {
            let is_long = filter.until.seconds_since(filter.from) > LONG;
            let rows = if is_long {
                self.sum_most_by_days(filter).await?
            } else {
                self.sum_sources_by_roll_ups(filter).await?
            };
            return Ok(sums(rows, None));
        }
        let (wanted, since) = sample::sample(self, filter).await?;
        Ok(sums(self.sum_sources_by_rows(Parameters { limit: LISTED, ..wanted }).await?, since))
    }

    async fn sum_sources_by_roll_ups(&self, filter: &BlockedFilter) -> Result<Vec<SumRow>, Error> {
        let wanted = Parameters { limit: LISTED, ..Parameters::of(filter) };
        let rows = sqlx::query_as(
            "with allowing (door) as materialized (
                 select door.id from blocked_receipt as receipt cross join blocked_door as door on door.receipt = receipt.id
                 where receipt.action = 'allow'
             ),
             cell (source, packets) as materialized (
                 select source, packets from blocked_source_day
                 where day >= ?1 ->> '$.parts.days[0]' and day < ?1 ->> '$.parts.days[1]'
                 union all
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
             ),
             whole (source, packets) as materialized (
                 select source, sum(packets) as packets from cell group by source having packets > 0
             )
             select 'all' as kind, x'' as source, count(*) as sources, coalesce(sum(packets), 0) as packets from whole
             union all
             select * from (select 'source', source, 1, packets from whole order by packets desc limit ?1 ->> 'limit')
             union all
             select * from (
                 select 'network', substr(source, 1, case when length(source) <= 4 then 3 else 6 end) as network, count(*) as sources,
                     sum(packets) as packets
                 from whole where length(source) in (3, 4, 8, 16)
                 group by network having sources > 1 order by packets desc limit 5)",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    /// Sums the sources that were among the first of some day.
    async fn sum_most_by_days(&self, filter: &BlockedFilter) -> Result<Vec<SumRow>, Error> {
        let wanted = Parameters { limit: LISTED, ..Parameters::of(filter) };
        let rows = sqlx::query_as(
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
             select * from (select 'source' as kind, source, 1 as sources, packets from whole
                 order by packets desc limit ?1 ->> 'limit')
             union all
             select * from (
                 select 'network', substr(source, 1, case when length(source) <= 4 then 3 else 6 end) as network, count(*) as sources,
                     sum(packets) as packets
                 from whole where length(source) in (3, 4, 8, 16)
                 group by network having sources > 1 order by packets desc limit 5)",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn sum_sources_by_rows(&self, wanted: Parameters) -> Result<Vec<SumRow>, Error> {
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
                     and (receipt.action = ?1 ->> 'treatment' or ?1 ->> 'treatment' = 'away' and receipt.action <> 'allow')
             ),
             whole (source, packets) as materialized (
                 select source, sum(packets) from (
                     select source, count as packets from blocked indexed by blocked_by_source
                     where ?1 ->> 'way' = 'one' and source = unhex(?1 ->> 'source_from')
                         and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
                     union all
                     select source, count from blocked indexed by blocked_by_source
                     where ?1 ->> 'way' = 'few' and source >= unhex(?1 ->> 'source_from')
                         and source <= unhex(?1 ->> 'source_until')
                         and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')
                         and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
                     union all
                     select source, count from blocked
                     where ?1 ->> 'way' = 'time' and id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
                         and (?1 ->> 'source_from' is null
                             or (source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                                 and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')))
                 ) group by source
             )
             select 'all' as kind, x'' as source, count(*) as sources, coalesce(sum(packets), 0) as packets from whole
             union all
             select * from (select 'source', source, 1, packets from whole order by packets desc limit ?1 ->> 'limit')
             union all
             select * from (
                 select 'network', substr(source, 1, case when length(source) <= 4 then 3 else 6 end) as network, count(*) as sources,
                     sum(packets) as packets
                 from whole where length(source) in (3, 4, 8, 16)
                 group by network having sources > 1 order by packets desc limit 5)",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }
}

fn sums(rows: Vec<SumRow>, since: Option<Moment>) -> SourceSums {
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    let mut sums = SourceSums { since, ..SourceSums::default() };
    for row in rows {
        let packets = number(row.packets);
        match row.kind.as_str() {
            // Of "many" the bytes don't tell the family, and nobody can filter by it.
            "source" => {
                let source = Source::from_bytes(&row.source, Family::V4);
                sums.most.extend(source.map(|source| SourceSum { source, packets }));
            }
            "network" => {
                let network = network_of(&row.source);
                sums.networks.extend(network.map(|network| NetworkSum {
                    network,
                    sources: number(row.sources),
                    packets,
                }));
            }
            _ => (sums.sources, sums.packets) = (Some(number(row.sources)), packets),
        }
    }
    sums
}

/// A /24 of three bytes or a /48 of six.
fn network_of(bytes: &[u8]) -> Option<AddressRange> {
    let (width, length) = if bytes.len() == 3 { (4, 24) } else { (16, 48) };
    let mut whole = bytes.to_vec();
    whole.resize(width, 0);
    AddressRange::network(address_from_bytes(&whole)?, length)
}
