//! The head of a packet: addresses, protocol and ports. Strangers make these bytes.

use std::net::IpAddr;

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const DCCP: u8 = 33;
const ICMP6: u8 = 58;
const SCTP: u8 = 132;
const UDP_LITE: u8 = 136;

// What may stand between an IPv6 header and its content (RFC 8200 section 4, RFC 4302).
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const OPTIONS: u8 = 60;

/// An honest packet has each of them once, and options twice.
const MOST_EXTENSIONS: usize = 8;

/// What a row tells of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers {
    /// Its sender, or who is made to look so.
    pub source: IpAddr,
    /// Where it goes.
    pub destination: IpAddr,
    /// The number of its transport protocol; of an IPv6 packet whose head is cut off, of the extension that is cut off.
    pub protocol: u8,
    /// The port it comes from.
    pub source_port: Option<u16>,
    /// The port it goes to, or for ICMP type * 256 + code; none where there is none: a later fragment, a head cut off.
    pub port: Option<u16>,
}

impl Headers {
    /// Reads an IPv4 or IPv6 packet as far as it goes; none without a whole first header.
    #[must_use]
    pub fn read(packet: &[u8]) -> Option<Self> {
        match packet.first()? >> 4 {
            4 => four(packet),
            6 => six(packet),
            _ => None,
        }
    }

    fn of(source: IpAddr, destination: IpAddr, protocol: u8, content: Option<&[u8]>) -> Self {
        let start = content.and_then(<[u8]>::first_chunk::<4>);
        let (source_port, port) = match (protocol, start) {
            (TCP | UDP | DCCP | SCTP | UDP_LITE, Some([a, b, c, d])) => {
                (Some(u16::from_be_bytes([*a, *b])), Some(u16::from_be_bytes([*c, *d])))
            }
            (ICMP | ICMP6, Some([kind, code, ..])) => (None, Some(u16::from_be_bytes([*kind, *code]))),
            _ => (None, None),
        };
        Self { source, destination, protocol, source_port, port }
    }
}

fn four(packet: &[u8]) -> Option<Headers> {
    let header: &[u8; 20] = packet.first_chunk()?;
    let length = usize::from(header[0] & 0xf) * 4;
    let address = |from: usize| header.get(from..)?.first_chunk::<4>().map(|octets| IpAddr::from(*octets));
    // Three flags, and behind them the place of the fragment in the whole.
    let is_first = u16::from_be_bytes([header[6], header[7]]) << 3 == 0;
    let content = packet.get(length.max(header.len())..).filter(|_| is_first);
    Some(Headers::of(address(12)?, address(16)?, header[9], content))
}

fn six(packet: &[u8]) -> Option<Headers> {
    let (header, mut rest) = packet.split_first_chunk::<40>()?;
    let address = |from: usize| header.get(from..)?.first_chunk::<16>().map(|octets| IpAddr::from(*octets));
    let (source, destination) = (address(8)?, address(24)?);
    let mut protocol = header[6];
    for _ in 0..MOST_EXTENSIONS {
        let Some((next, is_first, length)) = extension(protocol, rest) else { break };
        let Some(behind) = rest.get(length..) else {
            return Some(Headers::of(source, destination, protocol, None));
        };
        (protocol, rest) = (next, behind);
        if !is_first {
            return Some(Headers::of(source, destination, protocol, None));
        }
    }
    Some(Headers::of(source, destination, protocol, Some(rest)))
}

