//! The part of an address that one person holds.

use std::{fmt, net::IpAddr};

/// A whole IPv4 address, or the first 64 bits of an IPv6 one: a single machine can take any of the 2^64 addresses behind
/// them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressPrefix(IpAddr);

impl AddressPrefix {
    /// The prefix of an address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(std::net::Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        })
    }

    /// Its first address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.0
    }

    /// Reads what [`fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_suffix("/64").unwrap_or(text).parse().ok().map(Self::of)
    }
}

impl fmt::Display for AddressPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

impl fmt::Debug for AddressPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_what_one_person_holds() {
        let prefix = |text: &str| AddressPrefix::of(text.parse().unwrap()).to_string();
        assert_eq!(prefix("198.51.100.7"), "198.51.100.7");
        assert_eq!(prefix("::ffff:198.51.100.7"), "198.51.100.7");
        assert_eq!(prefix("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(prefix("2001:db8:1:2::"), "2001:db8:1:2::/64");
        assert_ne!(prefix("2001:db8:1:3::"), prefix("2001:db8:1:2::"));
        for written in ["198.51.100.7", "2001:db8:1:2::/64"] {
            assert_eq!(AddressPrefix::parse(written).unwrap().to_string(), written);
        }
        assert_eq!(AddressPrefix::parse("home"), None);
    }
}
