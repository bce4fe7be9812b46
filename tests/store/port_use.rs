//! Who used the ports, day by day, and how little room a crowd takes.

use std::net::Ipv4Addr;

use portreeve::{
    firewall::{
        AddressPrefix, Moment,
        listener::Transport,
        usage::{DayUse, Key, MOST_PEERS, MOST_PEERS_IN_ALL, Noted, PortUse, Sample, Tally, day_of},
    },
    store::{DATABASE_FILE, Store},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

const NOW: Moment = Moment::from_millis(1_800_000_000_000);
const DAY: i64 = 24 * 3600;

async fn open() -> (TempDir, Store) {
    let state = tempfile::tempdir().expect("a folder");
    let store = Store::open(state.path()).await.expect("a database");
    (state, store)
}

fn noted(port: u16, at: Moment, peers: &[&str]) -> (Key, Noted) {
    let peers = peers.iter().map(|peer| AddressPrefix::of(peer.parse().expect("an address"))).collect();
    let mut noted = Noted { last_used_at: Some(at), peers, more_came: false };
    if noted.peers.is_empty() {
        noted.last_used_at = None;
    }
    ((Transport::Tcp, port), noted)
}

async fn note(store: &Store, now: Moment, noted: &[(Key, Noted)]) {
    store.upkeep().note_port_use(now, noted).await.expect("written");
    store.upkeep().delete_old_port_use(now).await.expect("forgotten");
}

async fn find(store: &Store, port: u16) -> Option<PortUse> {
    store.port_uses().await.expect("rows").of(port, Transport::Tcp).cloned()
}

fn peers(days: &[DayUse]) -> Vec<(i64, u64)> {
    days.iter().map(|day| (day.day - day_of(NOW), day.peers)).collect()
}

#[tokio::test]
async fn each_peer_counts_once_a_day() {
    let (_state, store) = open().await;
    for (second, came) in [
        (0, &["192.0.2.1", "192.0.2.2"][..]),
        (60, &["192.0.2.2", "2001:db8::1"]),
        (120, &["2001:db8::ffff"]),
        (180, &[]),
        (DAY, &["192.0.2.1"]),
        (2 * DAY, &[]),
    ] {
        let now = NOW.plus_seconds(second);
        note(&store, now, &[noted(110, now, came), noted(995, now, &[])]).await;
    }
    let used = find(&store, 110).await.unwrap();
    assert_eq!((used.watched_since, used.last_used_at), (NOW, Some(NOW.plus_seconds(DAY))));
    assert_eq!(peers(&used.days), [(0, 3), (1, 1), (2, 0)]);
    assert!(used.days.iter().all(|day| !day.is_least));
    assert_eq!(used.quiet_days(NOW.plus_seconds(2 * DAY)), Some(1));
    let unused = find(&store, 995).await.unwrap();
    assert_eq!((unused.last_used_at, unused.quiet_days(NOW.plus_seconds(2 * DAY))), (None, Some(2)));
}

#[tokio::test]
async fn a_month_is_kept() {
    let (_state, store) = open().await;
    for day in 0..40 {
        let now = NOW.plus_seconds(day * DAY);
        let ports = [noted(22, now, &["192.0.2.1"]), noted(110, now, &[])];
        note(&store, now, &ports[..if day < 5 { 2 } else { 1 }]).await;
    }
    let used = find(&store, 22).await.unwrap();
    assert_eq!((used.days.len(), used.days[0].day - day_of(NOW), used.watched_since), (30, 10, NOW));
    assert_eq!(find(&store, 110).await, None, "nothing listened there for a month");

    // A clock that was wrong for a moment leaves nothing behind.
    let later = NOW.plus_seconds(400 * DAY);
    note(&store, later, &[noted(22, later, &["192.0.2.1"])]).await;
    note(&store, NOW, &[noted(22, NOW, &["192.0.2.1"])]).await;
    assert_eq!(peers(&find(&store, 22).await.unwrap().days), [(0, 1)]);
}

async fn count_peers(state: &TempDir) -> i64 {
    let options = SqliteConnectOptions::new().filename(state.path().join(DATABASE_FILE));
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a database");
    sqlx::query_scalar("select count(*) from port_peer").fetch_one(&mut connection).await.expect("a count")
}

#[tokio::test]
async fn a_hundred_thousand_peers_fill_no_disk() {
    let (state, store) = open().await;
    for minute in 0..100_u32 {
        let mut sample = Sample::default();
        sample.listen(Transport::Tcp, 443);
        for number in 0..1_000 {
            sample.over(Transport::Tcp, 443, Ipv4Addr::from((minute * 1_000) + number).into());
        }
        let mut tally = Tally::default();
        tally.add(&sample, NOW);
        note(&store, NOW.plus_seconds(i64::from(minute) * 60), &tally.take()).await;
    }
    assert_eq!(count_peers(&state).await, i64::try_from(MOST_PEERS).unwrap());
    let day = find(&store, 443).await.unwrap().days[0];
    assert!(day.is_least && day.peers == 2 * 1_000, "{day:?}");
    store.close().await;
    let size = std::fs::metadata(state.path().join(DATABASE_FILE)).unwrap().len();
    assert!(size < 1024 * 1024, "{size} bytes");
}

#[tokio::test]
async fn many_ports_with_many_peers_fill_no_disk_either() {
    let (state, store) = open().await;
    for first in (1..=20_000_u16).step_by(2_000) {
        let crowd: Vec<String> = (0..50_u32).map(|number| Ipv4Addr::from(number + 1).to_string()).collect();
        let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
        let ports: Vec<_> = (first..first + 2_000).map(|port| noted(port, NOW, &crowd)).collect();
        note(&store, NOW, &ports).await;
    }
    assert_eq!(count_peers(&state).await, i64::try_from(MOST_PEERS_IN_ALL).unwrap());
    let uses = store.port_uses().await.unwrap();
    assert_eq!(uses.iter().count(), 10_000);
    assert_eq!(uses.iter().map(|port_use| port_use.days.len()).sum::<usize>(), 2_000);
}
