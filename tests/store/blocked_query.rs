//! What the record answers, compared with looking at every row; and that no statement has to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use portreeve::{
    firewall::{
        Action, AddressRange, Line, Moment,
        blocked::{Blocked, Source},
    },
    store::{BlockedFilter, DATABASE_FILE, Store, Treatment},
};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use syn::{Expr, ExprCall, ExprLit, Lit, visit::Visit};
use tempfile::TempDir;
use walkdir::WalkDir;

use super::blocked_sample::fill;

/// 2026-11-22 19:28:17 UTC.
const UNTIL: i64 = 1_795_375_697;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

struct Record {
    store: Store,
    rows: Vec<Blocked>,
    _state: TempDir,
}

async fn connect(state: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(state.join(DATABASE_FILE));
    SqliteConnection::connect_with(&options).await.expect("a database")
}

fn at(second: i64) -> Moment {
    Moment::from_millis(second * 1000)
}

fn last(seconds: i64) -> BlockedFilter {
    BlockedFilter::between(at(UNTIL - seconds), at(UNTIL + 1))
}

impl Record {
    /// So many rows over ten days, and each of them in memory.
    async fn new(rows: i64) -> Self {
        let state = tempfile::tempdir().expect("a folder");
        let store = Store::open(state.path()).await.expect("a database");
        fill(&mut connect(state.path()).await, rows, 10 * DAY, UNTIL).await;
        let all = |treatment| BlockedFilter { treatment, ..last(11 * DAY) };
        let mut found = store.list_blocked(&all(Treatment::TurnedAway), None, 100_000).await.expect("rows").rows;
        found.extend(store.list_blocked(&all(Treatment::LetIn), None, 100_000).await.expect("rows").rows);
        assert_eq!(i64::try_from(found.len()), Ok(rows), "every row is one or the other");
        found.sort_by_key(|row| std::cmp::Reverse(row.id));
        Self { store, rows: found, _state: state }
    }

    /// The rows that fit, newest first, by looking at each.
    fn fitting(&self, filter: &BlockedFilter) -> Vec<&Blocked> {
        let in_time = |row: &&Blocked| filter.from <= row.first && row.first < filter.until;
        self.rows.iter().filter(in_time).filter(|row| filter.fits(row)).collect()
    }

    async fn assert_agrees(&self, filter: &BlockedFilter) {
        let expected = self.fitting(filter);
        self.assert_pages(filter, &expected).await;
        let packets = expected.iter().map(|row| row.count).sum::<u64>();
        let doors = self.store.sum_blocked_doors(filter).await.expect("sums");
        assert_eq!((doors.packets, doors.since), (packets, None), "{filter:?}");
        let ports = sums(&expected, |row| (row.door.protocol, row.door.port));
        for sum in &doors.ports {
            assert_eq!(ports.get(&(sum.protocol, sum.port)), Some(&sum.packets), "{filter:?}");
        }
        let lines = sums(&expected, |row| row.door.receipt.line);
        assert_eq!(doors.lines.iter().copied().collect::<BTreeMap<_, _>>(), lines, "{filter:?}");
        let bars = self.store.draw_blocked(filter).await.expect("bars");
        let drawn = bars.iter().map(|bar| bar.packets).sum::<u64>();
        let is_cut = bars.first().is_some_and(|bar| bar.from < filter.from);
        assert!(drawn == packets || is_cut && drawn > packets, "{drawn} drawn of {packets}: {filter:?}");
        self.assert_sources(filter, &expected).await;
    }

    async fn assert_pages(&self, filter: &BlockedFilter, expected: &[&Blocked]) {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = self.store.list_blocked(filter, before, 70).await.expect("a page");
            found.extend(page.rows);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), ids(expected), "{filter:?}");
    }

    async fn assert_sources(&self, filter: &BlockedFilter, expected: &[&Blocked]) {
        let sums = sums(expected, |row| row.source);
        let found = self.store.sum_blocked_sources(filter).await.expect("sums");
        for sum in &found.most {
            assert_eq!(sums.get(&sum.source), Some(&sum.packets), "{filter:?}");
        }
        assert!(found.most.is_sorted_by_key(|sum| std::cmp::Reverse(sum.packets)));
        let most = sums.values().max().copied();
        assert_eq!(found.most.first().map(|sum| sum.packets), most, "{filter:?}");
        if let Some(sources) = found.sources {
            assert_eq!((sources, found.since), (u64::try_from(sums.len()).expect("few"), None), "{filter:?}");
        }
        for network in &found.networks {
            let inside = |source: &&Source| source.addresses().is_some_and(|range| network.network.covers(range));
            assert!(
                sums.keys().filter(inside).count() >= usize::try_from(network.sources).expect("few"),
                "{network:?}"
            );
        }
    }
}

fn ids(rows: &[&Blocked]) -> Vec<portreeve::firewall::blocked::BlockedId> {
    rows.iter().map(|row| row.id).collect()
}

