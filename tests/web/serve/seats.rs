//! Many connections at once.

use std::{
    io::Read,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    os::fd::OwnedFd,
    time::Duration,
};

use portreeve::web::server::limits;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::ALL_VERSIONS;

use super::process::{PATIENCE, Serving, exchange};

/// Connects from one of the many addresses of the loopback interface.
fn connect_from(serving: &Serving, number: usize) -> TcpStream {
    let socket: OwnedFd = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    let address = Ipv4Addr::from_bits(0x7f00_0100 + u32::try_from(number).expect("a small number"));
    bind(&socket, &SocketAddr::new(IpAddr::V4(address), 0)).expect("a loopback address");
    connect(&socket, &serving.address).expect("a connection");
    TcpStream::from(socket)
}

fn is_open(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(1))).expect("a timeout");
    stream.read(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

fn is_served(serving: &Serving, stream: TcpStream) -> bool {
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let Some(mut tls) = serving.handshake(stream, b"http/1.1", ALL_VERSIONS) else { return false };
    exchange(&mut tls, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").contains(" 303 ")
}

#[test]
fn one_address_gets_its_share_and_its_oldest_connection_gives_way_to_its_next() {
    let serving = Serving::start();
    let mut held: Vec<TcpStream> = (0..limits::PER_SOURCE).map(|_| connect_from(&serving, 1)).collect();
    let mut other = connect_from(&serving, 2);
    assert!(is_served(&serving, connect_from(&serving, 1)));
    assert!(!is_open(&mut held[0]), "the oldest gave way");
    assert!(held[1..].iter_mut().all(is_open) && is_open(&mut other), "the others are not disturbed");
}

fn assert_serves_a_newcomer(sources: usize, each: usize) {
    let serving = Serving::start();
    let mut held: Vec<TcpStream> = (1..=sources)
        .flat_map(|source| std::iter::repeat_n(source, each))
        .map(|source| connect_from(&serving, source))
        .collect();
    assert!(is_served(&serving, connect_from(&serving, 1000)), "the administrator");
    assert!(held.iter_mut().any(|stream| !is_open(stream)), "somebody gave way");
}

#[test]
fn a_newcomer_gets_in_when_few_strangers_hold_all_seats() {
    assert_serves_a_newcomer((limits::CONNECTIONS - limits::RESERVED) / limits::PER_SOURCE, limits::PER_SOURCE);
}

#[test]
fn a_newcomer_gets_in_when_many_strangers_hold_a_seat_each() {
    assert_serves_a_newcomer(limits::CONNECTIONS - limits::RESERVED, 1);
}
