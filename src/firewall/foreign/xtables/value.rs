//! Values as iptables writes them.

use std::net::IpAddr;

use crate::firewall::{
    AddressRange, Family, bits,
    foreign::{Key, Operand, Statement},
    nft::Value,
};

/// Goes on only if the key's value is, or isn't, one of these.
pub(super) fn is(key: Key, is_not: bool, values: Vec<Value>) -> Statement {
    Statement::Match { key, is_not, operand: Operand::Any(values) }
}

/// Never goes on.
pub(super) fn never() -> Statement {
    is(Key::Protocol, false, Vec::new())
}

/// An address, alone or with its network's length or mask. A mask with holes isn't a range.
pub(super) fn network(family: Family, text: &str) -> Option<AddressRange> {
    let (address, mask) = text.split_once('/').map_or((text, None), |(address, mask)| (address, Some(mask)));
    let address: IpAddr = address.parse().ok()?;
    if Family::of(address) != family {
        return None;
    }
    let Some(mask) = mask else { return Some(address.into()) };
    let length = mask.parse::<u8>().ok().or_else(|| length(mask.parse().ok()?));
    AddressRange::network(address, length?)
}

fn length(mask: IpAddr) -> Option<u8> {
    let width: u32 = if mask.is_ipv4() { 32 } else { 128 };
    let length = (bits(mask) << (128 - width)).leading_ones();
    let is_whole = bits(mask).count_ones() == length;
    is_whole.then(|| u8::try_from(length).ok()).flatten()
}

/// `first-last`, or one address.
pub(super) fn range(family: Family, text: &str) -> Option<AddressRange> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = AddressRange::between(first.parse().ok()?, last.parse().ok()?)?;
    (range.family() == family).then_some(range)
}

/// Ports or other numbers, separated by commas; `first:last` is a range.
pub(super) fn numbers(text: &str) -> Option<Vec<Value>> {
    text.split(',').map(number_or_range).collect()
}

fn number_or_range(text: &str) -> Option<Value> {
    let number = |text: &str| text.parse::<u16>().ok().map(u64::from);
    let Some((first, last)) = text.split_once(':') else { return number(text).map(Value::Number) };
    let first = if first.is_empty() { 0 } else { number(first)? };
    let last = if last.is_empty() { u16::MAX.into() } else { number(last)? };
    Some(Value::Numbers(first, last))
}

/// Words separated by commas, in small letters.
pub(super) fn words(text: &str) -> Vec<Value> {
    text.split(',').map(|word| Value::Word(word.to_ascii_lowercase())).collect()
}

/// A number, perhaps with a mask behind a slash: the number, and the mask.
pub(super) fn masked(text: &str) -> Option<(u32, u32)> {
    let (number, mask) = text.split_once('/').map_or((text, None), |(number, mask)| (number, Some(mask)));
    Some((integer(number)?, mask.map_or(Some(u32::MAX), integer)?))
}

/// Decimal, or hexadecimal with its sign.
pub(super) fn integer(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// A protocol by its name or number.
pub(super) fn protocol(text: &str) -> Option<u8> {
    Some(match text {
        "icmp" => 1,
        "igmp" => 2,
        "ipencap" | "ipip" => 4,
        "tcp" => 6,
        "udp" => 17,
        "dccp" => 33,
        "ipv6" => 41,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "ipv6-icmp" | "icmpv6" => 58,
        "ospf" => 89,
        "pim" => 103,
        "vrrp" => 112,
        "l2tp" => 115,
        "sctp" => 132,
        "mobility-header" | "ipv6-mh" | "mh" => 135,
        "udplite" => 136,
        _ => text.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_with_length_or_mask() {
        for (text, expected) in [
            ("10.0.0.0/8", Some("10.0.0.0/8")),
            ("10.1.2.3/255.255.0.0", Some("10.1.0.0/16")),
            ("0.0.0.0/0", Some("0.0.0.0/0")),
            ("10.0.0.0/255.0.0.255", None),
            ("::1/128", None),
            ("10.0.0.0/33", None),
        ] {
            assert_eq!(network(Family::V4, text).map(|range| range.to_string()).as_deref(), expected, "{text}");
        }
        assert_eq!(network(Family::V6, "fe80::1/ffc0::").map(|range| range.to_string()).as_deref(), Some("fe80::/10"));
    }

    #[test]
    fn numbers_and_masks_are_read() {
        assert_eq!(numbers("22,80:90,:5"), Some(vec![Value::Number(22), Value::Numbers(80, 90), Value::Numbers(0, 5)]));
        assert_eq!(numbers("22,ssh"), None);
        assert_eq!(masked("0x10/0xff"), Some((16, 255)));
        assert_eq!(masked("7"), Some((7, u32::MAX)));
    }
}
