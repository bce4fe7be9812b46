//! Many connections at once.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    os::fd::OwnedFd,
    time::Duration,
};

use portreeve::web::server::limits;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::ALL_VERSIONS;

use super::process::{PATIENCE, Serving, exchange, until};

/// Connects from one of the many addresses of the loopback interface.
fn connect_from(serving: &Serving, last: u8) -> TcpStream {
    let socket: OwnedFd = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    bind(&socket, &SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)), 0)).expect("a loopback address");
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
fn one_address_gets_its_share_and_others_are_served() {
    let serving = Serving::start();
    let mut held: Vec<TcpStream> = (0..limits::PER_SOURCE).map(|_| connect_from(&serving, 1)).collect();
    let mut one_more = connect_from(&serving, 1);
    until("the one too many is closed", || (!is_open(&mut one_more)).then_some(()));
    assert!(held.iter_mut().all(is_open), "the others are not disturbed");
    assert!(is_served(&serving, connect_from(&serving, 2)));
    drop(held);
    until("the seats are free again", || is_served(&serving, connect_from(&serving, 1)).then_some(()));
}

#[test]
fn a_newcomer_gets_in_when_strangers_hold_all_seats() {
    let serving = Serving::start();
    let sources = u8::try_from((limits::CONNECTIONS - limits::RESERVED) / limits::PER_SOURCE).unwrap();
    let mut held: Vec<TcpStream> = (1..=sources)
        .flat_map(|source| (0..limits::PER_SOURCE).map(move |_| source))
        .map(|source| connect_from(&serving, source))
        .collect();
    assert!(is_served(&serving, connect_from(&serving, 200)), "the administrator");
    assert!(held.iter_mut().filter_map(|stream| (!is_open(stream)).then_some(())).count() >= 1, "somebody gave way");
    let _ = held[0].write_all(b"x");
}
