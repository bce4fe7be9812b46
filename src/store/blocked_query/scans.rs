//! Who went from port to port.

use super::{BlockedFilter, parameters::Parameters, sample};
use crate::{
    firewall::{
        Family, Moment,
        blocked::{BlockedId, Source},
    },
    store::{Error, Store},
};

/// Who tried fewer ports than this goes from door to door for another reason.
const LEAST_PORTS: u32 = 8;

/// Sources that are listed.
const LISTED: u32 = 12;

/// Packets of one source to one port within one piece of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanCell {
    /// Who.
    pub source: Source,
    /// The port.
    pub port: u16,
    /// The number of the protocol.
    pub protocol: u8,
    /// Which piece, from 0.
    pub piece: usize,
    /// How many.
    pub packets: u64,
}

#[derive(sqlx::FromRow)]
struct CellRow {
    source: Vec<u8>,
    port: i64,
    protocol: i64,
    piece: i64,
    packets: i64,
}

impl ScanCell {
    fn read(row: &CellRow) -> Option<Self> {
        Some(Self {
            source: Source::from_bytes(&row.source, Family::V4)?,
            port: row.port.try_into().ok()?,
            protocol: row.protocol.try_into().ok()?,
            piece: row.piece.try_into().ok()?,
            packets: row.packets.try_into().ok()?,
        })
    }
}

impl Store {
    /// Finds the sources that tried many ports, those with most ports first, and cuts the time into `pieces`. Says since
    /// when, if there were too many rows to look at all of them.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_scans(
        &self,
        filter: &BlockedFilter,
        pieces: u32,
    ) -> Result<(Vec<ScanCell>, Option<Moment>), Error> {
        let open = BlockedFilter::between(filter.from, filter.until);
        let (wanted, since) = sample::sample(self, &open).await?;
        let seconds = filter.until.seconds_since(filter.from).max(1);
        let bar = (seconds + i64::from(pieces) - 1) / i64::from(pieces.max(1));
        let start = BlockedId::first_of(filter.from).0 >> 16;
        let rows: Vec<CellRow> = sqlx::query_as(
            "with knock (source, port, protocol, second, packets) as materialized (
                 select event.source, door.port, door.protocol, event.id >> 16, event.count
                 from blocked as event cross join blocked_door as door on door.id = event.door
                     cross join blocked_receipt as receipt on receipt.id = door.receipt
                 where event.id >= ?1 ->> 'from' and event.id < ?1 ->> 'until' and length(event.source) in (4, 16)
                     and door.protocol in (6, 17) and door.port >= 0 and receipt.action <> 'allow'
             ),
             scanner (source, ports) as materialized (
                 select source, count(distinct port) as ports from knock
                 group by source having ports >= ?1 ->> 'port' order by ports desc limit ?1 ->> 'limit'
             )
             select knock.source, port, protocol, (second - ?2) / (?1 ->> 'bar') as piece, sum(packets) as packets
             from scanner cross join knock on knock.source = scanner.source
             group by knock.source, port, protocol, piece order by scanner.ports desc, knock.source, port, piece",
        )
        .bind(Parameters { limit: LISTED, port: u16::try_from(LEAST_PORTS).ok(), bar, ..wanted }.json())
        .bind(start)
        .fetch_all(&self.readers)
        .await?;
        Ok((rows.iter().filter_map(ScanCell::read).collect(), since))
    }
}
