//! What the page Blocked asks of its record, at a million and at ten million rows over 90 days, against what the pages of
//! others do: search the same events as lines of the kernel's log.

use std::{
    error::Error,
    fs,
    io::{self, BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use portreeve::{
    firewall::{AddressRange, Moment},
    store::{self, BlockedFilter, DATABASE_FILE, Store},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::runtime::Runtime;

#[path = "../tests/store/blocked_sample.rs"]
mod blocked_sample;

const DAY: i64 = 86_400;
const SPAN: i64 = 90 * DAY;
/// 2026-11-22 19:28:17 UTC.
const UNTIL: i64 = 1_795_375_697;
const ROUNDS: i64 = 40;
const PEER_ROUNDS: usize = 3;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for rows in [1_000_000, 10_000_000] {
        let dir = tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))?;
        runtime.block_on(fill(dir.path(), rows))?;
        let size = runtime.block_on(in_use(dir.path()))?;
        report(&format!("blocked, {rows} rows: bytes of the database per row"), ratio(size, rows), 0.0, None, "B")?;
        write_log(dir.path(), rows)?;
        measure(&runtime, dir.path(), rows)?;
    }
    Ok(())
}

/// Fills a database as the panel's own.
async fn fill(dir: &Path, rows: i64) -> Outcome<()> {
    Store::open(dir).await?.close().await;
    let options = SqliteConnectOptions::new().filename(dir.join(DATABASE_FILE)).pragma("cache_size", "-400000");
    let mut connection = SqliteConnection::connect_with(&options.pragma("synchronous", "off")).await?;
    blocked_sample::fill(&mut connection, rows, SPAN, UNTIL).await;
    Ok(connection.close().await?)
}

/// Bytes in use once what the panel doesn't keep that long is forgotten.
async fn in_use(dir: &Path) -> Outcome<u64> {
    let (store, day) = (Store::open(dir).await?, SPAN + DAY);
    let now = Moment::from_millis((UNTIL + 1) * 1000);
    while store.upkeep().delete_old_blocked(now, now.plus_seconds(-day), u64::MAX).await? {}
    let stored = store.find_stored().await?;
    store.close().await;
    Ok(stored.bytes)
}

/// As many lines as there are rows, of the length and with the words that the kernel writes.
fn write_log(dir: &Path, rows: i64) -> Outcome<()> {
    let mut out = BufWriter::new(fs::File::create(dir.join("kernel.log"))?);
    for number in 0..rows {
        let (a, b) = (number.wrapping_mul(2_654_435_761) % 256, number.wrapping_mul(40_503) % 256);
        let port = if number % 3 == 0 { 22 } else { (number * 31) % 65_536 };
        writeln!(
            out,
            "Nov 22 19:28:17 web1 kernel: [{number}.000000] Firewall: *TCP_IN Blocked* IN=eth0 OUT= \
             MAC=52:54:00:12:34:56:52:54:00:65:43:21:08:00 SRC=198.{a}.{b}.7 DST=192.0.2.7 LEN=40 TOS=0x00 PREC=0x00 TTL=241 \
             ID=54321 PROTO=TCP SPT=40000 DPT={port} WINDOW=65535 RES=0x00 SYN URGP=0"
        )?;
    }
    Ok(out.flush()?)
}

/// The end of the time in each round: another hour, so that no answer is the one before.
fn last(round: i64, seconds: i64) -> BlockedFilter {
    let until = UNTIL + 1 - round * 3_607;
    BlockedFilter::between(Moment::from_millis((until - seconds) * 1000), Moment::from_millis(until * 1000))
}

fn month(round: i64) -> BlockedFilter {
    let filter = last(round, 30 * DAY);
    let from = Moment::from_millis(filter.from.as_millis() / (DAY * 1000) * DAY * 1000);
    BlockedFilter { from, ..filter }
}

