//! Who is connected, by an unprivileged look, against connections that the test made and against `ss`.

use std::{
    io::Read,
    net::{IpAddr, Shutdown, TcpListener, TcpStream, UdpSocket},
    thread,
    time::Duration,
};

use portreeve::{
    firewall::Moment,
    firewall::{
        listener::Transport,
        usage::{Connected, Connections, Noted, Sample, Tally},
    },
    host::connections::{Ended, Look, Told},
};
use rustix::{
    process::{Gid, Uid},
    thread::{set_thread_gid, set_thread_groups, set_thread_uid},
};

use super::host::Host;

/// A thread of nobody's: it has no privilege left.
fn as_nobody<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    let act = || {
        set_thread_groups(&[]).unwrap();
        set_thread_gid(Gid::from_raw(65534)).unwrap();
        set_thread_uid(Uid::from_raw(65534)).unwrap();
        act()
    };
    thread::scope(|scope| scope.spawn(act).join().unwrap())
}

fn look() -> Connections {
    let sample = as_nobody(|| Look::open().unwrap().sample().unwrap());
    Connections { sample, ..Connections::default() }
}

fn connected(connections: &Connections, port: u16) -> (u64, Vec<String>) {
    let connected = connections.at(port, Transport::Tcp).unwrap();
    (connected.connections, connected.peers.keys().map(ToString::to_string).collect())
}

fn came(sample: &Sample, port: u16) -> Noted {
    let mut tally = Tally::default();
    tally.add(sample, Moment::from_millis(1));
    let noted = tally.take().into_iter().find(|(key, _)| *key == (Transport::Tcp, port));
    noted.expect("the port is watched").1
}

#[test]
fn connections_of_both_families_are_counted_where_something_listens() {
    let (host, other) = Host::pair();
    let server = host.within(|| TcpListener::bind("[::]:443").unwrap());
    let v4_only = host.within(|| TcpListener::bind("192.0.2.1:80").unwrap());
    let mut held = Vec::new();
    for target in ["192.0.2.1:443", "192.0.2.1:443", "[2001:db8::1]:443", "192.0.2.1:80"] {
        held.push(other.within(|| TcpStream::connect(target).unwrap()));
    }
    held.push(host.within(|| TcpStream::connect("127.0.0.1:443").unwrap()));
    let accepted: Vec<_> = (0..4).map(|_| server.accept().unwrap()).collect();
    let connections = host.within(look);
    assert_eq!(connected(&connections, 443), (4, ["127.0.0.1", "192.0.2.2", "2001:db8::2"].map(str::to_owned).into()));
    assert_eq!(connected(&connections, 80), (1, vec!["192.0.2.2".to_owned()]));
    let own_end = held[4].local_addr().unwrap().port();
    assert_eq!(connections.at(own_end, Transport::Tcp), None, "the end that connects isn't a server's");

    let ss = host.run("ss", &["-Htan", "state", "established", "sport", "=", ":443"]);
    assert_eq!(ss.lines().count(), 4, "{ss}");
    drop((accepted, v4_only));
}

#[test]
fn who_left_a_moment_ago_is_seen_and_not_counted_as_connected() {
    let (host, other) = Host::pair();
    let server = host.within(|| TcpListener::bind("192.0.2.1:443").unwrap());
    let client = other.within(|| TcpStream::connect("192.0.2.1:443").unwrap());
    let (accepted, _) = server.accept().unwrap();
    // Whoever closes first stays in TIME_WAIT.
    accepted.shutdown(Shutdown::Both).unwrap();
    drop(accepted);
    drop(client);
    thread::sleep(Duration::from_millis(100));
    let connections = host.within(look);
    assert_eq!(connections.at(443, Transport::Tcp), Some(&Connected::default()));
    assert_eq!(came(&connections.sample, 443).peers.len(), 1);
}

