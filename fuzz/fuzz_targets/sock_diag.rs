//! No datagram makes the reader of the kernel's replies panic or run on.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::{firewall::listener::Transport, helper::sock_diag};

fuzz_target!(|datagram: &[u8]| {
    let mut sockets = Vec::new();
    let _ = sock_diag::read(datagram, Transport::Tcp, &mut sockets);
    // Each socket takes its 16 bytes of header and 72 of body from what arrived.
    assert!(sockets.len() <= datagram.len() / 88);
});