fn measure(runtime: &Runtime, dir: &Path, rows: i64) -> Outcome<()> {
    let store = runtime.block_on(Store::open(dir))?;
    let range = AddressRange::parse("203.0.113.1")?;
    let by_port = |filter: BlockedFilter| BlockedFilter { port: Some(22), protocol: Some(6), ..filter };
    let grep = peer(dir, "grep 'DPT=22 ' kernel.log | tail -n 50")?;
    let sums = peer(dir, "awk '{ n[$10]++ } END { for (s in n) print n[s], s }' kernel.log | sort -rn | head -n 10")?;
    let time = |name: &str, peer, filter: &dyn Fn(i64) -> BlockedFilter, whole: bool| -> Outcome<()> {
        let mut taken = Vec::new();
        for round in 0..ROUNDS {
            let (filter, start) = (filter(round), Instant::now());
            runtime.block_on(ask(&store, &filter, whole))?;
            taken.push(start.elapsed());
        }
        taken.sort_unstable();
        let (half, most) = (taken[taken.len() / 2], taken[taken.len() * 95 / 100]);
        report(&format!("blocked, {rows} rows: {name}"), millis(half), millis(most), Some(peer), "ms")
    };
    time("50 newest rows of a day", grep, &|round| last(round, DAY), false)?;
    time("50 newest rows at 22/tcp", grep, &|round| by_port(last(round, DAY)), false)?;
    let rare = |round| BlockedFilter { port: Some(15_500), ..month(round) };
    time("50 newest rows at a rare port in 30 days", grep, &rare, false)?;
    let single = |round| BlockedFilter { sources: Some(range), ..month(round) };
    time("50 newest rows of one source in 30 days", grep, &single, false)?;
    time("the whole page, a day", sums, &|round| last(round, DAY), true)?;
    time("the whole page, a day at 22/tcp", sums, &|round| by_port(last(round, DAY)), true)?;
    time("the whole page, one source in 30 days", sums, &single, true)?;
    time("the whole page, 30 days", sums, &month, true)?;
    runtime.block_on(store.close());
    Ok(())
}

/// What the page asks, all at once as the page does.
async fn ask(store: &Store, filter: &BlockedFilter, whole: bool) -> Result<(), store::Error> {
    if !whole {
        return store.list_blocked(filter, None, 50).await.map(drop);
    }
    let asked = tokio::try_join!(
        store.list_blocked(filter, None, 50),
        store.sum_blocked_doors(filter),
        store.sum_blocked_sources(filter),
        store.draw_blocked(filter),
        store.sum_not_itemised(filter)
    );
    asked.map(drop)
}

/// The median of a shell's line over the log, the file in the kernel's cache.
#[expect(clippy::disallowed_methods, reason = "a benchmark starts the programs it compares")]
fn peer(dir: &Path, line: &str) -> Outcome<f64> {
    let mut taken = Vec::new();
    for _ in 0..PEER_ROUNDS {
        let start = Instant::now();
        let status = Command::new("sh").args(["-c", line]).current_dir(dir).stdout(Stdio::null()).status()?;
        if !status.success() {
            return Err(format!("{line}: {status}").into());
        }
        taken.push(start.elapsed());
    }
    taken.sort_unstable();
    Ok(millis(taken[taken.len() / 2]))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn ratio(size: u64, rows: i64) -> f64 {
    let (size, rows) = (u32::try_from(size / 1000), u32::try_from(rows / 1000));
    size.ok().zip(rows.ok()).map_or(0.0, |(size, rows)| f64::from(size) / f64::from(rows))
}

fn report(name: &str, half: f64, most: f64, peer: Option<f64>, unit: &str) -> Outcome<()> {
    let shown = peer.map_or_else(|| "-".to_owned(), |peer| format!("{peer:.1}"));
    writeln!(io::stdout(), "{name:<64} p50 {half:>9.2}   p95 {most:>9.2}   peer {shown:>9} {unit}")?;
    let line = serde_json::json!({ "name": name, "p50": half, "p95": most, "peer": peer, "unit": unit });
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench.jsonl");
    Ok(writeln!(fs::OpenOptions::new().create(true).append(true).open(target)?, "{line}")?)
}
