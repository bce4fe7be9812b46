//! No datagram makes the reader of netlink's messages and attributes panic or run on.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::netlink::{attributes, messages};

fuzz_target!(|datagram: &[u8]| {
    let mut count = 0;
    for message in messages(datagram) {
        let _ = message.error();
        let body = message.body.get(4..).unwrap_or_default();
        count += 1 + attributes(body).flat_map(|(_, value)| attributes(value)).count();
    }
    // Each takes at least its header of 4 bytes from what arrived.
    assert!(count <= datagram.len() / 4);
});
