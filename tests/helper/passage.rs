//! While one ruleset takes the place of another there is no open moment and none that is shut.

use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use portreeve::{
    actions::HelperSocket,
    boundary::Request,
    firewall::{Line, Ruleset},
};
use rustix::{
    fd::AsFd,
    net::sockopt::set_socket_recv_buffer_size_force,
    thread::{LinkNameSpaceType, move_into_link_name_space},
};

use super::{
    guarded::{Guarded, apply, run},
    running::PATIENCE,
};

const APPLIES: u64 = 100;

/// Ports that both rulesets let in, that both keep shut, and that the stream goes to.
const OPEN: u16 = 7001;
const SHUT: u16 = 7002;
const STREAM: u16 = 7003;

/// So many probes from so many ports: each port's first packet is a new connection to be judged.
const SOURCES: u16 = 400;

/// Alternates, with chains, sets and counters that come and go.
fn ruleset(revision: u64) -> Ruleset {
    let is_even = revision.is_multiple_of(2);
    let other = if is_even {
        format!(r#", {{"id":3,"action":"drop","direction":"in","who":["list:some"],"to":["{SHUT}/udp"]}}"#)
    } else {
        r#", {"id":4,"action":"allow","direction":"in","to":["9/tcp"],"new_connections":"5/second"}"#.to_owned()
    };
    let lists = if is_even { r#"[{"name":"some","entries":["198.51.100.0/24"]}]"# } else { "[]" };
    let open = format!(r#"{{"id":1,"action":"allow","direction":"in","to":["{OPEN}/udp","{STREAM}/tcp"]}}"#);
    serde_json::from_str(&format!(r#"{{"lists":{lists},"rules":[{open}{other}]}}"#)).unwrap()
}

/// Does something in a network namespace. Only this thread moves.
pub fn inside<T: Send>(name: &str, act: impl FnOnce() -> T + Send) -> T {
    let namespace = File::open(format!("/run/netns/{name}")).unwrap();
    thread::scope(|scope| {
        let thread = scope.spawn(move || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            act()
        });
        thread.join().unwrap()
    })
}

/// Joins two hosts by a cable: 10.98.0.1 and 10.98.0.2.
pub fn wire(host: &Guarded, peer: &Guarded) {
    run(
        "ip",
        &["-n", &host.name, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", &peer.name],
    );
    for (name, address) in [(&host.name, "10.98.0.1/24"), (&peer.name, "10.98.0.2/24")] {
        run("ip", &["-n", name, "addr", "add", address, "dev", "cable"]);
        run("ip", &["-n", name, "link", "set", "cable", "up"]);
    }
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 98, 0, 1], port))
}

#[derive(Default)]
struct Seen {
    is_over: AtomicBool,
    sent: AtomicU64,
    open: AtomicU64,
    shut: AtomicU64,
    echoes: AtomicU64,
}

impl Seen {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn count(&self, port: u16, into: &AtomicU64, ready: &Barrier) {
        let socket = UdpSocket::bind(address(port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        // Enough for all, however long this thread has to wait for its turn.
        set_socket_recv_buffer_size_force(&socket, 64 << 20).unwrap();
        ready.wait();
        while self.goes_on() || socket.peek(&mut [0; 8]).is_ok() {
            if socket.recv(&mut [0; 8]).is_ok() {
                into.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// A packet to each of both ports, again and again from another port.
    fn flood(&self) {
        let sockets: Vec<UdpSocket> = (0..SOURCES).map(|_| UdpSocket::bind("10.98.0.2:0").unwrap()).collect();
        for socket in sockets.iter().cycle() {
            socket.send_to(b"open", address(OPEN)).unwrap();
            socket.send_to(b"shut", address(SHUT)).unwrap();
            self.sent.fetch_add(1, Ordering::Relaxed);
            if !self.goes_on() {
                return;
            }
            thread::sleep(Duration::from_micros(300));
        }
    }

    /// An established stream: what is said comes back. Gives the longest wait.
    fn converse(&self) -> Duration {
        let mut stream = TcpStream::connect(address(STREAM)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut longest = Duration::ZERO;
        while self.goes_on() {
            let start = Instant::now();
            stream.write_all(b"x").unwrap();
            stream.read_exact(&mut [0]).unwrap();
            longest = longest.max(start.elapsed());
            self.echoes.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(1));
        }
        longest
    }
}

fn echo(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut byte = [0];
    while stream.read_exact(&mut byte).is_ok() {
        stream.write_all(&byte).unwrap();
    }
}

#[test]
fn a_hundred_applies_in_a_flood_let_nothing_through_and_hold_nothing_up() {
    let (host, peer) = (Guarded::new(), Guarded::bare());
    wire(&host, &peer);
    host.state(&apply(ruleset(1), 1, None));
    host.state(&Request::Confirm { revision: 1 });
    let (seen, ready) = (Seen::default(), Barrier::new(4));
    let longest = thread::scope(|scope| {
        scope.spawn(|| inside(&host.name, || seen.count(OPEN, &seen.open, &ready)));
        scope.spawn(|| inside(&host.name, || seen.count(SHUT, &seen.shut, &ready)));
        scope.spawn(|| {
            inside(&host.name, || {
                let listener = TcpListener::bind(address(STREAM)).unwrap();
                ready.wait();
                echo(&listener);
            });
        });
        ready.wait();
        scope.spawn(|| inside(&peer.name, || seen.flood()));
        let stream = scope.spawn(|| inside(&peer.name, || seen.converse()));
        for revision in 2..=APPLIES + 1 {
            host.state(&apply(ruleset(revision), revision, Some(revision - 1)));
            host.state(&Request::Confirm { revision });
        }
        seen.is_over.store(true, Ordering::Relaxed);
        stream.join().unwrap()
    });
    let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
    let (sent, open, shut, echoes) = (count(&seen.sent), count(&seen.open), count(&seen.shut), count(&seen.echoes));
    let counters = HelperSocket::new(&host.socket()).read_counters().unwrap();
    let counted = |name: &str| counters.iter().find(|one| one.line == Line::parse(name).unwrap()).unwrap().packets;
    println!("{sent} packets each, {open} and {shut} passed; {echoes} echoes, the longest took {longest:?}");
    assert!(sent > 5_000, "a flood: {sent}");
    assert_eq!((open, shut), (sent, 0));
    assert_eq!(counted("r1"), sent + 1, "each packet and the stream's first is counted, over all applies");
    assert!(echoes > 100 && longest < Duration::from_secs(1), "{echoes} echoes, {longest:?}");
}
