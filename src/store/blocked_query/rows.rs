//! The rows that fit a filter, page by page, and the row of a key.

use super::{
    BlockedFilter,
    parameters::{Parameters, Way},
    sample,
};
use crate::{
    firewall::{
        Action, Family, InterfaceName, Line, Moment, Receipt,
        blocked::{Blocked, BlockedId, Door, Source, address_from_bytes},
    },
    store::{Error, Store},
};

/// Rows to go back for one page: first few, because most filters fit most rows, then many.
const REACHES: [u32; 2] = [4_000, 200_000];

/// Rows of one answer, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockedPage {
    /// The rows.
    pub rows: Vec<Blocked>,
    /// Where the next page begins: rows below this key. None on the last page.
    pub next: Option<BlockedId>,
    /// Set when many rows were looked at and few fitted: how far back that was.
    pub looked_back_to: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct DetailRow {
    id: i64,
    source: Vec<u8>,
    source_port: i64,
    count: i64,
    span: i64,
    family: i64,
    protocol: i64,
    port: i64,
    destination: Vec<u8>,
    incoming: String,
    outgoing: String,
    line: String,
    revision: i64,
    action: String,
    observed: bool,
}

const fn wrong(column: &'static str) -> Error {
    Error::Inconsistent { table: "blocked", column }
}

pub(super) fn family_of(digit: i64) -> Result<Family, Error> {
    Family::BOTH.into_iter().find(|family| i64::from(u32::from(family.digit()) - 48) == digit).ok_or(wrong("family"))
}

fn interface(name: &str) -> Result<Option<InterfaceName>, Error> {
    if name.is_empty() { Ok(None) } else { InterfaceName::parse(name).map(Some).map_err(|_| wrong("interface")) }
}

impl DetailRow {
    fn receipt(&self) -> Result<Receipt, Error> {
        let action = [Action::Allow, Action::Drop, Action::Reject].into_iter().find(|one| one.as_str() == self.action);
        Ok(Receipt {
            line: Line::parse(&self.line).map_err(|_| wrong("line"))?,
            revision: self.revision.try_into().map_err(|_| wrong("revision"))?,
            action: action.ok_or(wrong("action"))?,
            is_observed: self.observed,
        })
    }
}

impl TryFrom<DetailRow> for Blocked {
    type Error = Error;

    fn try_from(row: DetailRow) -> Result<Self, Error> {
        let family = family_of(row.family)?;
        let door = Door {
            receipt: row.receipt()?,
            family,
            protocol: u8::try_from(row.protocol).ok(),
            port: u16::try_from(row.port).ok(),
            destination: address_from_bytes(&row.destination),
            incoming: interface(&row.incoming)?,
            outgoing: interface(&row.outgoing)?,
        };
        let (id, first) = (BlockedId(row.id), BlockedId(row.id).moment());
        Ok(Self {
            id,
            source: Source::from_bytes(&row.source, family).ok_or(wrong("source"))?,
            door,
            source_port: u16::try_from(row.source_port).ok(),
            count: row.count.try_into().map_err(|_| wrong("count"))?,
            first,
            last: first.plus_seconds(row.span),
        })
    }
}

