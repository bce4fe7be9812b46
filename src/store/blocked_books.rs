//! The books of what was turned away: the kernel's counters are the truth, and what no row tells of is put down as "not
//! itemised".

use sqlx::{Sqlite, Transaction};

use super::{Error, Store};
use crate::firewall::{Line, enforcement::Count};

/// How many minutes back a sum is corrected: packets that were still under way when a counter was read get their rows
/// moments later.
const UNDER_WAY: i64 = 10;

/// One line's account. All sums are since it is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The line.
    pub line: Line,
    /// Packets that the kernel counted.
    pub counted: u64,
    /// Packets of which rows tell.
    pub itemised: u64,
    /// The others.
    pub not_itemised: u64,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    line: String,
    counted: i64,
    itemised: i64,
    not_itemised: i64,
}

impl TryFrom<AccountRow> for Account {
    type Error = Error;

    fn try_from(row: AccountRow) -> Result<Self, Error> {
        let wrong = |column| Error::Inconsistent { table: "blocked_account", column };
        Ok(Self {
            line: Line::parse(&row.line).map_err(|_| wrong("line"))?,
            counted: row.counted.try_into().map_err(|_| wrong("counted"))?,
            itemised: row.itemised.try_into().map_err(|_| wrong("itemised"))?,
            not_itemised: row.not_itemised.try_into().map_err(|_| wrong("not_itemised"))?,
        })
    }
}

impl Store {
    /// The account of every line that is watched.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_blocked_accounts(&self) -> Result<Vec<Account>, Error> {
        let rows: Vec<AccountRow> = sqlx::query_as(
            "select line.line, counted, itemised, not_itemised
             from blocked_account account join blocked_line line on line.id = account.line where seen >= 0",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(Account::try_from).collect()
    }
}

/// What is known of a line before a counter is read.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
struct Known {
    number: i64,
    seen: i64,
    counted: i64,
    itemised: i64,
    not_itemised: i64,
}

pub(super) async fn balance(store: &Store, minute: i64, counts: &[(Count, bool)]) -> Result<(), Error> {
    let mut transaction = store.writer.begin_with("begin immediate").await?;
    let is_first: bool = sqlx::query_scalar("select not exists (select 1 from blocked_account where seen >= 0)")
        .fetch_one(&mut *transaction)
        .await?;
    for (count, gives_receipts) in counts {
        let known = find(&mut transaction, count.line).await?;
        let packets = i64::try_from(count.packets).unwrap_or(i64::MAX);
        if known.seen != packets || known.counted != known.itemised.saturating_add(known.not_itemised) {
            let counted = counted(known, packets, is_first, *gives_receipts);
            settle(&mut transaction, minute, Known { seen: packets, counted, ..known }).await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// A line without an account is new, and all that its counter shows is to be explained; unless nothing was watched
/// before. A counter that shows less than before began anew.
const fn counted(known: Known, packets: i64, is_first: bool, gives_receipts: bool) -> i64 {
    if !gives_receipts {
        return known.counted;
    }
    match known.seen {
        -1 if is_first => known.itemised,
        -1 => known.counted.saturating_add(packets),
        seen if packets < seen => known.counted.saturating_add(packets),
        seen => known.counted.saturating_add(packets - seen),
    }
}

async fn find(transaction: &mut Transaction<'_, Sqlite>, line: Line) -> Result<Known, Error> {
    sqlx::query("insert into blocked_line (line) values (?) on conflict do nothing")
        .bind(line.to_string())
        .execute(&mut **transaction)
        .await?;
    let known = sqlx::query_as(
        "select line.id as number, coalesce(seen, -1) as seen, coalesce(counted, 0) as counted,
             coalesce(itemised, 0) as itemised, coalesce(not_itemised, 0) as not_itemised
         from blocked_line line left join blocked_account account on account.line = line.id where line.line = ?",
    )
    .bind(line.to_string())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(known)
}

/// Puts down what rows don't tell of, or takes back what rows have told of meanwhile.
async fn settle(transaction: &mut Transaction<'_, Sqlite>, minute: i64, known: Known) -> Result<(), Error> {
    let missing = known.counted.saturating_sub(known.itemised).max(0);
    let mut not_itemised = known.not_itemised;
    if missing > not_itemised {
        put_down(transaction, minute, known.number, missing - not_itemised).await?;
        not_itemised = missing;
    } else if missing < not_itemised {
        not_itemised -= take_back(transaction, minute, known.number, not_itemised - missing).await?;
    }
    sqlx::query(
        "insert into blocked_account (line, seen, counted, itemised, not_itemised) values (?1, ?2, ?3, ?4, ?5)
         on conflict do update set seen = ?2, counted = ?3, not_itemised = ?5",
    )
    .bind(known.number)
    .bind(known.seen)
    .bind(known.counted)
    .bind(known.itemised)
    .bind(not_itemised)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_down(
    transaction: &mut Transaction<'_, Sqlite>,
    minute: i64,
    line: i64,
    packets: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into blocked_minute (minute, line, not_itemised) values (?, ?, ?)
         on conflict do update set not_itemised = not_itemised + excluded.not_itemised",
    )
    .bind(minute)
    .bind(line)
    .bind(packets)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn take_back(
    transaction: &mut Transaction<'_, Sqlite>,
    minute: i64,
    line: i64,
    packets: i64,
) -> Result<i64, Error> {
    let recent: Vec<(i64, i64)> = sqlx::query_as(
        "select minute, not_itemised from blocked_minute
         where minute > ?1 - ?2 and line = ?3 and not_itemised > 0 order by minute desc",
    )
    .bind(minute)
    .bind(UNDER_WAY)
    .bind(line)
    .fetch_all(&mut **transaction)
    .await?;
    let mut left = packets;
    for (minute, not_itemised) in recent {
        let taken = left.min(not_itemised);
        left -= taken;
        sqlx::query("update blocked_minute set not_itemised = not_itemised - ? where minute = ? and line = ?")
            .bind(taken)
            .bind(minute)
            .bind(line)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(packets - left)
}
