//! How many packets of some addresses came to which port on which day.

use super::{BlockedFilter, parameters::Parameters, sample};
use crate::{
    firewall::Moment,
    store::{Error, Store},
};

const DAY: i64 = 86_400;

/// Packets to one port on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortBar {
    /// The number of the protocol; none where several were put together.
    pub protocol: Option<u8>,
    /// The port, or for ICMP type * 256 + code.
    pub port: Option<u16>,
    /// When the day begins.
    pub from: Moment,
    /// How many.
    pub packets: u64,
}

#[derive(sqlx::FromRow)]
struct PortBarRow {
    protocol: i64,
    port: i64,
    bar: i64,
    packets: i64,
}

impl From<PortBarRow> for PortBar {
    fn from(row: PortBarRow) -> Self {
        Self {
            protocol: u8::try_from(row.protocol).ok(),
            port: u16::try_from(row.port).ok(),
            from: Moment::from_millis(row.bar.saturating_mul(DAY * 1000)),
            packets: u64::try_from(row.packets).unwrap_or(0),
        }
    }
}

impl Store {
    /// Counts what the sources of a filter sent, by port and day of the clock. Of very many rows only the newest are
    /// looked at, the same as [`Store::sum_blocked_doors`] looks at.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn draw_blocked_ports(&self, filter: &BlockedFilter) -> Result<Vec<PortBar>, Error> {
        let (wanted, _) = sample::sample(self, filter).await?;
        let rows: Vec<PortBarRow> = sqlx::query_as(
            "with whole (door, bar, packets) as materialized (
                 select door, (id >> 16) / (?1 ->> 'bar'), sum(packets) from (
                     select id, door, count as packets from blocked indexed by blocked_by_source
                     where ?1 ->> 'way' = 'one' and source = unhex(?1 ->> 'source_from')
                         and id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                     union all
                     select id, door, count from blocked indexed by blocked_by_source
                     where ?1 ->> 'way' = 'few' and source >= unhex(?1 ->> 'source_from')
                         and source <= unhex(?1 ->> 'source_until')
                         and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')
                         and id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                     union all
                     select id, door, count from blocked
                     where ?1 ->> 'way' = 'time' and id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                         and source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                         and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')
                 ) group by 1, 2
             )
             select door.protocol, door.port, whole.bar, sum(whole.packets) as packets
             from whole cross join blocked_door as door on door.id = whole.door
                 cross join blocked_receipt as receipt on receipt.id = door.receipt
             where receipt.action <> 'allow'
             group by 1, 2, 3",
        )
        .bind(Parameters { bar: DAY, ..wanted }.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(PortBar::from).collect())
    }
}
