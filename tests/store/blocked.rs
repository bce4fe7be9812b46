//! What was turned away: rows and roll-ups that agree, books that balance, and what is old goes.

use portreeve::{
    detect::blocked::{Batch, Entry, Fold, Packet},
    firewall::{Line, Moment, Receipt, blocked::BlockedId, enforcement::Count},
    store::{DATABASE_FILE, Store},
};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

const NOW: Moment = Moment::from_millis(1_800_000_000_000);
const MINUTE: i64 = 30_000_000;
const ROOM: u64 = 1 << 30;

struct Host {
    state: tempfile::TempDir,
    store: Store,
    fold: Fold,
}

impl Host {
    async fn new() -> Self {
        let state = tempfile::tempdir().expect("a folder");
        let store = Store::open(state.path()).await.expect("a database");
        Self { state, store, fold: Fold::default() }
    }

    fn knock(&mut self, receipt: &str, source: &str, port: u16, seconds: i64) {
        let source: std::net::IpAddr = source.parse().expect("an address");
        let destination = if source.is_ipv4() { "192.0.2.1" } else { "2001:db8::1" };
        let packet = Packet {
            receipt: Receipt::parse(receipt).expect("a receipt"),
            source,
            destination: destination.parse().expect("an address"),
            protocol: 6,
            source_port: Some(50_000),
            port: Some(port),
            incoming: None,
            outgoing: None,
        };
        self.fold.add(&packet, NOW.plus_seconds(seconds));
    }

    async fn save(&mut self) -> (Batch, Vec<BlockedId>) {
        let batch = self.fold.take();
        let ids = self.store.upkeep().note_blocked(&batch.entries).await.expect("rows are written");
        self.fold.saved(&batch, &ids);
        (batch, ids)
    }

    async fn number(&self, sql: &str) -> i64 {
        let options = SqliteConnectOptions::new().filename(self.state.path().join(DATABASE_FILE));
        let mut connection = SqliteConnection::connect_with(&options).await.expect("a database");
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.expect(sql)
    }

    async fn count(&self, minute: i64, packets: u64) {
        let counts = [("default-in", packets, true), ("r1", packets * 9, false)]
            .map(|(line, packets, logs)| (Count { line: Line::parse(line).expect("a line"), packets, bytes: 0 }, logs));
        self.store.upkeep().balance_blocked(minute, &counts).await.expect("books");
    }

    /// Itemised and not, of the line that drops.
    async fn books(&self) -> (u64, u64) {
        let accounts = self.store.list_blocked_accounts().await.expect("accounts");
        let account = accounts.iter().find(|account| account.line.to_string() == "default-in").expect("an account");
        assert_eq!(account.counted, account.itemised + account.not_itemised);
        let sums = "select sum(itemised + not_itemised) from blocked_minute join blocked_line line on line.id = blocked_minute.line where line.line = 'default-in'";
        assert_eq!(self.number(sums).await, i64::try_from(account.counted).expect("a number"));
        (account.itemised, account.not_itemised)
    }
}

const DROP: &str = "pr:default-in:41:drop";

#[tokio::test]
async fn rows_grow_in_place_and_roll_ups_agree_with_them() {
    let mut host = Host::new().await;
    host.knock(DROP, "198.51.100.7", 22, 0);
    host.knock(DROP, "198.51.100.8", 22, 0);
    let (_, first) = host.save().await;
    assert_eq!(first, [BlockedId::first_of(NOW), BlockedId(BlockedId::first_of(NOW).0 + 1)]);
    host.knock(DROP, "198.51.100.7", 22, 5);
    host.knock("pr:r1:41:allow", "2001:db8::7", 443, 5);
    let (batch, second) = host.save().await;
    assert_eq!((batch.entries.len(), second[0]), (2, first[0]));
    assert_eq!(host.number("select count(*) * 1000 + sum(count) * 10 + max(span) from blocked").await, 3045);
    for table in ["blocked_hour", "blocked_day"] {
        assert_eq!(host.number(&format!("select sum(packets) * 10 + sum(entries) from {table}")).await, 43, "{table}");
    }
    for table in ["blocked_source_hour", "blocked_source_day"] {
        assert_eq!(host.number(&format!("select sum(packets) * 10 + sum(allowed) from {table}")).await, 31, "{table}");
    }
    assert_eq!(host.number("select sum(itemised) from blocked_minute").await, 4);
    assert_eq!(host.number("select count(*) from blocked_door").await, 2);
}

