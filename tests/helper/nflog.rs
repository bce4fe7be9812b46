//! The socket that receipts are read from: given away, to one at a time, and good for nothing but reading.

use std::{net::UdpSocket, os::fd::OwnedFd, time::Duration};

use portreeve::{
    actions::{HelperFault, HelperSocket},
    boundary::{Refusal, Request, Response},
    host::nflog::Nflog,
};
use rustix::net::{RecvFlags, SendFlags, netlink::SocketAddrNetlink, recv, sendto};

use super::{
    guarded::Guarded,
    passage::{inside, wire},
    running::{PANEL_UID, Running, as_user},
};

fn open(socket: &HelperSocket) -> Option<OwnedFd> {
    match as_user(PANEL_UID, || socket.open_nflog()) {
        Ok(descriptor) => Some(descriptor),
        Err(HelperFault::Refused(Refusal::Taken)) => None,
        Err(fault) => panic!("{fault:?}"),
    }
}

#[test]
fn it_is_open_once_at_a_time_and_the_helper_keeps_no_copy() {
    let host = Guarded::new();
    let socket = HelperSocket::new(&host.socket());
    let first = open(&socket).unwrap();
    assert!(open(&socket).is_none(), "the first is open");
    drop(first);
    assert!(open(&socket).is_some(), "every copy of the first is closed");
}

#[test]
fn a_panel_that_opens_thousands_gets_one_and_harms_nobody() {
    let helper = Running::start();
    let descriptors = helper.quiet_descriptors();
    let socket = HelperSocket::new(&helper.socket());
    let held: Vec<OwnedFd> = (0..1000).filter_map(|_| open(&socket)).collect();
    assert!(held.len() <= 1);
    drop(held);
    let given = (0..200).filter_map(|_| open(&socket)).count();
    assert!(given > 0);
    assert_eq!(helper.quiet_descriptors(), descriptors);
    assert!(matches!(helper.greet().ask(&Request::ListListeners {}), Some(Response::Listeners(_))));
}

#[test]
fn its_holder_can_neither_bind_another_group_nor_change_this_one() {
    let host = Guarded::new();
    let descriptor = open(&HelperSocket::new(&host.socket())).unwrap();
    let answers = as_user(PANEL_UID, || [7_u16, 8470].map(|group| configure(&descriptor, group)));
    assert_eq!(answers, [-libc::EPERM; 2]);
}

/// Asks the kernel to bind a group; what it answers.
fn configure(descriptor: &OwnedFd, group: u16) -> i32 {
    let mut message = vec![28, 0, 0, 0, 1, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    message.extend(group.to_be_bytes());
    message.extend([5, 0, 1, 0, 1, 0, 0, 0]);
    sendto(descriptor, &message, SendFlags::empty(), &SocketAddrNetlink::new(0, 0)).unwrap();
    let mut answer = [0; 4096];
    recv(descriptor, &mut answer, RecvFlags::DONTWAIT).unwrap();
    i32::from_ne_bytes(answer[16..20].try_into().unwrap())
}

#[test]
fn packets_arrive_at_who_has_no_privilege() {
    let (host, peer) = (Guarded::confirmed(), Guarded::bare());
    wire(&host, &peer);
    let descriptor = open(&HelperSocket::new(&host.socket())).unwrap();
    inside(&peer.name, || UdpSocket::bind("10.98.0.2:5000").unwrap().send_to(b"x", "10.98.0.1:4711").unwrap());
    let found = as_user(PANEL_UID, || {
        let (mut nflog, mut found) = (Nflog::new(descriptor), Vec::new());
        while found.is_empty() {
            nflog
                .read(Duration::from_secs(10), |packet| {
                    let name = packet.incoming.map(ToString::to_string);
                    found.push((packet.receipt.to_string(), packet.source, packet.source_port, packet.port, name));
                })
                .unwrap();
        }
        found
    });
    let source = "10.98.0.2".parse().unwrap();
    let one = ("pr:default-in:1:drop".to_owned(), source, Some(5000), Some(4711), Some("cable".to_owned()));
    assert_eq!(found, [one]);
}
