//! How long rows of what was turned away are kept, and how much there is of them.

use super::{Error, Store};
use crate::firewall::{Moment, blocked::BlockedId};

/// The bounds within which rows are kept. The oldest go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    days: u32,
    mebibytes: u32,
}

/// Which bound can't be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetentionProblem {
    /// Too short or too long.
    #[error("choose between {} and {} days", Retention::DAYS[0], Retention::DAYS[1])]
    Days,
    /// Too little or too much.
    #[error("choose between {} and {} MiB", Retention::MEBIBYTES[0], Retention::MEBIBYTES[1])]
    Mebibytes,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 90, mebibytes: 1024 }
    }
}

impl Retention {
    /// The fewest and the most days that can be chosen.
    pub const DAYS: [u32; 2] = [1, 3650];
    /// The fewest and the most MiB. With less, rules and lists alone might fill it.
    pub const MEBIBYTES: [u32; 2] = [64, 1 << 20];

    /// These bounds.
    ///
    /// # Errors
    /// [`RetentionProblem`]: the first of the bounds that can't be chosen.
    pub fn new(days: u32, mebibytes: u32) -> Result<Self, RetentionProblem> {
        let is_within = |number, [least, most]: [u32; 2]| (least..=most).contains(&number);
        if !is_within(days, Self::DAYS) {
            return Err(RetentionProblem::Days);
        }
        if !is_within(mebibytes, Self::MEBIBYTES) {
            return Err(RetentionProblem::Mebibytes);
        }
        Ok(Self { days, mebibytes })
    }

    /// How many days a row is kept.
    #[must_use]
    pub const fn days(self) -> u32 {
        self.days
    }

    /// How many MiB the database may have in use before the oldest rows go early.
    #[must_use]
    pub const fn mebibytes(self) -> u32 {
        self.mebibytes
    }

    /// The moment before which rows are too old.
    #[must_use]
    pub fn oldest(self, now: Moment) -> Moment {
        now.plus_seconds(-i64::from(self.days) * 86_400)
    }

    /// How many bytes the database may have in use.
    #[must_use]
    pub fn bytes(self) -> u64 {
        u64::from(self.mebibytes) << 20
    }
}

/// How much is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stored {
    /// Rows of what was turned away; those that went early for want of room are counted until their day is over.
    pub rows: u64,
    /// When the first packet of the oldest row came; none when there is no row.
    pub since: Option<Moment>,
    /// Bytes that the whole database has in use.
    pub bytes: u64,
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    entries: i64,
    oldest: Option<i64>,
    bytes: i64,
}

impl Store {
    /// How much is stored now. Looks at sums, so it takes no time however much that is.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_stored(&self) -> Result<Stored, Error> {
        let row: StoredRow = sqlx::query_as(
            "with oldest (id) as (select min(id) from blocked)
             select oldest.id as oldest,
                 (select coalesce(sum(entries), 0) from blocked_day where day >= oldest.id / 65536 / 86400) as entries,
                 (select (page_count - freelist_count) * page_size
                  from pragma_page_count(), pragma_freelist_count(), pragma_page_size()) as bytes
             from oldest",
        )
        .fetch_one(&self.readers)
        .await?;
        let number = |number: i64| u64::try_from(number).unwrap_or(0);
        let since = row.oldest.map(|oldest| BlockedId(oldest).moment());
        Ok(Stored { rows: number(row.entries), since, bytes: number(row.bytes) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sensible_bounds_can_be_chosen() {
        for (days, mebibytes, problem) in [
            (0, 1024, Some(RetentionProblem::Days)),
            (1, 63, Some(RetentionProblem::Mebibytes)),
            (3651, 1024, Some(RetentionProblem::Days)),
            (90, u32::MAX, Some(RetentionProblem::Mebibytes)),
            (1, 64, None),
            (3650, 1 << 20, None),
        ] {
            assert_eq!(Retention::new(days, mebibytes).err(), problem, "{days} {mebibytes}");
        }
    }

    #[test]
    fn bounds_become_a_moment_and_bytes() {
        let retention = Retention::default();
        assert_eq!(retention.bytes(), 1 << 30);
        assert_eq!(retention.oldest(Moment::from_millis(0)), Moment::from_millis(-90 * 86_400_000));
    }
}
