//! Who is at the other end of a connection.

use std::{
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use super::seats::SeatId;

/// The other end of the connection that a request came on; every request carries it as an extension.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The address, an IPv4 one also when the socket is dual stack.
    pub address: IpAddr,
    /// When the connection was accepted, by the monotonic clock. A confirm counts only on a connection that is younger
    /// than the kernel commit.
    pub accepted_at: Instant,
    /// The connection's seat.
    pub(super) seat: SeatId,
}

impl Peer {
    /// A connection that was accepted just now and has no seat yet.
    #[must_use]
    pub fn accepted_now(address: SocketAddr) -> Self {
        Self { address: address.ip().to_canonical(), accepted_at: Instant::now(), seat: SeatId::default() }
    }
}