impl Store {
    /// Lists the newest rows that fit, below a key if one is given.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_blocked(
        &self,
        filter: &BlockedFilter,
        before: Option<BlockedId>,
        limit: u32,
    ) -> Result<BlockedPage, Error> {
        let mut wanted = Parameters { limit: limit.saturating_add(1), ..Parameters::of(filter) };
        wanted.until = before.map_or(wanted.until, |before| wanted.until.min(before.0));
        wanted.way = sample::way(self, filter).await?;
        let start = wanted.from;
        for reach in REACHES {
            wanted.from =
                sample::floor(self, &Parameters { from: start, ..wanted.clone() }, reach).await?.unwrap_or(start);
            let rows = if reach > REACHES[0] && wanted.way == Way::Time {
                self.detail_by_door(&wanted).await?
            } else {
                self.detail(&wanted).await?
            };
            let is_last_reach = wanted.from == start || Some(&reach) == REACHES.last();
            if is_last_reach || rows.len() > usize::try_from(limit).unwrap_or(usize::MAX) {
                return page(rows, limit, (wanted.from > start).then_some(BlockedId(wanted.from)));
            }
        }
        Ok(BlockedPage::default())
    }

    /// Lists rows that fit above a key, oldest first: what came since.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_blocked_since(
        &self,
        filter: &BlockedFilter,
        after: BlockedId,
        limit: u32,
    ) -> Result<Vec<Blocked>, Error> {
        let mut wanted = Parameters { limit, ..Parameters::of(filter) };
        wanted.from = wanted.from.max(after.0.saturating_add(1));
        let rows: Vec<DetailRow> = sqlx::query_as(
            "select * from blocked_detail
             where id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                 and (?1 ->> 'source_from' is null
                     or (source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                         and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')))
                 and (?1 ->> 'port' is null or port = ?1 ->> 'port')
                 and (?1 ->> 'protocol' is null or protocol = ?1 ->> 'protocol')
                 and (?1 ->> 'line' is null or line = ?1 ->> 'line')
                 and (?1 ->> 'interface' is null or incoming = ?1 ->> 'interface')
                 and (treatment = ?1 ->> 'treatment' or ?1 ->> 'treatment' = 'away' and action <> 'allow')
             order by id limit ?1 ->> 'limit'",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(Blocked::try_from).collect()
    }

    /// Finds a row by its key.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_blocked(&self, id: BlockedId) -> Result<Option<Blocked>, Error> {
        let row: Option<DetailRow> = sqlx::query_as("select * from blocked_detail where id = ?")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        row.map(Blocked::try_from).transpose()
    }

    /// Rows between two keys, by the way that was chosen.
    async fn detail(&self, wanted: &Parameters) -> Result<Vec<DetailRow>, Error> {
        let query = if wanted.way == Way::Few || wanted.way == Way::One {
            sqlx::query_as(
                "select * from blocked_detail
                 where id in (
                         select id from blocked indexed by blocked_by_source
                         where ?1 ->> 'way' = 'one' and source = unhex(?1 ->> 'source_from')
                             and id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                         union all
                         select id from blocked indexed by blocked_by_source
                         where ?1 ->> 'way' = 'few' and source >= unhex(?1 ->> 'source_from')
                             and source <= unhex(?1 ->> 'source_until') and id >= ?1 ->> 'from' and id < ?1 ->> 'until')
                     and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')
                     and (?1 ->> 'port' is null or port = ?1 ->> 'port')
                     and (?1 ->> 'protocol' is null or protocol = ?1 ->> 'protocol')
                     and (?1 ->> 'line' is null or line = ?1 ->> 'line')
                     and (?1 ->> 'interface' is null or incoming = ?1 ->> 'interface')
                     and (treatment = ?1 ->> 'treatment' or ?1 ->> 'treatment' = 'away' and action <> 'allow')
                 order by id desc limit ?1 ->> 'limit'",
            )
        } else {
            sqlx::query_as(
                "select * from blocked_detail
                 where id >= ?1 ->> 'from' and id < ?1 ->> 'until'
                     and (?1 ->> 'source_from' is null
                         or (source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                             and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')))
                     and (?1 ->> 'port' is null or port = ?1 ->> 'port')
                     and (?1 ->> 'protocol' is null or protocol = ?1 ->> 'protocol')
                     and (?1 ->> 'line' is null or line = ?1 ->> 'line')
                     and (?1 ->> 'interface' is null or incoming = ?1 ->> 'interface')
                     and (treatment = ?1 ->> 'treatment' or ?1 ->> 'treatment' = 'away' and action <> 'allow')
                 order by id desc limit ?1 ->> 'limit'",
            )
        };
        Ok(query.bind(wanted.json()).fetch_all(&self.readers).await?)
    }

    /// The same where few rows fit: the doors that do come first, so that no other row is looked up in full.
    async fn detail_by_door(&self, wanted: &Parameters) -> Result<Vec<DetailRow>, Error> {
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
             select * from blocked_detail
             where id in (
                 select id from blocked
                 where id >= ?1 ->> 'from' and id < ?1 ->> 'until' and door in fitting
                     and (?1 ->> 'source_from' is null
                         or (source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                             and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')))
                 order by id desc limit ?1 ->> 'limit')
             order by id desc",
        )
        .bind(wanted.json())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }
}

/// Cuts what was found to a page. `floor` is where looking stopped before the time was over.
fn page(mut rows: Vec<DetailRow>, limit: u32, floor: Option<BlockedId>) -> Result<BlockedPage, Error> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_full = rows.len() > limit;
    rows.truncate(limit);
    let next = if is_full { rows.last().map(|row| BlockedId(row.id)) } else { floor };
    let looked_back_to = floor.filter(|_| !is_full).map(BlockedId::moment);
    Ok(BlockedPage { rows: rows.into_iter().map(Blocked::try_from).collect::<Result<_, _>>()?, next, looked_back_to })
}
