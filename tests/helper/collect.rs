//! A whole host that is knocked at: what the kernel counts is what the database tells, in rows and as not itemised.

use std::{
    collections::BTreeMap,
    fs,
    net::{SocketAddr, SocketAddrV6, TcpListener, TcpStream, UdpSocket},
    os::unix::fs::chown,
    path::PathBuf,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use portreeve::{
    actions::{Actions, Clock, HelperSocket},
    firewall::Ruleset,
    store::{Account, DATABASE_FILE, Store},
};
use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto, sendto, socket};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::web::browser::Site;

use super::{
    guarded::{Guarded, apply, run},
    passage::{inside, wire},
    running::{PANEL_UID, program, wait_until},
};

/// A host with a panel, and somebody who knocks.
struct Watched {
    host: Guarded,
    peer: Guarded,
    panel: Option<Child>,
}

/// Rows are stored once a second, and a second is cut at both ends.
const STORED: Duration = Duration::from_millis(2500);

const RULES: &str = r#"{"rules":[
    {"id":1,"action":"allow","direction":"in","to":["22/tcp"]},
    {"id":2,"action":"reject","direction":"in","to":["23/tcp"]},
    {"id":3,"action":"allow","direction":"in","to":["80/tcp"],"log":true}],
    "policy":{"reverse_path":false}}"#;

impl Watched {
    fn new() -> Self {
        Self::with(RULES, |_| ())
    }

    /// Prepares the panel's directory before it starts.
    fn with(rules: &str, prepare: impl FnOnce(&str)) -> Self {
        let (host, peer) = (Guarded::new(), Guarded::bare());
        wire(&host, &peer);
        for (name, number) in [(&host.name, 1), (&peer.name, 2)] {
            let address = format!("2001:db8::{number}/64");
            run("ip", &["-n", name, "addr", "add", &address, "dev", "cable", "nodad"]);
        }
        let ruleset: Ruleset = serde_json::from_str(rules).unwrap();
        host.state(&apply(ruleset, 1, None));
        host.state(&portreeve::boundary::Request::Confirm { revision: 1 });
        fs::create_dir(host.path("panel")).unwrap();
        prepare(&host.path("panel").display().to_string());
        chown(host.path("panel"), Some(PANEL_UID), Some(PANEL_UID)).unwrap();
        let mut watched = Self { host, peer, panel: None };
        watched.start();
        watched
    }

    fn start(&mut self) {
        let user = PANEL_UID.to_string();
        let mut command = program("ip");
        command.args(["netns", "exec", &self.host.name, "setpriv", "--reuid", &user, "--regid", &user]);
        command.args(["--clear-groups", env!("CARGO_BIN_EXE_portreeve"), "serve", "--listen", "127.0.0.1:0"]);
        command.arg("--state-dir").arg(self.host.path("panel")).arg("--helper-socket").arg(self.host.socket());
        let log = fs::File::options().create(true).append(true).open(self.host.path("panel.log")).unwrap();
        self.panel = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let seen = self.recorded();
        wait_until("the panel reads receipts", || self.recorded() > seen);
        // The first look at the counters is where the books begin.
        wait_until("the books are open", || self.number("select count(*) from blocked_account where seen >= 0") > 0);
    }

    /// How often the panel has said that it reads.
    fn recorded(&self) -> usize {
        fs::read_to_string(self.host.path("panel.log")).unwrap_or_default().matches("is recorded").count()
    }

    fn kill(&mut self) {
        let mut panel = self.panel.take().unwrap();
        panel.kill().unwrap();
        panel.wait().unwrap();
    }

    fn database(&self) -> PathBuf {
        self.host.path("panel").join(DATABASE_FILE)
    }

    fn number(&self, sql: &str) -> i64 {
        let options = SqliteConnectOptions::new().filename(self.database()).busy_timeout(Duration::from_secs(20));
        block_on(async {
            let mut connection = SqliteConnection::connect_with(&options).await.ok()?;
            let sql = AssertSqlSafe(format!("select coalesce(({sql}), 0)"));
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.ok()
        })
        .unwrap_or(-1)
    }

    /// Runs a program of the one who knocks.
    fn knock(&self, name: &str, arguments: &[&str]) {
        let mut command = program("ip");
        command.args(["netns", "exec", &self.peer.name, name]).args(arguments);
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    }

    /// What the kernel's counters say.
    fn kernel(&self) -> BTreeMap<String, u64> {
        let mut command = program("ip");
        command.args(["netns", "exec", &self.host.name, "nft", "-j", "list", "counters"]);
        let listing: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let counters = listing["nftables"].as_array().unwrap().iter().filter_map(|object| object.get("counter"));
        let count =
            |counter: &Value| (counter["name"].as_str().unwrap().to_owned(), counter["packets"].as_u64().unwrap());
        counters.map(count).collect()
    }

