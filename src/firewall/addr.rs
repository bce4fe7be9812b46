//! Addresses: one, a prefix or a range, always of one family.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{ParseError, parse_error::text_form};

/// IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// RFC 791.
    V4,
    /// RFC 8200.
    V6,
}

impl Family {
    /// Both, in the order in which they are always listed.
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// `4` or `6`, as set names end.
    #[must_use]
    pub const fn digit(self) -> char {
        match self {
            Self::V4 => '4',
            Self::V6 => '6',
        }
    }

    /// The address whose bits are `bits`; for IPv4 only the low 32 count.
    #[must_use]
    pub fn address(self, bits: u128) -> IpAddr {
        match self {
            Self::V4 => {
                let [.., a, b, c, d] = bits.to_be_bytes();
                Ipv4Addr::new(a, b, c, d).into()
            }
            Self::V6 => Ipv6Addr::from(bits).into(),
        }
    }

    /// The bits of the highest address.
    #[must_use]
    pub fn last_bits(self) -> u128 {
        match self {
            Self::V4 => u128::from(u32::MAX),
            Self::V6 => u128::MAX,
        }
    }
}

/// An address as a number, so that ranges can be compared and split.
#[must_use]
pub fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// The addresses of one family as ranges that neither overlap nor touch, in order.
#[must_use]
pub fn merge(ranges: &[AddressRange], family: Family) -> Vec<AddressRange> {
    let mut sorted: Vec<AddressRange> = ranges.iter().copied().filter(|range| range.family() == family).collect();
    sorted.sort_unstable();
    let mut merged: Vec<AddressRange> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(before) if bits(range.first) <= bits(before.last).saturating_add(1) => {
                before.last = before.last.max(range.last);
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// Every address from `first` to `last`, both included. Written as an address, a prefix or `first-last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
}

text_form!(AddressRange);

impl AddressRange {
    /// Reads `192.0.2.1`, `192.0.2.0/24`, `192.0.2.1-192.0.2.9` or the same in IPv6.
    ///
    /// # Errors
    /// Says what is wrong, for example a prefix with bits set behind its length.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if let Some((first, last)) = text.split_once('-') {
            return Self::between(parse_address(first.trim())?, parse_address(last.trim())?)
                .ok_or_else(|| ParseError::new(text, "isn't a range: the first address must not be behind the last"));
        }
        if text.contains('/') {
            return parse_prefix(text).map(Self::from);
        }
        parse_address(text).map(Self::from)
    }

    /// The range between two addresses of one family, if the first isn't behind the last.
    #[must_use]
    pub fn between(first: IpAddr, last: IpAddr) -> Option<Self> {
        (Family::of(first) == Family::of(last) && first <= last).then_some(Self { first, last })
    }

    /// The network that an address is in, by the length of its prefix; none if that is too long.
    #[must_use]
    pub fn network(address: IpAddr, length: u8) -> Option<Self> {
        IpNet::new(address, length).ok().map(|net| net.trunc().into())
    }

    /// Every address of a family.
    #[must_use]
    pub fn everything(family: Family) -> Self {
        Self { first: family.address(0), last: family.address(family.last_bits()) }
    }

    /// The lowest address.
    #[must_use]
    pub const fn first(self) -> IpAddr {
        self.first
    }

    /// The highest address.
    #[must_use]
    pub const fn last(self) -> IpAddr {
        self.last
    }

    /// The family of both ends.
    #[must_use]
    pub const fn family(self) -> Family {
        Family::of(self.first)
    }

    /// Whether the address is inside; never across families.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        Family::of(address) == self.family() && self.first <= address && address <= self.last
    }

    /// Whether every address of `other` is inside.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.contains(other.first) && self.contains(other.last)
    }

    /// Whether some address is inside both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.family() == other.family() && self.first <= other.last && other.first <= self.last
    }

    /// The prefix that is exactly this range, if there is one.
    #[must_use]
    pub fn to_prefix(self) -> Option<IpNet> {
        let span = bits(self.last) - bits(self.first);
        let width: u32 = if self.family() == Family::V4 { 32 } else { 128 };
        let host_bits = u128::BITS - span.leading_zeros();
        let length = u8::try_from(width - host_bits).ok()?;
        let prefix = IpNet::new(self.first, length).ok()?;
        (prefix.network() == self.first && prefix.broadcast() == self.last).then_some(prefix)
    }
}

