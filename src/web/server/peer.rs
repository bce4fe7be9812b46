//! Who is at the other end of a connection.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    time::Instant,
};

/// The other end of the connection that a request came on; every request carries it as an extension.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The address, an IPv4 one also when the socket is dual stack.
    pub address: IpAddr,
    /// When the connection was accepted, by the monotonic clock. A confirm counts only on a connection that is younger
    /// than the kernel commit.
    pub accepted_at: Instant,
}

impl Peer {
    /// A connection that was accepted just now.
    #[must_use]
    pub fn accepted_now(address: SocketAddr) -> Self {
        Self { address: address.ip().to_canonical(), accepted_at: Instant::now() }
    }
}

/// What counts as one stranger: an IPv4 address or an IPv6 /64, the smallest network a provider hands to one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => Self(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into()),
            v4 @ IpAddr::V4(_) => Self(v4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(address: &str) -> Source {
        Source::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_source_and_an_ipv4_address_another() {
        assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_eq!(source("192.0.2.1"), source("::ffff:192.0.2.1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
    }
}
