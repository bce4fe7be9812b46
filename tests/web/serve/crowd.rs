//! Many browsers with a page that is kept fresh: bounded in memory and descriptors, and others are still served.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
};

use portreeve::web::server::limits;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::ALL_VERSIONS;

use super::{
    account::session,
    process::{PATIENCE, Serving, Tls, until},
};

/// What the package's unit allows the panel, in KiB.
const MEMORY: u64 = 512 * 1024;

/// Connections, the database's files, and a few for good measure.
const DESCRIPTORS: usize = 512 + 64;

/// Asks for the events and reads the answer's head.
pub fn listen(serving: &Serving, stream: TcpStream, session: &str) -> (String, Tls) {
    try_to_listen(serving, stream, session).expect("a seat")
}

/// None where there is no seat.
fn try_to_listen(serving: &Serving, stream: TcpStream, session: &str) -> Option<(String, Tls)> {
    let mut tls = serving.handshake(stream, b"http/1.1", ALL_VERSIONS)?;
    let request = format!(
        "GET /blocked/live/events HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\nCookie: {session}\r\n\r\n",
        serving.address
    );
    tls.write_all(request.as_bytes()).expect("room for a request");
    let mut head = [0; 512];
    let count = tls.read(&mut head).expect("an answer");
    Some((String::from_utf8_lossy(&head[..count]).into_owned(), tls))
}

/// A connection from another address of this host.
fn from(serving: &Serving, address: Ipv4Addr) -> TcpStream {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    bind(&socket, &SocketAddr::from((address, 0))).expect("an address of this host");
    connect(&socket, &serving.address).expect("a connection");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

fn descriptors(serving: &Serving) -> usize {
    fs::read_dir(format!("/proc/{}/fd", serving.pid())).expect("the program runs").count()
}

fn memory(serving: &Serving) -> u64 {
    let line = serving.status("VmHWM");
    line.trim_end_matches("kB").trim().parse().expect("a number")
}

#[test]
fn five_hundred_browsers_that_listen_are_bounded_and_leave_room_for_others() {
    let serving = Serving::start();
    let session = session(&serving);
    // Who has come with a session keeps a seat.
    drop(listen(&serving, serving.connect(), &session));
    let before = descriptors(&serving);
    let crowd: Vec<_> = (0..500_u32)
        .filter_map(|number| {
            let [_, _, high, low] = (number / 20 + 256).to_be_bytes();
            try_to_listen(&serving, from(&serving, Ipv4Addr::new(127, 0, high, low)), &session)
        })
        .collect();
    let served = crowd.iter().filter(|(head, _)| head.starts_with("HTTP/1.1 200 ")).count();
    let refused = crowd.iter().filter(|(head, _)| head.starts_with("HTTP/1.1 503 ")).count();
    // The last seats are kept for addresses with a session; this one has just been seen to have one.
    assert_eq!((served, served + refused), (limits::LIVE_PAGES, crowd.len()));
    assert!(crowd.len() >= limits::CONNECTIONS - limits::RESERVED - 1, "{}", crowd.len());
    assert!(descriptors(&serving) < DESCRIPTORS, "{}", descriptors(&serving));
    assert!(memory(&serving) < MEMORY, "{} KiB", memory(&serving));
    assert!(serving.get("/sign-in").starts_with("HTTP/1.1 200 "));
    drop(crowd);
    until("the descriptors are given back", || (descriptors(&serving) <= before + 4).then_some(()));
    let (head, _) = listen(&serving, serving.connect(), &session);
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
}