impl From<IpAddr> for AddressRange {
    fn from(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }
}

impl From<IpNet> for AddressRange {
    fn from(prefix: IpNet) -> Self {
        Self { first: prefix.network(), last: prefix.broadcast() }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_prefix() {
            _ if self.first == self.last => write!(out, "{}", self.first),
            Some(prefix) => write!(out, "{prefix}"),
            None => write!(out, "{}-{}", self.first, self.last),
        }
    }
}

fn parse_address(text: &str) -> Result<IpAddr, ParseError> {
    let address: IpAddr = text.parse().map_err(|_| ParseError::new(text, "isn't an IPv4 or IPv6 address"))?;
    if address.to_canonical() != address {
        let reason = format!("is an IPv4 address in IPv6 form; write {}", address.to_canonical());
        return Err(ParseError::new(text, reason));
    }
    Ok(address)
}

fn parse_prefix(text: &str) -> Result<IpNet, ParseError> {
    let prefix: IpNet = text.parse().map_err(|_| ParseError::new(text, "isn't a prefix like 192.0.2.0/24"))?;
    parse_address(&prefix.addr().to_string())?;
    if prefix.trunc() != prefix {
        let reason = format!("has bits set behind its length; did you mean {}?", prefix.trunc());
        return Err(ParseError::new(text, reason));
    }
    Ok(prefix)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_forms_are_read_and_printed_back() {
        for text in
            ["192.0.2.1", "192.0.2.0/24", "0.0.0.0/0", "192.0.2.1-192.0.2.9", "2001:db8::/32", "::/0", "::1-::3"]
        {
            assert_eq!(AddressRange::parse(text).map(|range| range.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_single_address_prefix_is_that_address() {
        assert_eq!(AddressRange::parse("192.0.2.1/32"), AddressRange::parse("192.0.2.1"));
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "isn't an IPv4 or IPv6 address"),
            ("192.0.2.256", "isn't an IPv4 or IPv6 address"),
            ("192.0.2.1/24", "did you mean 192.0.2.0/24?"),
            ("192.0.2.0/33", "isn't a prefix"),
            ("192.0.2.9-192.0.2.1", "must not be behind"),
            ("192.0.2.9-::1", "must not be behind"),
            ("::ffff:192.0.2.1", "write 192.0.2.1"),
            ("fe80::1%eth0", "isn't an IPv4 or IPv6 address"),
        ] {
            let error = AddressRange::parse(text).expect_err(text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn merging_joins_what_overlaps_or_touches() {
        let texts = ["10.0.1.0/24", "10.0.0.0/24", "10.0.0.5", "10.0.3.0/24", "::/0", "::1", "255.255.255.255"];
        let ranges = texts.map(|text| AddressRange::parse(text).expect(text));
        let merged = |family| merge(&ranges, family).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(merged(Family::V4), ["10.0.0.0/23", "10.0.3.0/24", "255.255.255.255"]);
        assert_eq!(merged(Family::V6), ["::/0"]);
    }

    proptest! {
        #[test]
        fn printing_and_reading_gives_the_same_range(one: u128, two: u128, six: bool) {
            let family = if six { Family::V6 } else { Family::V4 };
            let (one, two) = (family.address(one), family.address(two));
            let range = AddressRange::between(one.min(two), one.max(two)).expect("in order");
            prop_assume!(range.first().to_canonical() == range.first() && range.last().to_canonical() == range.last());
            prop_assert_eq!(AddressRange::parse(&range.to_string()), Ok(range));
        }
    }
}