/// What follows an extension, whether it is the first fragment, and how long the extension is; none if it is none or cut.
fn extension(protocol: u8, rest: &[u8]) -> Option<(u8, bool, usize)> {
    let length = |units: usize| usize::from(rest.get(1).copied().unwrap_or(0)) * units;
    let next = rest.first().copied();
    match protocol {
        HOP_BY_HOP | ROUTING | OPTIONS => Some((next?, true, length(8) + 8)),
        AUTHENTICATION => Some((next?, true, length(4) + 8)),
        FRAGMENT => {
            let offset = u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]) & 0xfff8;
            Some((next?, offset == 0, 8))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ipv4(protocol: u8, fragment: [u8; 2], options: usize, content: &[u8]) -> Vec<u8> {
        let words = u8::try_from(5 + options).unwrap();
        let mut packet = vec![0x40 | words, 0, 0, 60, 0, 0, fragment[0], fragment[1], 64, protocol, 0, 0];
        packet.extend([198, 51, 100, 7, 192, 0, 2, 1]);
        packet.resize(packet.len() + options * 4, 1);
        packet.extend(content);
        packet
    }

    fn ipv6(next: u8, content: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x60, 0, 0, 0, 0, 20, next, 64];
        packet.extend("2001:db8::7".parse::<std::net::Ipv6Addr>().unwrap().octets());
        packet.extend("2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets());
        packet.extend(content);
        packet
    }

    fn ports(packet: &[u8]) -> (u8, Option<u16>, Option<u16>) {
        let headers = Headers::read(packet).expect("a packet");
        let source = if packet[0] >> 4 == 4 { "198.51.100.7" } else { "2001:db8::7" };
        assert_eq!(headers.source, source.parse::<IpAddr>().unwrap());
        (headers.protocol, headers.source_port, headers.port)
    }

    const PORTS: [u8; 4] = [0xc3, 0x50, 0, 22];

    #[test]
    fn ports_and_icmp_types_are_read() {
        assert_eq!(ports(&ipv4(TCP, [0x40, 0], 0, &PORTS)), (TCP, Some(50_000), Some(22)));
        assert_eq!(ports(&ipv4(UDP, [0, 0], 2, &PORTS)), (UDP, Some(50_000), Some(22)));
        assert_eq!(ports(&ipv4(ICMP, [0, 0], 0, &[8, 3, 0, 0])), (ICMP, None, Some(8 * 256 + 3)));
        assert_eq!(ports(&ipv4(47, [0, 0], 0, &PORTS)), (47, None, None));
        assert_eq!(ports(&ipv6(SCTP, &PORTS)), (SCTP, Some(50_000), Some(22)));
        assert_eq!(ports(&ipv6(ICMP6, &[128, 0, 0, 0])), (ICMP6, None, Some(128 * 256)));
    }

    #[test]
    fn only_a_first_fragment_has_ports() {
        assert_eq!(ports(&ipv4(UDP, [0x20, 0], 0, &PORTS)), (UDP, Some(50_000), Some(22)));
        assert_eq!(ports(&ipv4(UDP, [0x20, 1], 0, &PORTS)), (UDP, None, None));
        let fragment = |offset: [u8; 2]| [&[UDP, 0, offset[0], offset[1], 0, 0, 0, 1][..], &PORTS].concat();
        assert_eq!(ports(&ipv6(FRAGMENT, &fragment([0, 1]))), (UDP, Some(50_000), Some(22)));
        assert_eq!(ports(&ipv6(FRAGMENT, &fragment([0, 8]))), (UDP, None, None));
    }

    #[test]
    fn extensions_are_passed_and_cut_or_endless_ones_end_the_walk() {
        let hop = [OPTIONS, 0, 1, 4, 0, 0, 0, 0];
        let options = [TCP, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(ports(&ipv6(HOP_BY_HOP, &[&hop[..], &options, &PORTS].concat())), (TCP, Some(50_000), Some(22)));
        assert_eq!(ports(&ipv6(HOP_BY_HOP, &[&hop[..], &options[..9]].concat())), (OPTIONS, None, None));
        let authentication = [TCP, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1];
        assert_eq!(
            ports(&ipv6(AUTHENTICATION, &[&authentication[..], &PORTS].concat())),
            (TCP, Some(50_000), Some(22))
        );
        let endless = [OPTIONS, 0, 0, 0, 0, 0, 0, 0].repeat(100);
        assert_eq!(ports(&ipv6(OPTIONS, &endless)), (OPTIONS, None, None));
    }

    #[test]
    fn what_is_no_packet_is_nothing_and_what_is_cut_has_no_ports() {
        for bytes in [&[][..], &[0x45; 19], &[0x60; 39], &[0x00; 60], &[0xff; 60]] {
            assert_eq!(Headers::read(bytes), None);
        }
        assert_eq!(ports(&ipv4(TCP, [0, 0], 0, &PORTS[..3])), (TCP, None, None));
        assert_eq!(ports(&ipv4(TCP, [0, 0], 3, &PORTS)[..30]), (TCP, None, None));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), version in 4_u8..7) {
            let mut bytes = bytes;
            if let Some(first) = bytes.first_mut() {
                *first = version << 4 | *first & 0xf;
            }
            if let Some(headers) = Headers::read(&bytes) {
                prop_assert_eq!(headers.source.is_ipv4(), headers.destination.is_ipv4());
            }
        }
    }
}