#[tokio::test]
async fn keys_never_collide_however_often_a_second_comes_again() {
    let mut host = Host::new().await;
    for _ in 0..3 {
        host.fold = Fold::default();
        host.knock(DROP, "198.51.100.7", 22, 0);
        host.save().await;
    }
    let entry: Entry = {
        host.knock(DROP, "198.51.100.8", 23, 0);
        host.fold.take().entries.pop().expect("a row")
    };
    let fresh = Entry { id: None, ..entry };
    let many = vec![fresh; 70_000];
    host.store.upkeep().note_blocked(&many).await.expect("more than one second has room for");
    assert_eq!(host.number("select count(distinct id) from blocked").await, 70_003);
}

#[tokio::test]
async fn the_books_balance_also_when_rows_come_late_and_counters_begin_anew() {
    let mut host = Host::new().await;
    host.count(MINUTE, 1000).await;
    assert_eq!(host.books_of_nothing().await, 0, "what was before isn't claimed");
    for number in 0..10 {
        host.knock(DROP, "198.51.100.7", 22 + number, 0);
    }
    host.save().await;
    host.count(MINUTE, 1010).await;
    assert_eq!(host.books().await, (10, 0));
    host.count(MINUTE + 1, 1100).await;
    assert_eq!(host.books().await, (10, 90));
    // Thirty of them were only late.
    for number in 0..30 {
        host.knock(DROP, "198.51.100.7", 100 + number, 60);
    }
    host.save().await;
    host.count(MINUTE + 2, 1100).await;
    assert_eq!(host.books().await, (40, 60));
    host.count(MINUTE + 3, 5).await;
    assert_eq!(host.books().await, (40, 65));
}

impl Host {
    async fn books_of_nothing(&self) -> i64 {
        self.number("select count(*) from blocked_minute").await
    }
}

#[tokio::test]
async fn a_line_that_is_new_has_all_of_its_counter_explained() {
    let mut host = Host::new().await;
    let count = |line: &str, packets| (Count { line: Line::parse(line).expect("a line"), packets, bytes: 0 }, true);
    host.store.upkeep().balance_blocked(MINUTE, &[count("r1", 7)]).await.expect("books");
    host.knock(DROP, "198.51.100.7", 22, 0);
    host.save().await;
    host.store.upkeep().balance_blocked(MINUTE, &[count("r1", 7), count("default-in", 3)]).await.expect("books");
    assert_eq!(host.books().await, (1, 2));
}

#[tokio::test]
async fn what_is_old_or_too_much_goes_in_small_steps() {
    let mut host = Host::new().await;
    let day = 86_400;
    for number in 0..2500_i64 {
        host.knock(DROP, "198.51.100.7", 22, number * 60);
        host.knock(DROP, "2001:db8::7", 23, number * 60);
    }
    host.save().await;
    let upkeep = host.store.upkeep();
    let now = NOW.plus_seconds(100 * day);
    assert!(!upkeep.delete_old_blocked(now, NOW, ROOM).await.expect("a step"), "nothing is that old");
    assert_eq!(host.number("select count(*) from blocked").await, 5000);
    let mut steps = 0;
    while upkeep.delete_old_blocked(now, NOW.plus_seconds(day), ROOM).await.expect("a step") {
        steps += 1;
    }
    assert!(steps >= 2);
    assert_eq!(host.number("select count(*) from blocked").await, 5000 - 2 * 1440);
    assert_eq!(host.number("select count(*) from blocked_source_hour").await, 0, "kept by hour for some days only");
    while upkeep.delete_old_blocked(now, NOW.plus_seconds(day), 4096).await.expect("a step") {}
    assert_eq!(host.number("select count(*) from blocked").await, 0);
    while upkeep.delete_old_blocked(now, now, ROOM).await.expect("a step") {}
    for table in ["blocked_hour", "blocked_day", "blocked_source_day", "blocked_minute", "blocked_door"] {
        assert_eq!(host.number(&format!("select count(*) from {table}")).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_database_that_is_locked_takes_the_same_batch_later() {
    let mut host = Host::new().await;
    host.knock(DROP, "198.51.100.7", 22, 0);
    let options = SqliteConnectOptions::new().filename(host.state.path().join(DATABASE_FILE));
    let mut other = SqliteConnection::connect_with(&options).await.expect("a database");
    let lock = other.begin_with("begin immediate").await.expect("a lock");
    let batch = host.fold.take();
    host.store.upkeep().note_blocked(&batch.entries).await.expect_err("somebody else has the database");
    host.knock(DROP, "198.51.100.7", 22, 1);
    lock.rollback().await.expect("given back");
    host.save().await;
    assert_eq!(host.number("select sum(count) from blocked").await, 2);
    assert_eq!(host.number("select sum(packets) from blocked_hour").await, 2);
}
