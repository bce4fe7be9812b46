//! What becomes of connections that are older than the ruleset in force.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use portreeve::{
    firewall::Moment,
    web::{
        kit::Names,
        server::{CertificateFiles, Identity, Seats, Server, Subject, limits, make},
    },
};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::watch};

use super::{
    http2::{HEADERS, NO_ERROR, greet, next_frame, reason_of_end, request},
    process::{PATIENCE, Tls, handshake, read_to_close},
};

const SLOW: Duration = Duration::from_secs(4);
const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The server with two pages, one of them slow, and the word that the kernel took a ruleset.
struct Harbour {
    address: SocketAddr,
    pem: Vec<u8>,
    commit: watch::Sender<Option<Instant>>,
    _stop: watch::Sender<bool>,
    _runtime: Runtime,
    _dir: TempDir,
}

impl Harbour {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let subject = Subject { names: vec!["localhost".to_owned()], addresses: [Ipv4Addr::LOCALHOST.into()].into() };
        let now = Moment::from_millis(1_795_375_697_000);
        make(dir.path(), &subject, now).expect("a certificate");
        let identity = Arc::new(Identity::load(CertificateFiles::self_made(dir.path())).expect("the certificate"));
        let slow = get(async || {
            tokio::time::sleep(SLOW).await;
            "slow"
        });
        let router = Router::new().route("/", get(async || "quick")).route("/slow", slow);
        let (commit, commits) = watch::channel(None);
        let (stop, stopped) = watch::channel(false);
        let names = Names::new([], Arc::clone(&identity));
        let server = Server::new(router, names, Seats::default(), identity, commits, stopped).expect("a server");
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(server.serve(listener));
        let pem = std::fs::read(dir.path().join("tls.pem")).expect("the certificate");
        Self { address, pem, commit, _stop: stop, _runtime: runtime, _dir: dir }
    }

    fn connect(&self, alpn: &[u8]) -> Tls {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        handshake(stream, &self.pem, alpn, rustls::ALL_VERSIONS).expect("a handshake")
    }

    /// A connection that speaks HTTP/1.1 and has had an answer.
    fn acquainted(&self) -> Tls {
        let mut tls = self.connect(b"http/1.1");
        assert!(ask(&mut tls, GET).ends_with("quick"));
        tls
    }

    fn commit(&self) {
        self.commit.send_replace(Some(Instant::now()));
    }
}

/// One request and its answer, on a connection that stays open.
fn ask(tls: &mut Tls, request: &str) -> String {
    tls.write_all(request.as_bytes()).expect("an open connection");
    let (mut said, mut byte) = (Vec::new(), [0]);
    while !said.ends_with(b"quick") && tls.read(&mut byte).is_ok_and(|count| count == 1) {
        said.extend(byte);
    }
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn a_resting_connection_still_gets_the_next_page_and_then_its_end() {
    let harbour = Harbour::open();
    let mut old = harbour.acquainted();
    harbour.commit();
    let since = Instant::now();
    assert!(ask(&mut old, GET).ends_with("quick"), "the page that tells of the change");
    assert_eq!(read_to_close(&mut old), "");
    assert!((limits::LAST_PAGE..limits::IDLE).contains(&since.elapsed()), "{:?}", since.elapsed());
}

#[test]
fn a_request_under_way_is_answered_with_the_word_that_the_connection_ends() {
    let harbour = Harbour::open();
    let mut old = harbour.acquainted();
    old.write_all(GET.replace("/ ", "/slow ").as_bytes()).expect("an open connection");
    harbour.commit();
    let answer = read_to_close(&mut old);
    assert!(answer.ends_with("slow") && answer.contains("connection: close"), "{answer}");
}

#[test]
fn an_http2_connection_is_told_to_go_and_its_last_request_is_answered() {
    let harbour = Harbour::open();
    let mut old = harbour.connect(b"h2");
    greet(&mut old);
    old.write_all(&request(1)).expect("an open connection");
    while next_frame(&mut old).expect("an answer").0 != HEADERS {}
    harbour.commit();
    let since = Instant::now();
    assert_eq!(reason_of_end(&mut old), Some(NO_ERROR));
    assert!(since.elapsed() < limits::IDLE, "it ends by the commit, not by resting");
}

#[test]
fn a_connection_that_is_younger_than_the_ruleset_stays() {
    let harbour = Harbour::open();
    harbour.commit();
    let mut young = harbour.acquainted();
    std::thread::sleep(limits::LAST_PAGE + Duration::from_secs(1));
    assert!(ask(&mut young, GET).ends_with("quick"));
    harbour.commit();
    assert_eq!(read_to_close(&mut young), "", "until the next one");
}
