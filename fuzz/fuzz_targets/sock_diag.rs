//! No datagram makes the reader of the kernel's replies panic or run on.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::{firewall::listener::Transport, netlink::sock_diag};

fuzz_target!(|datagram: &[u8]| {
    let mut sockets = 0;
    let _ = sock_diag::read(datagram, Transport::Tcp, 0, &mut |_| sockets += 1);
    // Each socket takes its 16 bytes of header and 72 of body from what arrived.
    assert!(sockets <= datagram.len() / 88);
});
