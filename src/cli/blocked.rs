//! `portreeve blocked`: what was turned away, from the panel's record.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    time::Duration,
};

use clap::Args;

use super::{identity, identity::StateDir, rules};
use crate::{
    firewall::{AddressRange, ParseError, aim::Aim, blocked::BlockedId, record::Record},
    store::{BlockedFilter, Store},
};

/// Rows that are read at once.
const PIECE: u32 = 1000;

/// How much later than its packet a row may be stored.
const LATE_SECONDS: i64 = 5;

/// How often it is looked for new rows.
const PAUSE: Duration = Duration::from_secs(1);

/// Lists what was turned away, the oldest first.
#[derive(Debug, Args)]
pub(super) struct Blocked {
    /// How far back: 90s, 30m, 1h or 7d.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_span)]
    since: i64,
    /// Only from this address, prefix or range.
    #[arg(long, value_name = "ADDRESS")]
    source: Option<AddressRange>,
    /// Only to this port or protocol: 22, 22/tcp, icmp/8.
    #[arg(long, value_name = "PORT")]
    port: Option<Aim>,
    /// Goes on with what comes, until it is interrupted.
    #[arg(long)]
    follow: bool,
    /// Prints one JSON object in each line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    state_dir: StateDir,
}

/// Reads a number of seconds, minutes, hours or days.
fn parse_span(text: &str) -> Result<i64, ParseError> {
    let wrong = || ParseError::new(text, "isn't a time like 90s, 30m, 1h or 7d");
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let (unit, seconds) = units.into_iter().find(|(unit, _)| text.ends_with(*unit)).ok_or_else(wrong)?;
    let number = text.trim_end_matches(unit);
    let is_plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_plain { number.parse::<i64>().ok() } else { None };
    number.and_then(|number| number.checked_mul(seconds)).ok_or_else(wrong)
}

impl Blocked {
    /// Prints the rows of the time, and those that come where asked to.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let state_dir = self.state_dir.enter()?;
        identity::block_on(async {
            let store = Store::open(state_dir).await?;
            let printed = self.print(&store).await;
            store.close().await;
            printed
        })
    }

    async fn print(&self, store: &Store) -> anyhow::Result<()> {
        let mut out = io::stdout();
        let (mut last, mut printed) = (BlockedId(0), BTreeSet::new());
        loop {
            last = self.print_since(store, last, &mut printed, &mut out).await?;
            if !self.follow {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
            // A row is stored a moment after its packet came, so one that is older than the last may still come.
            last = last.min(BlockedId::first_of(last.moment().plus_seconds(-LATE_SECONDS)));
            printed = printed.split_off(&last);
        }
    }

    /// Prints every row above a key that isn't printed yet, and gives the last one's.
    async fn print_since(
        &self,
        store: &Store,
        mut last: BlockedId,
        printed: &mut BTreeSet<BlockedId>,
        out: &mut impl Write,
    ) -> anyhow::Result<BlockedId> {
        let now = rules::now();
        let aim = self.port.unwrap_or_default();
        let wanted = BlockedFilter {
            sources: self.source,
            port: aim.port,
            protocol: aim.protocol,
            ..BlockedFilter::between(now.plus_seconds(-self.since), now.plus_seconds(1))
        };
        loop {
            let rows = store.list_blocked_since(&wanted, last, PIECE).await?;
            for row in rows.iter().filter(|row| !self.follow || printed.insert(row.id)) {
                writeln!(out, "{}", self.line(&Record::from(row)))?;
            }
            out.flush()?;
            let Some(newest) = rows.last() else { return Ok(last) };
            last = newest.id;
        }
    }

    fn line(&self, record: &Record) -> String {
        if self.json {
            return serde_json::to_string(record).expect("numbers and texts become JSON");
        }
        let Record { first, packets, source, to, line, revision, action, .. } = record;
        let decided = format!("{line}@{revision}");
        let count = if *packets == 1 { String::new() } else { format!("×{packets}") };
        let row = format!("{first}  {source:<18}  {to:<12}  {action:<12}  {decided:<18}  {count}");
        row.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_nonsense_refused() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("1h", 3600), ("7d", 604_800)] {
            assert_eq!(parse_span(text), Ok(seconds));
        }
        for text in ["", "h", "1", "-1h", "+1h", "1w", "1.5h", "99999999999999999999d", "9223372036854775807d"] {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }
}
