//! The numbers that bound what a stranger can make the server do.

use std::time::Duration;

/// Connections open at once.
pub const CONNECTIONS: usize = 512;

/// Seats among them that only addresses with a live session may take.
pub const RESERVED: usize = 64;

/// Pages that are kept fresh by events at once. Each holds a connection.
pub const LIVE_PAGES: usize = 32;

/// Connections of one source: an IPv4 address or an IPv6 /64. A browser opens one with HTTP/2 and six with HTTP/1.1.
pub const PER_SOURCE: usize = 32;

/// The first byte, then the whole TLS handshake, each within this time.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// The head of an HTTP/1.1 request, which is also how long such a connection may rest between two requests.
pub const HEAD: Duration = Duration::from_secs(15);

/// A connection without a request in progress, before its first request.
pub const FIRST_REQUEST: Duration = Duration::from_secs(15);

/// A connection without a request in progress, after its first request. Also how long a client may take to read the
/// last response.
pub const IDLE: Duration = Duration::from_mins(1);

/// From a request's head to its response.
pub const REQUEST: Duration = Duration::from_secs(30);

/// From a request's head to the end of its body.
pub const BODY_TIME: Duration = Duration::from_secs(10);

/// The longest request body of somebody who is signed in: the largest form takes some ten thousand addresses at once.
pub const BODY_BYTES: usize = 256 * 1024;

/// The longest request body of a stranger: the setup form with its fields of 1024 bytes, escaped. It is what one of his
/// [`STREAMS`] can cost in memory.
pub const STRANGER_BODY_BYTES: usize = 16 * 1024;

/// The longest request head, and the buffer of an HTTP/1.1 connection.
pub const HEAD_BYTES: usize = 16 * 1024;

/// Header fields of one request.
pub const HEADERS: usize = 64;

/// HTTP/2 requests in progress on one connection. A page has about twelve assets.
pub const STREAMS: u32 = 16;

/// HTTP/2 streams a client may reset before the server took them up; more ends the connection (CVE-2023-44487).
pub const RESET_STREAMS: usize = 16;

/// Bytes an HTTP/2 client may send ahead of what is read, in one stream and in all: what a connection can cost in memory.
pub const STREAM_WINDOW: u32 = 64 * 1024;
/// See [`STREAM_WINDOW`].
pub const CONNECTION_WINDOW: u32 = 128 * 1024;

/// Bytes of an answer kept for an HTTP/2 client that reads slowly.
pub const SEND_BUFFER: usize = 64 * 1024;

/// From the order to stop until the last connection is cut.
pub const FAREWELL: Duration = Duration::from_millis(1500);

/// From the commit of a ruleset until connections that are older are led to their end: time for the page that tells of
/// it.
pub const LAST_PAGE: Duration = Duration::from_secs(2);
