//! Clients that are slow, greedy or broken.

use std::{io::Write, thread};

use portreeve::web::server::limits;

use super::process::{Serving, Tls, exchange, read_to_close};

/// Sends the beginning of something and waits for what the server does.
fn begin(serving: &Serving, beginning: &str) -> Tls {
    let mut tls = serving.connect_tls(b"http/1.1");
    tls.write_all(beginning.as_bytes()).expect("an open connection");
    tls
}

#[test]
fn whoever_does_not_finish_is_hung_up_on() {
    let serving = Serving::start();
    let mut silent = serving.connect();
    let mut half_a_handshake = serving.connect();
    half_a_handshake.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    let mut half_a_plain_head = serving.connect();
    half_a_plain_head.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let mut no_request = begin(&serving, "");
    let mut half_a_head = begin(&serving, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    let mut no_http2 = serving.connect_tls(b"h2");
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(read_to_close(&mut silent), ""));
        scope.spawn(|| assert_eq!(read_to_close(&mut half_a_handshake), ""));
        scope.spawn(|| assert!(!read_to_close(&mut half_a_plain_head).contains(" 200 ")));
        scope.spawn(|| assert!(!read_to_close(&mut no_request).contains(" 200 ")));
        scope.spawn(|| assert!(!read_to_close(&mut half_a_head).contains(" 200 ")));
        scope.spawn(|| read_to_close(&mut no_http2));
    });
    assert!(serving.get("/").contains(" 303 "), "and others are served meanwhile and afterwards");
}

#[test]
fn a_form_that_trickles_in_is_given_up() {
    let serving = Serving::start();
    let page = serving.get("/setup");
    let cookie = page.split("set-cookie: ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    let head = format!(
        "POST /setup HTTP/1.1\r\nHost: {address}\r\nOrigin: https://{address}\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\nConnection: close\r\n\r\ncsrf=",
        address = serving.address
    );
    let answer = read_to_close(&mut begin(&serving, &head));
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

fn post_setup(serving: &Serving, framing: &str) -> String {
    format!(
        "POST /setup HTTP/1.1\r\nHost: {address}\r\nOrigin: https://{address}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{framing}\r\nConnection: close\r\n\r\n",
        address = serving.address
    )
}

#[test]
fn a_form_over_the_limit_is_refused() {
    let serving = Serving::start();
    let (chunk, size) = ("x".repeat(limits::STRANGER_BODY_BYTES + 1), limits::STRANGER_BODY_BYTES + 1);
    let chunked = post_setup(&serving, "Transfer-Encoding: chunked") + &format!("{size:x}\r\n{chunk}\r\n0\r\n\r\n");
    let announced = post_setup(&serving, "Content-Length: 10000000");
    for request in [chunked, announced] {
        let answer = exchange(&mut serving.connect_tls(b"http/1.1"), &request);
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    }
    let longest_form = limits::STRANGER_BODY_BYTES;
    let fits = post_setup(&serving, &format!("Content-Length: {longest_form}")) + &"x".repeat(longest_form);
    let answer = exchange(&mut serving.connect_tls(b"http/1.1"), &fits);
    assert!(answer.starts_with("HTTP/1.1 403 "), "read, and refused for lack of a token: {answer}");
}

#[test]
fn heads_over_the_limit_are_refused() {
    let serving = Serving::start();
    let long = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "x".repeat(40_000));
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X-Many: 1\r\n".repeat(200));
    let path = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(40_000));
    for request in [long, many, path] {
        let answer = exchange(&mut serving.connect_tls(b"http/1.1"), &request);
        let is_refused =
            answer.is_empty() || answer.contains(" 431 ") || answer.contains(" 414 ") || answer.contains(" 400 ");
        assert!(is_refused, "{answer}");
    }
}

#[test]
fn smuggled_and_split_requests_are_refused() {
    let serving = Serving::start();
    let requests = [
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ];
    for request in requests {
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let answer = exchange(&mut serving.connect_tls(b"http/1.1"), &request);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{request:?}: {answer}");
    }
}
