//! HTTP/2, frame by frame, because no client would do what an attacker does.

use std::io::{Read, Write};

use portreeve::web::server::limits;

use super::process::{Serving, Tls};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
pub(super) const NO_ERROR: u32 = 0;
const END_STREAM_AND_HEADERS: u8 = 0x5;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// `GET /` for `localhost`, by the static table of HPACK.
pub(super) fn request(stream: u32) -> Vec<u8> {
    let head = [&[0x82, 0x87, 0x84, 0x41, 9], b"localhost".as_slice()].concat();
    frame(HEADERS, END_STREAM_AND_HEADERS, stream, &head)
}

fn open(serving: &Serving) -> Tls {
    let mut tls = serving.connect_tls(b"h2");
    greet(&mut tls);
    tls
}

/// What a client says first.
pub(super) fn greet(tls: &mut Tls) {
    tls.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).expect("an open connection");
}

/// The kind and the payload of the next frame; none when the connection is cut.
pub(super) fn next_frame(tls: &mut Tls) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 9];
    tls.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).ok()?];
    tls.read_exact(&mut payload).ok()?;
    Some((head[3], payload))
}

/// The reason the server gives for ending the connection; none when it just cuts it.
pub(super) fn reason_of_end(tls: &mut Tls) -> Option<u32> {
    loop {
        let (kind, payload) = next_frame(tls)?;
        if kind == GOAWAY {
            return payload.get(4..8)?.try_into().ok().map(u32::from_be_bytes);
        }
    }
}

#[test]
fn a_request_is_answered_and_the_limits_are_announced() {
    let serving = Serving::start();
    let mut tls = open(&serving);
    let (kind, settings) = next_frame(&mut tls).unwrap();
    assert_eq!(kind, SETTINGS);
    let announced: Vec<(u16, u32)> = settings
        .chunks_exact(6)
        .map(|pair| (u16::from_be_bytes([pair[0], pair[1]]), u32::from_be_bytes([pair[2], pair[3], pair[4], pair[5]])))
        .collect();
    assert!(announced.contains(&(3, limits::STREAMS)), "streams at once: {announced:?}");
    assert!(announced.contains(&(6, u32::try_from(limits::HEAD_BYTES).unwrap())), "header list: {announced:?}");
    tls.write_all(&request(1)).unwrap();
    while next_frame(&mut tls).unwrap().0 != HEADERS {}
}

#[test]
fn a_flood_of_resets_ends_the_connection() {
    let serving = Serving::start();
    let mut tls = open(&serving);
    let streams = (0..2000).map(|number| number * 2 + 1);
    let flood: Vec<u8> = streams
        .flat_map(|stream| [request(stream), frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat())
        .collect();
    // The server may hang up before it has read everything.
    let _ = tls.write_all(&flood);
    assert_ne!(reason_of_end(&mut tls), Some(NO_ERROR), "it ends by the flood, not by resting");
    assert!(serving.get("/").contains(" 303 "), "others are still served");
}

#[test]
fn a_head_without_end_ends_the_connection() {
    const CONTINUATION: u8 = 9;
    let serving = Serving::start();
    let mut tls = open(&serving);
    let mut endless = frame(HEADERS, 0, 1, &[0x82, 0x87, 0x84]);
    // A literal field with a name and a value of 100 bytes, again and again.
    let field = [&[0x00, 1, b'x', 100], [b'y'; 100].as_slice()].concat();
    (0..2000).for_each(|_| endless.extend(frame(CONTINUATION, 0, 1, &field)));
    let _ = tls.write_all(&endless);
    assert_ne!(reason_of_end(&mut tls), Some(NO_ERROR), "it ends by the flood, not by resting");
    assert!(serving.get("/").contains(" 303 "), "others are still served");
}

#[test]
fn an_idle_connection_is_told_to_go() {
    let serving = Serving::start();
    let mut tls = open(&serving);
    assert_eq!(reason_of_end(&mut tls), Some(NO_ERROR));
}
