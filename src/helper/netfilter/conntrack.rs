//! The connections that the kernel follows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rustix::io::Errno;

use super::socket::{dump, order};
use crate::{
    firewall::{AddressRange, Family, merge},
    netlink::wire::{Message, Writer, attribute},
};

const GET: u16 = (1 << 8) | 1;
const DELETE: u16 = (1 << 8) | 2;
const ORIGINAL: u16 = 1;
const ADDRESSES: u16 = 1;
const SOURCE4: u16 = 1;
const SOURCE6: u16 = 3;
const ZONE: u16 = 18;

/// Forgets every connection that somebody in these ranges opened, so that nothing of it goes on by being known.
pub fn forget(sources: &[AddressRange]) -> Result<(), Errno> {
    for family in Family::BOTH {
        let sources = merge(sources, family);
        if sources.is_empty() {
            continue;
        }
        for connection in dump(GET, &head(family), |message| connection(message, &sources))? {
            let mut writer = Writer::default();
            writer.message(DELETE, 0, |writer| {
                writer.raw(&head(family));
                writer.nested(ORIGINAL, |writer| writer.raw(&connection.original));
                if let Some(zone) = connection.zone {
                    writer.attribute(ZONE, &zone);
                }
            });
            writer.acknowledge();
            match order(&writer) {
                // It ended by itself.
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// What names a connection to the kernel, as the kernel wrote it.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    original: Vec<u8>,
    zone: Option<Vec<u8>>,
}

const fn head(family: Family) -> [u8; 4] {
    match family {
        Family::V4 => [2, 0, 0, 0],
        Family::V6 => [10, 0, 0, 0],
    }
}

/// The connection, if its first sender is among the sources, which are in order.
fn connection(message: &Message<'_>, sources: &[AddressRange]) -> Option<Named> {
    let body = message.body.get(4..)?;
    let original = attribute(body, ORIGINAL)?;
    let addresses = attribute(original, ADDRESSES)?;
    let source: IpAddr = ip(attribute(addresses, SOURCE4).or_else(|| attribute(addresses, SOURCE6))?)?;
    let next = sources.partition_point(|range| range.last() < source);
    let is_meant = sources.get(next).is_some_and(|range| range.contains(source));
    let zone = attribute(body, ZONE).map(<[u8]>::to_vec);
    is_meant.then(|| Named { original: original.to_vec(), zone })
}

fn ip(value: &[u8]) -> Option<IpAddr> {
    let four = || <[u8; 4]>::try_from(value).ok().map(|octets| Ipv4Addr::from(octets).into());
    four().or_else(|| <[u8; 16]>::try_from(value).ok().map(|octets| Ipv6Addr::from(octets).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_connections_of_the_sources_are_found_and_cut_ones_never() {
        let mut writer = Writer::default();
        writer.raw(&head(Family::V4));
        writer.nested(ORIGINAL, |writer| {
            writer.nested(ADDRESSES, |writer| writer.attribute(SOURCE4, &[192, 0, 2, 7]));
        });
        let found = |length: usize, source: &str| {
            let message = Message { kind: 0, flags: 0, sequence: 0, body: &writer.as_bytes()[..length] };
            connection(&message, &[AddressRange::parse(source).unwrap()]).is_some()
        };
        let whole = writer.len();
        assert!(found(whole, "192.0.2.0/24") && !found(whole, "192.0.2.8-192.0.2.9"));
        for length in 0..whole {
            assert!(!found(length, "192.0.2.0/24"), "{length}");
        }
    }
}
