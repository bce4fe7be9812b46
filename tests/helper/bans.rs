//! Whom the kernel shuts out, when, and for how long: bans and long lists, with real connections.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use portreeve::{
    boundary::Request,
    firewall::{AddressRange, Ruleset, enforcement::Ban},
};

use super::{
    guarded::{Guarded, apply, opens},
    passage::{inside, wire},
    running::{PATIENCE, program, wait_until},
};

const PORT: u16 = 7001;

fn range(text: &str) -> AddressRange {
    AddressRange::parse(text).unwrap()
}

fn ban(addresses: &str, seconds: Option<u32>) -> Request {
    Request::SetMembers { add: vec![Ban { addresses: range(addresses), seconds }], remove: Vec::new() }
}

fn lift(addresses: &str) -> Request {
    Request::SetMembers { add: Vec::new(), remove: vec![range(addresses)] }
}

/// A guarded host that lets in a port, and 10.98.0.2 beside it.
fn pair() -> (Guarded, Guarded, TcpListener) {
    let (host, peer) = (Guarded::new(), Guarded::bare());
    wire(&host, &peer);
    confirm(&host, opens(PORT), 1);
    let listener = inside(&host.name, || TcpListener::bind(("10.98.0.1", PORT)).unwrap());
    (host, peer, listener)
}

fn confirm(host: &Guarded, ruleset: Ruleset, revision: u64) {
    let expected = revision.checked_sub(1).filter(|before| *before > 0);
    host.state(&apply(ruleset, revision, expected));
    host.state(&Request::Confirm { revision });
}

fn connect(peer: &Guarded) -> std::io::Result<TcpStream> {
    let address = SocketAddr::from(([10, 98, 0, 1], PORT));
    inside(&peer.name, || TcpStream::connect_timeout(&address, Duration::from_millis(400)))
}

fn is_let_in(peer: &Guarded) -> bool {
    match connect(peer) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
            false
        }
    }
}

/// Whether a byte arrives.
fn passes(from: &mut TcpStream, to: &mut TcpStream) -> bool {
    to.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
    from.write_all(b"x").unwrap();
    to.read_exact(&mut [0]).is_ok()
}

fn connections(host: &Guarded) -> String {
    let mut command = program("ip");
    command.args(["netns", "exec", &host.name, "conntrack", "-L", "-s", "10.98.0.2"]);
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[test]
fn a_ban_ends_what_is_open_and_lifting_it_lets_in_again() {
    let (host, peer, listener) = pair();
    for addresses in ["10.98.0.2", "10.98.0.0/30"] {
        let mut stream = connect(&peer).unwrap();
        let mut accepted = listener.accept().unwrap().0;
        assert!(passes(&mut stream, &mut accepted));
        assert!(connections(&host).contains("ESTABLISHED"));

        host.state(&ban(addresses, Some(3600)));

        assert!(!passes(&mut stream, &mut accepted), "{addresses}: an open connection goes on");
        assert_eq!(connections(&host), "", "{addresses}: the kernel still knows the connection");
        assert!(!is_let_in(&peer), "{addresses}");
        host.state(&ban(addresses, None));
        assert!(!is_let_in(&peer), "{addresses}, made anew");
        host.state(&lift(addresses));
        host.state(&lift(addresses));
        assert!(is_let_in(&peer), "{addresses} was lifted");
        drop(listener.accept());
    }
}

#[test]
fn a_ban_runs_out_by_itself_and_what_lies_in_another_stays() {
    let (host, peer, _listener) = pair();
    let start = Instant::now();
    host.state(&ban("10.98.0.2", Some(2)));
    assert!(!is_let_in(&peer));
    wait_until("the ban is over", || is_let_in(&peer));
    assert!(start.elapsed() > Duration::from_millis(1900), "{:?}", start.elapsed());

    host.state(&ban("10.98.0.0-10.98.0.5", None));
    host.state(&ban("10.96.0.0/11", Some(1)));
    host.state(&ban("255.0.0.0/8", None));
    thread::sleep(Duration::from_millis(1500));
    assert!(!is_let_in(&peer), "the shorter ban of more doesn't end the longer one of less");
    host.state(&lift("10.98.0.0-10.98.0.5"));
    assert!(is_let_in(&peer));
}

/// Apart from each other, so that nothing is joined.
fn long_list(count: u32, more: &str) -> Ruleset {
    let entry = |number: u32| format!("\"{}.{}.{}.0/30\"", 20 + number / 65536, number / 256 % 256, number % 256);
    let entries: Vec<String> = (0..count).map(entry).chain([format!("\"{more}\"")]).collect();
    let list = format!(r#"{{"name":"deny","entries":[{}]}}"#, entries.join(","));
    let rule = format!(r#"{{"id":1,"action":"allow","direction":"in","to":["{PORT}/tcp"]}}"#);
    serde_json::from_str(&format!(r#"{{"lists":[{list}],"rules":[{rule}]}}"#)).unwrap()
}

#[test]
fn a_long_list_is_replaced_whole_and_its_connections_are_forgotten() {
    let (host, peer, listener) = pair();
    let mut stream = connect(&peer).unwrap();
    let mut accepted = listener.accept().unwrap().0;

    confirm(&host, long_list(21_000, "10.98.0.0/24"), 2);
    assert_eq!(connections(&host), "");
    assert!(!passes(&mut stream, &mut accepted) && !is_let_in(&peer));

    confirm(&host, long_list(22_000, "240.0.0.0/4"), 3);
    assert!(is_let_in(&peer), "who is no longer on the list gets in");
    let element = |address: &str| host.nft_finds("list_deny_4", address);
    assert!(element("20.0.0.1") && element("20.85.239.3") && element("255.255.255.255"));
    assert!(!element("20.0.0.4") && !element("20.85.240.0") && !element("10.98.0.2"));

    host.state(&apply(long_list(21_000, "10.98.0.0/24"), 4, Some(3)));
    assert!(!is_let_in(&peer));
    let end = Instant::now() + PATIENCE;
    while !is_let_in(&peer) {
        assert!(Instant::now() < end, "silence brings the old list back");
    }
    assert!(element("20.85.239.3"));
}
