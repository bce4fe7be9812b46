//! No telling of the kernel and no packet of a stranger makes the reader of receipts panic or run on.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::netlink::nflog::{Headers, logged};

fuzz_target!(|datagram: &[u8]| {
    let mut count = 0;
    for packet in logged(datagram) {
        count += 1;
        let _ = Headers::read(packet.payload);
    }
    // Each takes at least its header of 16 bytes from what arrived.
    assert!(count <= datagram.len() / 16);
    if let Some(headers) = Headers::read(datagram) {
        assert_eq!(headers.source.is_ipv4(), headers.destination.is_ipv4());
    }
});