#[test]
fn a_spoofed_greeting_is_no_connection() {
    let (host, other) = Host::pair();
    let server = host.within(|| TcpListener::bind("192.0.2.1:443").unwrap());
    let mut spoof = other.command("hping3");
    spoof.args(["--syn", "-p", "443", "--rand-source", "-i", "u100", "-c", "2000", "192.0.2.1"]);
    assert!(spoof.output().is_ok());
    let half_open = host.run("ss", &["-Htan", "state", "syn-recv"]);
    let connections = host.within(look);
    assert_eq!(connections.at(443, Transport::Tcp), Some(&Connected::default()), "{half_open}");
    assert_eq!(came(&connections.sample, 443), Noted::default());
    drop(server);
}

#[test]
fn the_kernel_tells_an_unprivileged_listener_of_connections_that_end() {
    let (host, other) = Host::pair();
    let server = host.within(|| TcpListener::bind("[::]:443").unwrap());
    let mut ended = host.within(|| as_nobody(|| Ended::open().unwrap()));
    let mut heard = host.within(look).sample.without_peers();
    ended.begin(1_000).unwrap();
    for target in ["192.0.2.1:443", "[2001:db8::1]:443"] {
        let client = other.within(|| TcpStream::connect(target).unwrap());
        let (mut accepted, _) = server.accept().unwrap();
        // The client closes first, so that nothing of it stays here.
        drop(client);
        assert_eq!(accepted.read(&mut [0]).unwrap(), 0);
    }
    thread::sleep(Duration::from_millis(200));
    assert_eq!(came(&host.within(look).sample, 443), Noted::default(), "a look comes too late");
    assert_eq!(ended.read(&mut heard).unwrap(), Told::All);
    let peers: Vec<IpAddr> = came(&heard, 443).peers.iter().map(|peer| peer.address()).collect();
    assert_eq!(peers, ["192.0.2.2", "2001:db8::"].map(|peer| peer.parse::<IpAddr>().unwrap()));
    assert!(!ended.is_lossy());
}

#[test]
fn on_a_host_where_too_many_end_the_kernel_is_asked_to_be_silent() {
    let host = Host::new();
    let server = host.within(|| TcpListener::bind("127.0.0.1:443").unwrap());
    let mut ended = host.within(|| Ended::open().unwrap());
    let mut heard = host.within(look).sample.without_peers();
    ended.begin(20).unwrap();
    host.within(|| {
        for _ in 0..50 {
            let client = TcpStream::connect("127.0.0.1:443").unwrap();
            drop((server.accept().unwrap(), client));
        }
    });
    thread::sleep(Duration::from_millis(200));
    assert_eq!(ended.read(&mut heard).unwrap(), Told::TooMuch);
    assert!(ended.is_lossy());
    assert_eq!(came(&heard, 443).peers.len(), 1);
    ended.begin(1_000).unwrap();
    assert!(!ended.is_lossy());
}

#[test]
fn a_udp_server_with_a_socket_for_its_peer_is_told_of() {
    let (host, other) = Host::pair();
    let client = other.within(|| UdpSocket::bind("192.0.2.2:5000").unwrap());
    let (listening, connected) = host.within(|| {
        let listening = UdpSocket::bind("192.0.2.1:4433").unwrap();
        let connected = UdpSocket::bind("127.0.0.1:4433").unwrap();
        (listening, connected)
    });
    host.within(|| connected.connect("127.0.0.1:9").unwrap());
    let connections = host.within(look);
    assert_eq!(connections.at(4433, Transport::Udp).unwrap().connections, 1);
    drop((client, listening));
}

#[test]
fn ten_thousand_connections_are_named_up_to_the_bound() {
    let host = Host::new();
    let server = host.within(|| TcpListener::bind("127.0.0.1:443").unwrap());
    let mut held = Vec::new();
    host.within(|| {
        for number in 0..1_500_u16 {
            let [high, low] = number.to_be_bytes();
            let source =
                rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None).unwrap();
            rustix::net::bind(&source, &std::net::SocketAddr::from(([127, 1, high, low], 0))).unwrap();
            rustix::net::connect(&source, &server.local_addr().unwrap()).unwrap();
            held.push((source, server.accept().unwrap()));
        }
    });
    let connections = host.within(look);
    let connected = connections.at(443, Transport::Tcp).unwrap();
    assert_eq!((connected.connections, connected.peers.len(), connected.unnamed), (1_500, 1_000, 500));
    assert!(came(&connections.sample, 443).more_came);
}
