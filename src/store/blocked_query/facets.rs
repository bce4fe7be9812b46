//! How many packets came to which port, by which protocol and interface, and which line answered.

use super::{BlockedFilter, parameters::Parameters, sample};
use crate::{
    firewall::{InterfaceName, Line, Moment},
    store::{Error, Store},
};

/// Packets that came to one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortSum {
    /// The number of the protocol; none where several were put together.
    pub protocol: Option<u8>,
    /// The port, or for ICMP type * 256 + code.
    pub port: Option<u16>,
    /// How many.
    pub packets: u64,
}

/// Sums over the doors of a filter, each list with the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoorSums {
    /// All packets.
    pub packets: u64,
    /// By port.
    pub ports: Vec<PortSum>,
    /// By number of the protocol.
    pub protocols: Vec<(Option<u8>, u64)>,
    /// By the line that decided.
    pub lines: Vec<(Line, u64)>,
    /// By interface.
    pub interfaces: Vec<(InterfaceName, u64)>,
    /// Since when, if there were too many rows to sum all of them.
    pub since: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct SumRow {
    kind: String,
    protocol: i64,
    port: i64,
    name: String,
    packets: i64,
}

impl Store {
    /// Sums what came, by door.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn sum_blocked_doors(&self, filter: &BlockedFilter) -> Result<DoorSums, Error> {
        if filter.sources.is_none() {
            return Ok(sums(self.sum_doors_by_roll_ups(filter).await?, None));
        }
        let (wanted, since) = sample::sample(self, filter).await?;
        Ok(sums(self.sum_doors_by_rows(&wanted).await?, since))
    }

    async fn sum_doors_by_roll_ups(&self, filter: &BlockedFilter) -> Result<Vec<SumRow>, Error> {
        let rows = sqlx::query_as(
            "with cell (door, packets) as materialized (
                 select door, packets from blocked_day where day >= ?1 ->> '$.parts.days[0]' and day < ?1 ->> '$.parts.days[1]'
                 union all
                 select door, packets from blocked_hour
                 where hour >= ?1 ->> '$.parts.early[0]' and hour < ?1 ->> '$.parts.early[1]'
                 union all
                 select door, packets from blocked_hour
                 where hour >= ?1 ->> '$.parts.late[0]' and hour < ?1 ->> '$.parts.late[1]'
                 union all
                 select door, count from blocked where id >= ?1 ->> '$.parts.head[0]' and id < ?1 ->> '$.parts.head[1]'
                 union all
                 select door, count from blocked where id >= ?1 ->> '$.parts.tail[0]' and id < ?1 ->> '$.parts.tail[1]'
             ),
             whole (door, packets) as materialized (select door, sum(packets) from cell group by door),
             fact (protocol, port, line, incoming, packets) as materialized (
                 select door.protocol, door.port, receipt.line, door.incoming, sum(whole.packets)
                 from whole cross join blocked_door as door on door.id = whole.door
                     cross join blocked_receipt as receipt on receipt.id = door.receipt
                 where (?1 ->> 'port' is null or door.port = ?1 ->> 'port')
                     and (?1 ->> 'protocol' is null or door.protocol = ?1 ->> 'protocol')
                     and (?1 ->> 'line' is null
                         or receipt.line = (select id from blocked_line where line = ?1 ->> 'line'))
                     and (?1 ->> 'interface' is null
                         or door.incoming = (select id from blocked_interface where name = ?1 ->> 'interface'))
                     and (receipt.treatment = ?1 ->> 'treatment' or ?1 ->> 'treatment' = 'away' and receipt.action <> 'allow')
                 group by 1, 2, 3, 4
             )
             select * from (select 'port' as kind, protocol, port, '' as name, sum(packets) as packets
                 from fact group by protocol, port order by packets desc limit 10)
             union all
             select * from (select 'protocol', protocol, -1, '', sum(packets) as packets
                 from fact group by protocol order by packets desc limit 10)
             union all
             select * from (select 'line', -1, -1, (select line from blocked_line where id = fact.line), sum(packets) as packets
                 from fact group by line order by packets desc limit 10)
             union all
             select * from (select 'interface', -1, -1, (select name from blocked_interface where id = fact.incoming),
                     sum(packets) as packets
                 from fact group by incoming order by packets desc limit 10)
             union all
             select 'all', -1, -1, '', coalesce(sum(packets), 0) from fact",
        )
        .bind(Parameters::of(filter).json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn sum_doors_by_rows(&self, wanted: &Parameters) -> Result<Vec<SumRow>, Error> {
        let rows = sqlx::query_as(
            "with whole (door, packets) as materialized (
                 select door, sum(packets) from (
                     select door, count as packets from blocked indexed by blocked_by_source
                     where ?1 ->> 'way' = 'one' and source = unhex(?1 ->> 'source_from')
                         and id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                     union all
                     select door, count from blocked indexed by blocked_by_source
                     where ?1 ->> 'way' = 'few' and source >= unhex(?1 ->> 'source_from')
                         and source <= unhex(?1 ->> 'source_until')
                         and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')
                         and id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                     union all
                     select door, count from blocked
                     where ?1 ->> 'way' = 'time' and id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                         and source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                         and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')
                 ) group by door
             ),
             fact (protocol, port, line, incoming, packets) as materialized (
                 select door.protocol, door.port, receipt.line, door.incoming, sum(whole.packets)
                 from whole cross join blocked_door as door on door.id = whole.door
                     cross join blocked_receipt as receipt on receipt.id = door.receipt
                 where (?1 ->> 'port' is null or door.port = ?1 ->> 'port')
                     and (?1 ->> 'protocol' is null or door.protocol = ?1 ->> 'protocol')
                     and (?1 ->> 'line' is null
                         or receipt.line = (select id from blocked_line where line = ?1 ->> 'line'))
                     and (?1 ->> 'interface' is null
                         or door.incoming = (select id from blocked_interface where name = ?1 ->> 'interface'))
                     and (receipt.treatment = ?1 ->> 'treatment' or ?1 ->> 'treatment' = 'away' and receipt.action <> 'allow')
                 group by 1, 2, 3, 4
             )
             select * from (select 'port' as kind, protocol, port, '' as name, sum(packets) as packets
                 from fact group by protocol, port order by packets desc limit 10)
             union all
             select * from (select 'protocol', protocol, -1, '', sum(packets) as packets
                 from fact group by protocol order by packets desc limit 10)
             union all
             select * from (select 'line', -1, -1, (select line from blocked_line where id = fact.line), sum(packets) as packets
                 from fact group by line order by packets desc limit 10)
             union all
             select * from (select 'interface', -1, -1, (select name from blocked_interface where id = fact.incoming),
                     sum(packets) as packets
                 from fact group by incoming order by packets desc limit 10)
             union all
             select 'all', -1, -1, '', coalesce(sum(packets), 0) from fact",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }
}

/// Sorts the sums into their lists. A line or interface that this program can't name is left out of its list.
fn sums(rows: Vec<SumRow>, since: Option<Moment>) -> DoorSums {
    let mut sums = DoorSums { since, ..DoorSums::default() };
    for row in rows {
        let (protocol, packets) = (u8::try_from(row.protocol).ok(), u64::try_from(row.packets).unwrap_or(0));
        match row.kind.as_str() {
            "port" => sums.ports.push(PortSum { protocol, port: u16::try_from(row.port).ok(), packets }),
            "protocol" => sums.protocols.push((protocol, packets)),
            "line" => sums.lines.extend(Line::parse(&row.name).map(|line| (line, packets))),
            "interface" => sums.interfaces.extend(InterfaceName::parse(&row.name).map(|name| (name, packets))),
            _ => sums.packets = packets,
        }
    }
    sums
}
