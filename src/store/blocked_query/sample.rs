//! How far back rows can be looked at in the time that a page has, and by which way.

use super::{
    BlockedFilter,
    parameters::{Parameters, Way},
};
use crate::{
    firewall::{Moment, blocked::BlockedId},
    store::{Error, Store},
};

/// Rows that are found by source, sorted and summed without the reader noticing.
const FEW: u32 = 20_000;

/// Rows that a sum looks at, at most.
const SUMMED: u32 = 60_000;

/// The way to the rows of a filter.
pub(super) async fn way(store: &Store, filter: &BlockedFilter) -> Result<Way, Error> {
    let Some(range) = filter.sources else { return Ok(Way::Time) };
    if range.first() == range.last() {
        return Ok(Way::One);
    }
    let wanted = Parameters { limit: FEW, ..Parameters::of(filter) };
    let beyond: Option<i64> = sqlx::query_scalar(
        "select 1 from blocked indexed by blocked_by_source
         where source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
         limit 1 offset ?1 ->> 'limit'",
    )
    .bind(wanted.json())
    .fetch_optional(&store.readers)
    .await?;
    Ok(if beyond.is_none() { Way::Few } else { Way::Time })
}

/// The key that lies so many rows back on the way; none when there aren't so many.
pub(super) async fn floor(store: &Store, wanted: &Parameters, reach: u32) -> Result<Option<i64>, Error> {
    let wanted = Parameters { limit: reach, ..wanted.clone() };
    let query = match wanted.way {
        Way::Few => return Ok(None),
        Way::One => sqlx::query_scalar(
            "select id from blocked indexed by blocked_by_source
             where source = unhex(?1 ->> 'source_from') and id >= ?1 ->> 'from' and id < ?1 ->> 'until'
             order by id desc limit 1 offset ?1 ->> 'limit'",
        ),
        Way::Time => sqlx::query_scalar(
            "select id from blocked where id >= ?1 ->> 'from' and id < ?1 ->> 'until'
             order by id desc limit 1 offset ?1 ->> 'limit'",
        ),
    };
    Ok(query.bind(wanted.json()).fetch_optional(&store.readers).await?)
}

/// The parameters of a sum over rows, and since when it sums if that isn't the whole time.
pub(super) async fn sample(store: &Store, filter: &BlockedFilter) -> Result<(Parameters, Option<Moment>), Error> {
    let mut wanted = Parameters { way: way(store, filter).await?, ..Parameters::of(filter) };
    let floor = floor(store, &wanted, if wanted.way == Way::One { FEW } else { SUMMED }).await?;
    wanted.from = floor.unwrap_or(wanted.from);
    Ok((wanted, floor.map(|floor| BlockedId(floor).moment())))
}
