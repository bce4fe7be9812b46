//! The messages of `nfnetlink_log`.

use crate::netlink::wire::{attributes, messages};

/// `struct nfgenmsg`, before the attributes.
const FAMILY: usize = 4;

/// `NFNL_SUBSYS_ULOG`, `NFULNL_MSG_PACKET`.
const PACKET: u16 = 4 << 8;

// `enum nfulnl_attr_type` of linux/netfilter/nfnetlink_log.h.
const INCOMING: u16 = 4;
const OUTGOING: u16 = 5;
const PAYLOAD: u16 = 9;
const PREFIX: u16 = 10;
const SEQUENCE: u16 = 12;

/// One packet as the kernel tells of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Logged<'a> {
    /// The rule's prefix, without the zero at its end.
    pub prefix: &'a [u8],
    /// The head of the packet, from its network header on.
    pub payload: &'a [u8],
    /// The number of the interface by which it came in; 0 for none.
    pub incoming: u32,
    /// The number of the interface by which it is to leave; 0 for none.
    pub outgoing: u32,
    /// Its number.
    pub number: Option<u32>,
}

/// The packets of a datagram, as far as they are whole.
pub fn logged(datagram: &[u8]) -> impl Iterator<Item = Logged<'_>> {
    let packets = messages(datagram).filter(|message| message.kind == PACKET);
    packets.map(|message| read(message.body.get(FAMILY..).unwrap_or_default()))
}

fn read(body: &[u8]) -> Logged<'_> {
    let mut found = Logged::default();
    for (kind, value) in attributes(body) {
        match kind {
            INCOMING => found.incoming = number(value).unwrap_or(0),
            OUTGOING => found.outgoing = number(value).unwrap_or(0),
            PAYLOAD => found.payload = value,
            PREFIX => found.prefix = value.strip_suffix(&[0]).unwrap_or(value),
            SEQUENCE => found.number = number(value),
            _ => {}
        }
    }
    found
}

fn number(value: &[u8]) -> Option<u32> {
    value.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::netlink::wire::Writer;

    const HEADER: usize = 16;

    fn telling() -> Vec<u8> {
        let mut writer = Writer::default();
        for kind in [PACKET, 3, PACKET] {
            writer.message(kind, 0, |writer| {
                writer.raw(&[2, 0, 0, 0]);
                writer.attribute(1, &[8, 0, 1, 0]);
                writer.attribute(INCOMING, &[0, 0, 0, 2]);
                writer.attribute(PREFIX, b"pr:r1:41:drop\0");
                writer.attribute(PAYLOAD, &[0x45, 0, 0]);
                writer.attribute(SEQUENCE, &[0, 0, 1, 0]);
            });
        }
        writer.as_bytes().to_vec()
    }

    #[test]
    fn packets_are_found_among_other_messages() {
        let telling = telling();
        let found: Vec<Logged> = logged(&telling).collect();
        let one =
            Logged { prefix: b"pr:r1:41:drop", payload: &[0x45, 0, 0], incoming: 2, outgoing: 0, number: Some(256) };
        assert_eq!(found, [one, one]);
    }

    #[test]
    fn cut_and_lying_lengths_end_the_walk() {
        let telling = telling();
        for length in 0..telling.len() {
            assert!(logged(&telling[..length]).count() <= 1, "{length}");
        }
        for bytes in [&[][..], &[0; 3], &[0; 16], &[255; 64]] {
            assert_eq!(logged(bytes).count(), 0, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_run_on(mut bytes: Vec<u8>, spoilt in 0_usize..200, value: u8) {
            prop_assert!(logged(&bytes).count() <= bytes.len() / HEADER);
            bytes = telling();
            if let Some(byte) = bytes.get_mut(spoilt) {
                *byte = value;
            }
            prop_assert!(logged(&bytes).count() <= bytes.len() / HEADER);
        }
    }
}
