//! Since when somebody knocks, and until when.

use super::{
    BlockedFilter,
    parameters::{Parameters, Way},
    sample,
};
use crate::{
    firewall::{AddressRange, Moment, blocked::BlockedId},
    store::{Error, Store},
};

impl Store {
    /// When the first and the last packet of these addresses came that a row tells of. None where there is no row, and
    /// for networks with so many rows that nobody would wait for the answer.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn seen_blocked(&self, sources: AddressRange) -> Result<Option<(Moment, Moment)>, Error> {
        let everything = BlockedFilter::between(Moment::from_millis(0), Moment::from_millis(i64::MAX >> 17));
        let filter = BlockedFilter { sources: Some(sources), ..everything };
        let query = match sample::way(self, &filter).await? {
            Way::Time => return Ok(None),
            Way::One => sqlx::query_as(
                "select (select min(id) from blocked indexed by blocked_by_source where source = unhex(?1 ->> 'source_from')),
                        (select max(id) from blocked indexed by blocked_by_source where source = unhex(?1 ->> 'source_from'))",
            ),
            Way::Few => sqlx::query_as(
                "select min(id), max(id) from blocked indexed by blocked_by_source
                 where source >= unhex(?1 ->> 'source_from') and source <= unhex(?1 ->> 'source_until')
                     and length(source) in (?1 ->> '$.lengths[0]', ?1 ->> '$.lengths[1]')",
            ),
        };
        let found: (Option<i64>, Option<i64>) =
            query.bind(Parameters::of(&filter).json()).fetch_one(&self.readers).await?;
        let (Some(first), Some(last)) = found else { return Ok(None) };
        Ok(Some((BlockedId(first).moment(), BlockedId(last).moment())))
    }

    /// Since when there is a record; none while there isn't.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn blocked_since(&self) -> Result<Option<Moment>, Error> {
        let minute: Option<i64> =
            sqlx::query_scalar("select min(minute) from blocked_minute").fetch_one(&self.readers).await?;
        Ok(minute.map(|minute| Moment::from_millis(minute.saturating_mul(60_000))))
    }
}