fn sums<K: Ord>(rows: &[&Blocked], key: impl Fn(&Blocked) -> K) -> BTreeMap<K, u64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry(key(row)).or_insert(0) += row.count;
    }
    sums
}

#[tokio::test]
async fn every_way_to_the_rows_finds_what_looking_at_each_finds() {
    let record = Record::new(6_000).await;
    let range = |text: &str| AddressRange::parse(text).expect(text);
    for seconds in [1, 59, HOUR, 5 * HOUR + 17, DAY, 3 * DAY + 1, 10 * DAY + HOUR] {
        record.assert_agrees(&last(seconds)).await;
        record.assert_agrees(&BlockedFilter { port: Some(22), protocol: Some(6), ..last(seconds) }).await;
        record.assert_agrees(&BlockedFilter { sources: Some(range("203.0.113.1")), ..last(seconds) }).await;
    }
    for filter in [
        BlockedFilter { sources: Some(range("203.0.113.0/24")), port: Some(23), ..last(5 * DAY) },
        BlockedFilter { sources: Some(range("16.0.0.0/5")), ..last(5 * DAY) },
        BlockedFilter { sources: Some(range("2001:db8::/32")), ..last(5 * DAY) },
        BlockedFilter { line: Line::parse("r7").ok(), ..last(5 * DAY) },
        BlockedFilter { treatment: Treatment::Rejected, protocol: Some(17), ..last(9 * DAY) },
        BlockedFilter { treatment: Treatment::LetIn, ..last(2 * DAY) },
        BlockedFilter { interface: portreeve::firewall::InterfaceName::parse("wg0").ok(), ..last(9 * DAY) },
        BlockedFilter { port: Some(1), ..last(9 * DAY) },
        BlockedFilter::between(at(UNTIL - 5 * DAY), at(UNTIL - 5 * DAY + 1000)),
        BlockedFilter::between(at(UNTIL + DAY), at(UNTIL + 2 * DAY)),
    ] {
        record.assert_agrees(&filter).await;
    }
}

#[tokio::test]
async fn what_came_since_a_row_is_listed_in_its_order() {
    let record = Record::new(500).await;
    let filter = last(11 * DAY);
    let all = record.fitting(&filter);
    let since = record.store.list_blocked_since(&filter, all[10].id, 5).await.expect("rows");
    let expected: Vec<_> = all[..10].iter().rev().take(5).map(|row| row.id).collect();
    assert_eq!(since.iter().map(|row| row.id).collect::<Vec<_>>(), expected);
    let found = record.store.find_blocked(all[3].id).await.expect("a row");
    assert_eq!(found.as_ref(), Some(all[3]));
    assert!(all.iter().all(|row| row.door.receipt.action != Action::Allow));
}

#[tokio::test]
async fn who_goes_from_port_to_port_is_found() {
    let record = Record::new(6_000).await;
    let (cells, since) = record.store.find_scans(&last(DAY), 48).await.expect("cells");
    let scanners: BTreeSet<Source> = cells.iter().map(|cell| cell.source).collect();
    let expected: Vec<Source> = (1..3).map(|last| Source::Address([203, 0, 113, last].into())).collect();
    assert_eq!((scanners.into_iter().collect::<Vec<_>>(), since), (expected, None));
    assert!(cells.iter().all(|cell| cell.piece < 48 && cell.packets > 0));
}

/// The statements of the queries.
struct Literals(Vec<String>);

impl<'ast> Visit<'ast> for Literals {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let (Expr::Path(path), Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. }))) =
            (&*call.func, call.args.first())
            && path.path.segments.first().is_some_and(|segment| segment.ident == "sqlx")
        {
            self.0.push(text.value());
        }
        syn::visit::visit_expr_call(self, call);
    }
}

#[tokio::test]
async fn no_statement_looks_at_every_row() {
    let state = tempfile::tempdir().expect("a folder");
    Store::open(state.path()).await.expect("a database").close().await;
    let mut connection = connect(state.path()).await;
    let mut explained = 0;
    let files = WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/blocked_query")).into_iter();
    for file in files.map(|entry| entry.expect("an entry")).filter(|entry| entry.file_type().is_file()) {
        let source = fs::read_to_string(file.path()).expect("readable source");
        let mut literals = Literals(Vec::new());
        literals.visit_file(&syn::parse_file(&source).expect("the source parses"));
        for statement in literals.0 {
            let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {statement}")));
            for step in plan.fetch_all(&mut connection).await.expect("a plan") {
                let step: String = step.get("detail");
                let large =
                    ["blocked", "event", "blocked_hour", "blocked_day", "blocked_minute", "blocked_source_hour"];
                let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
                assert!(!large.contains(&scanned), "{step}\n{statement}");
            }
            explained += 1;
        }
    }
    assert!(explained >= 12, "only {explained} statements were found");
}
