//! Serves the samples and the shipped files on loopback, under the strictest policy, so that a browser shows them as
//! the panel would.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use portreeve::web::kit::{EVENTS, assets::ASSETS};

use super::SAMPLES;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Starts serving and returns the address; the thread ends with the test.
pub(super) fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            answer(stream);
        }
    });
    format!("http://{address}")
}

/// A browser may close early, which is no concern of the test.
fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let _ = lines.find(String::is_empty);
    let target = first.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let (status, kind, body) = find(path);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nContent-Security-Policy: {POLICY}\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

fn find(path: &str) -> (&'static str, &'static str, &'static [u8]) {
    if let Some(asset) = ASSETS.iter().find(|asset| asset.url == path) {
        return ("200 OK", asset.media_type, asset.bytes);
    }
    // A reader of events who gets nothing stops asking.
    if path == EVENTS {
        return ("204 No Content", "text/plain", b"");
    }
    match SAMPLES.iter().find(|sample| path.trim_start_matches('/') == sample.name) {
        Some(sample) => ("200 OK", "text/html; charset=utf-8", sample.html.as_bytes()),
        None => ("404 Not Found", "text/plain", b"no such sample"),
    }
}
