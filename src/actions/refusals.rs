//! Refused sign-ins on their way to the audit log: the first of a kind at once, the rest of its minute as one number, so
//! that a flood can't fill the disk. Pure: the time is handed in.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{
    firewall::Moment,
    store::{AddressPrefix, UserName},
};

const WINDOW_SECONDS: i64 = 60;

/// Kinds that are told apart in one minute; more are counted together. Bounds the log to some 95,000 rows a day.
const KINDS: usize = 32;

/// What a row of the log says of refused sign-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// From where; none when from many addresses.
    pub(super) address: Option<IpAddr>,
    /// The account tried, if there is one of that name.
    pub(super) account: Option<UserName>,
    /// What is said of the number.
    pub(super) count: String,
}

#[derive(Debug)]
struct Tally {
    address: IpAddr,
    more: u64,
}

/// The refusals of the minute that is running.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    since: Option<Moment>,
    tallies: BTreeMap<(AddressPrefix, Option<UserName>), Tally>,
    others: u64,
}

impl Refusals {
    /// Notes one refusal and gives the rows that are due: perhaps one for it, perhaps those of the minute before.
    pub(super) fn note(&mut self, address: IpAddr, account: Option<UserName>, now: Moment) -> Vec<Row> {
        let mut rows = self.due(now);
        self.since.get_or_insert(now);
        let key = (AddressPrefix::of(address), account);
        if let Some(tally) = self.tallies.get_mut(&key) {
            tally.more += 1;
        } else if self.tallies.len() < KINDS {
            rows.push(Row { address: Some(address), account: key.1.clone(), count: "1 attempt".to_owned() });
            self.tallies.insert(key, Tally { address, more: 0 });
        } else {
            self.others += 1;
        }
        rows
    }

    /// Gives the rows of the last minute when it is over, else none.
    pub(super) fn due(&mut self, now: Moment) -> Vec<Row> {
        let over = |since: Moment| now < since || now.seconds_since(since) >= WINDOW_SECONDS;
        if !self.since.is_some_and(over) {
            return Vec::new();
        }
        self.since = None;
        let tallies = std::mem::take(&mut self.tallies).into_iter().filter(|(_, tally)| tally.more > 0);
        let mut rows: Vec<Row> = tallies
            .map(|((_, account), tally)| Row { address: Some(tally.address), account, count: more(tally.more) })
            .collect();
        match std::mem::take(&mut self.others) {
            0 => {}
            others => rows.push(Row { address: None, account: None, count: more(others) }),
        }
        rows
    }
}

fn more(count: u64) -> String {
    format!("{count} more within a minute")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(1_000_000_000_000).plus_seconds(seconds)
    }

    fn counts(rows: &[Row]) -> Vec<&str> {
        rows.iter().map(|row| row.count.as_str()).collect()
    }

    #[test]
    fn the_first_is_told_at_once_and_the_rest_of_the_minute_as_a_number() {
        let mut refusals = Refusals::default();
        let address = "192.0.2.1".parse().unwrap();
        let anna = UserName::parse("anna").ok();
        assert_eq!(counts(&refusals.note(address, anna.clone(), at(0))), ["1 attempt"]);
        assert_eq!(counts(&refusals.note(address, None, at(0))), ["1 attempt"]);
        for second in 1..60 {
            assert!(refusals.note(address, anna.clone(), at(second)).is_empty());
        }
        let rows = refusals.due(at(60));
        assert_eq!(counts(&rows), ["59 more within a minute"]);
        assert_eq!(rows[0].account, anna);
        assert!(refusals.due(at(1000)).is_empty());
        assert_eq!(counts(&refusals.note(address, anna, at(1000))), ["1 attempt"]);
    }

    #[test]
    fn a_flood_from_many_addresses_makes_few_rows_and_loses_no_count() {
        let mut refusals = Refusals::default();
        let flood = (0..100_000_u128).map(|i| IpAddr::V6(((0x2001_0db8 << 96) | (i << 64)).into()));
        let at_once: usize = flood.map(|address| refusals.note(address, None, at(0)).len()).sum();
        assert_eq!(at_once, KINDS);
        let rows = refusals.due(at(60));
        assert_eq!(counts(&rows), [format!("{} more within a minute", 100_000 - KINDS)]);
        assert_eq!(rows[0].address, None);
    }
}