    /// Reads the counters and balances, as the panel does at the end of each minute; the accounts then.
    fn balance(&self) -> BTreeMap<String, Account> {
        thread::sleep(STORED);
        let helper = HelperSocket::new(&self.host.socket());
        let dir = self.host.path("panel");
        block_on(async {
            let store = Store::open(&dir).await.unwrap();
            let actions = Actions::new(store, helper, Clock::system());
            actions.refresh_firewall().await;
            let counts = actions.refresh_line_hits().await.unwrap();
            actions.balance_blocked(seconds() / 60, counts).await.unwrap();
            let accounts = actions.store().list_blocked_accounts().await.unwrap();
            actions.store().close().await;
            accounts.into_iter().map(|account| (account.line.to_string(), account)).collect()
        })
    }

    /// Asserts that for each of these lines rows and what isn't itemised are the counter; gives what isn't itemised.
    fn assert_balanced(&self, lines: &[&str]) -> u64 {
        let accounts = self.balance();
        let kernel = self.kernel();
        let mut missing = 0;
        for line in lines {
            let account = accounts[*line];
            assert_eq!(account.counted, account.itemised + account.not_itemised, "{account:?}");
            assert_eq!(account.counted, kernel[*line], "{line}: {account:?}");
            let sql = format!(
                "select sum(count) from blocked join blocked_door door on door.id = door
                 join blocked_receipt receipt on receipt.id = door.receipt join blocked_line line on line.id = receipt.line
                 where line.line = '{line}'"
            );
            assert_eq!(self.number(&sql), i64::try_from(account.itemised).unwrap(), "{line}");
            missing += account.not_itemised;
        }
        missing
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(mut panel) = self.panel.take() {
            let _ = panel.kill();
            let _ = panel.wait();
        }
        let _ = program("umount").arg("-lq").arg(self.host.path("panel")).status();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn seconds() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the test compares with the clock of the panel")]
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[test]
fn each_protocol_and_family_gets_rows_that_say_who_when_where_and_why() {
    let watched = Watched::new();
    let start = seconds();
    for (target, six) in [("10.98.0.1", None), ("2001:db8::1", Some("-6"))] {
        let scan = |kind: &str, ports: &str| {
            let mut arguments = vec!["-Pn", "-n", "-e", "cable", "--max-retries", "0", kind, "-p", ports];
            arguments.extend(six);
            arguments.push(target);
            watched.knock("nmap", &arguments);
        };
        for kind in ["-sS", "-sT", "-sF", "-sN", "-sX", "-sA", "-sU", "-sY"] {
            scan(kind, "23,80,4711");
        }
    }
    watched.knock("hping3", &["--icmp", "-c", "100", "-i", "u1000", "10.98.0.1"]);
    inside(&watched.peer.name, ping_six);
    // Left to itself hping3 takes the number of its process modulo 256, and where that is 0 the kernel gives each fragment
    // a number of its own: nobody can put those together.
    let fragments = ["--udp", "-f", "-N", "77", "-d", "100", "-p", "4712", "-c", "2", "-i", "u1000", "10.98.0.1"];
    watched.knock("hping3", &fragments);
    let missing = watched.assert_balanced(&["default-in", "tcp-flags", "r2", "r3", "invalid", "ping-limit"]);
    assert_eq!(missing, 0, "so few are all itemised");
    let rows = |what: &str| {
        watched.number(&format!(
            "select count(*) from blocked join blocked_door door on door.id = door
             join blocked_receipt receipt on receipt.id = door.receipt join blocked_line line on line.id = receipt.line
             join blocked_interface incoming on incoming.id = door.incoming
             where incoming.name = 'cable' and blocked.id >> 16 between {start} and {} and {what}",
            seconds()
        ))
    };
    assert!(rows("port = 4712 and protocol = 17 and family = 4") > 0, "fragments are put together first");
    for family in [4, 6] {
        let source = if family == 4 { "0A620002" } else { "20010DB8000000000000000000000002" };
        for what in [
            "protocol = 6 and port = 4711 and line.line = 'default-in' and action = 'drop'",
            "protocol = 17 and port = 4711 and line.line = 'default-in'",
            "protocol = 132 and port = 4711",
            "protocol = 6 and port = 23 and line.line = 'r2' and action = 'reject'",
            "protocol = 6 and port = 80 and line.line = 'r3' and action = 'allow'",
            "line.line = 'tcp-flags'",
            "line.line = 'ping-limit' and port in (8 * 256, 128 * 256)",
        ] {
            let what = format!("family = {family} and source = x'{source}' and revision = 1 and {what}");
            assert!(rows(&what) > 0, "{what}\n{}", watched.host.log());
        }
    }
}

#[test]
fn rules_that_only_observe_turn_nobody_away_and_record_whom_they_would() {
    let observing = RULES.replace(r#""policy":{"#, r#""policy":{"observe":true,"#);
    let watched = Watched::with(&observing, |_| ());
    let sockets =
        inside(&watched.host.name, || ["0.0.0.0:23", "0.0.0.0:4711"].map(|at| TcpListener::bind(at).unwrap()));
    inside(&watched.peer.name, || {
        for port in [23, 4711] {
            let address = SocketAddr::from(([10, 98, 0, 1], port));
            TcpStream::connect_timeout(&address, Duration::from_secs(3))
                .unwrap_or_else(|error| panic!("{port}: {error}"));
        }
    });
    drop(sockets);
    watched.knock("nmap", &["-Pn", "-n", "-e", "cable", "--max-retries", "0", "-sX", "-p", "23", "10.98.0.1"]);
    assert_eq!(watched.assert_balanced(&["default-in", "tcp-flags", "r2"]), 0);
    let rows = |what: &str| {
        watched.number(&format!(
            "select count(*) from blocked_detail where observed and revision = 1 and source = x'0A620002' and {what}"
        ))
    };
    for what in
        ["port = 23 and action = 'reject' and line = 'r2'", "port = 4711 and action = 'drop'", "line = 'tcp-flags'"]
    {
        assert!(rows(what) > 0, "{what}\n{}", watched.host.log());
    }
    assert_eq!(watched.number("select count(*) from blocked_detail where not observed and action <> 'allow'"), 0);
}

#[test]
fn what_was_dropped_stands_on_the_page_with_the_line_that_did_it_and_the_count_of_the_kernel() {
    let watched = Watched::new();
    let sent = drip(&watched.peer, Duration::from_secs(1));
    watched.knock("nmap", &["-Pn", "-n", "-e", "cable", "--max-retries", "0", "-sT", "-p", "23", "10.98.0.1"]);
    assert_eq!(watched.assert_balanced(&["default-in", "r2"]), 0);
    let turned_away = watched.kernel()["r2"];
    block_on(async {
        let store = Store::open(&watched.host.path("panel")).await.unwrap();
        let actions = Actions::new(store, HelperSocket::new(&watched.host.socket()), Clock::system());
        actions.refresh_firewall().await;
        let site = Site::of(actions).await;
        let mut browser = site.signed_in().await;
        let page = browser.get("/blocked?source=10.98.0.2").await;
        let rows = page.texts("#blocked tbody tr");
        let row = |to: &str| rows.iter().find(|row| row.contains(to)).unwrap_or_else(|| panic!("{to}: {rows:#?}"));
        for words in ["10.98.0.2", "10.98.0.1 on cable", "Dropped", "No rule lets it in", "revision 1"] {
            assert!(row("4711/udp").contains(words), "{words}: {}", row("4711/udp"));
        }
        for words in ["Rejected", "r2", "revision 1"] {
            assert!(row("23/tcp").contains(words), "{words}: {}", row("23/tcp"));
        }
        for (filter, count) in [("port=4711/udp", sent), ("rule=r2", turned_away)] {
            let answer = browser.get(&format!("/blocked?{filter}")).await.texts(".answer").concat();
            let noun = if count == 1 { "attempt" } else { "attempts" };
            let expected = format!("{count} {noun} from 1 address in 24 h");
            assert!(answer.starts_with(&expected), "{filter}: {expected}: {answer}");
        }
        site.panel.actions.store().close().await;
    });
}

/// More pings at once than anybody is answered.
fn ping_six() {
    let socket = socket(AddressFamily::INET6, SocketType::RAW, Some(ipproto::ICMPV6)).unwrap();
    let target: SocketAddrV6 = "[2001:db8::1]:0".parse().unwrap();
    for number in 0..100 {
        sendto(&socket, &[128, 0, 0, 0, 0, 1, 0, number], SendFlags::empty(), &target).unwrap();
    }
}

#[test]
fn a_flood_of_forged_sources_is_bounded_and_counted_to_the_last_packet() {
    let watched = Watched::new();
    run("ip", &["-n", &watched.host.name, "route", "add", "default", "via", "10.98.0.2"]);
    watched.knock("timeout", &["4", "hping3", "--flood", "--rand-source", "--udp", "-p", "53", "10.98.0.1"]);
    drip(&watched.peer, Duration::from_secs(1));
    watched.knock("timeout", &["2", "hping3", "--flood", "--rand-source", "-S", "-p", "++1", "10.98.0.1"]);
    let missing = watched.assert_balanced(&["default-in"]);
    let accounts = watched.balance();
    println!("{:?}", accounts["default-in"]);
    assert!(accounts["default-in"].counted > 20_000, "a flood: {:?}", accounts["default-in"]);
    println!("not itemised: {missing}, rows: {}", watched.number("select count(*) from blocked"));
    // Three minutes of the clock at most.
    assert!(watched.number("select count(*) from blocked") <= 3 * 4600);
    let own = "select sum(count) from blocked join blocked_door door on door.id = door
               where port = 4711 and protocol = 17 and source = x'0A620002'";
    assert!(watched.number(own) > 0, "who knocks at another door meanwhile is still told by his address");
    assert!(watched.number("select count(*) from blocked where length(source) = 3") > 0, "networks");
    assert!(watched.number("select count(*) from blocked where length(source) = 0") > 0, "many");
}

/// Sends steadily until told to stop; gives how many.
fn drip(peer: &Guarded, time: Duration) -> u64 {
    inside(&peer.name, || {
        let socket = UdpSocket::bind("10.98.0.2:5000").unwrap();
        let end = Instant::now() + time;
        let mut sent = 0;
        while Instant::now() < end {
            socket.send_to(b"x", "10.98.0.1:4711").unwrap();
            sent += 1;
            thread::sleep(Duration::from_millis(2));
        }
        sent
    })
}

#[test]
fn a_killed_panel_loses_the_last_second_and_the_next_one_says_how_many_that_were() {
    let mut watched = Watched::new();
    let mut killed_at = 0;
    thread::scope(|scope| {
        let flood = scope.spawn(|| drip(&watched.peer, Duration::from_secs(7)));
        thread::sleep(Duration::from_secs(5));
        kill(watched.panel.as_ref().unwrap());
        killed_at = seconds();
        flood.join().unwrap()
    });
    watched.kill();
    let last = watched.number("select max((id >> 16) + span) from blocked");
    assert!(killed_at - last <= 2, "killed at {killed_at}, stored until {last}");
    watched.start();
    drip(&watched.peer, Duration::from_secs(1));
    let missing = watched.assert_balanced(&["default-in"]);
    assert!(missing > 0, "what came while nobody read was only counted");
}

fn kill(panel: &Child) {
    super::guarded::send(panel.id(), rustix::process::Signal::KILL);
}

#[test]
fn a_helper_that_is_killed_takes_nothing_away() {
    let mut watched = Watched::new();
    drip(&watched.peer, Duration::from_secs(1));
    watched.host.end(rustix::process::Signal::KILL);
    drip(&watched.peer, Duration::from_secs(1));
    watched.host.start();
    drip(&watched.peer, Duration::from_secs(1));
    assert_eq!(watched.assert_balanced(&["default-in"]), 0);
}

#[test]
fn a_locked_database_only_delays_the_rows() {
    let watched = Watched::new();
    let options = SqliteConnectOptions::new().filename(watched.database());
    block_on(async {
        let mut other = SqliteConnection::connect_with(&options).await.unwrap();
        let lock = other.begin_with("begin immediate").await.unwrap();
        // Whoever reads for long holds nobody up either.
        let mut reader = SqliteConnection::connect_with(&options).await.unwrap();
        let mut reading = reader.begin().await.unwrap();
        sqlx::query("select count(*) from blocked").fetch_one(&mut *reading).await.unwrap();
        drip(&watched.peer, Duration::from_secs(7));
        lock.rollback().await.unwrap();
        drip(&watched.peer, Duration::from_secs(2));
        reading.rollback().await.unwrap();
    });
    assert_eq!(watched.assert_balanced(&["default-in"]), 0);
}

#[test]
fn a_full_disk_only_delays_the_rows() {
    let watched = Watched::with(RULES, |dir| run("mount", &["-t", "tmpfs", "-o", "size=4m", "none", dir]));
    let filler = watched.host.path("panel").join("filler");
    let error = fs::write(&filler, vec![0; 8 << 20]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    drip(&watched.peer, Duration::from_secs(4));
    fs::remove_file(&filler).unwrap();
    drip(&watched.peer, Duration::from_secs(1));
    assert_eq!(watched.assert_balanced(&["default-in"]), 0);
}
