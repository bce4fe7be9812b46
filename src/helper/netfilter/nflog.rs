//! The group that receipts are sent to: bound here, read by somebody else.

use std::os::fd::OwnedFd;

use rustix::{
    io::Errno,
    net::{
        RecvFlags,
        netlink::NETFILTER,
        sockopt::{set_socket_recv_buffer_size, set_socket_recv_buffer_size_force},
    },
};

use crate::{
    firewall::nft::{NFLOG_GROUP, RECEIPT_BYTES},
    netlink::{
        DATAGRAM, Socket, messages,
        wire::{ERROR, Writer},
    },
};

/// `NFNL_SUBSYS_ULOG`, `NFULNL_MSG_CONFIG`.
const CONFIGURE: u16 = (4 << 8) | 1;

// `enum nfulnl_attr_config` of linux/netfilter/nfnetlink_log.h.
const COMMAND: u16 = 1;
const MODE: u16 = 2;
const BUFFER: u16 = 3;
const TIMEOUT: u16 = 4;
const THRESHOLD: u16 = 5;
const FLAGS: u16 = 6;

const BIND: u8 = 1;
const COPY_PACKET: u8 = 2;
/// Each packet gets a number, so that lost ones are noticed.
const SEQUENCE: u16 = 1;

/// Packets that are told together, the bytes of one such telling, and how long a lone one waits, in hundredths of a second.
const TOGETHER: u32 = 64;
const TELLING: u32 = 20 * 1024;
const WAIT: u32 = 10;

/// Unread tellings of a flood that the kernel keeps, in bytes; beyond it packets are lost to the rows and still counted.
const UNREAD: usize = 8 * 1024 * 1024;

/// Binds the group. Without the privilege that this process has, its holder can do nothing with the socket but read it.
///
/// # Errors
/// The kernel's. It lets only one socket of a network namespace have the group: `EBUSY` and `EPERM` mean that one has it.
pub fn open() -> Result<OwnedFd, Errno> {
    let socket = Socket::open(Some(NETFILTER))?;
    let forced = set_socket_recv_buffer_size_force(&socket, UNREAD);
    // Inside a container not even root may go beyond what is usual.
    forced.or_else(|_| set_socket_recv_buffer_size(&socket, UNREAD))?;
    socket.send(request().as_bytes())?;
    let mut buffer = vec![0; DATAGRAM];
    loop {
        // The answer lies ready, but the first packets may lie before it.
        let received = socket.receive(&mut buffer, RecvFlags::DONTWAIT)?;
        match messages(received).find(|message| message.kind == ERROR).map(|message| message.error()) {
            None => {}
            Some(0) => return Ok(socket.into()),
            Some(error) => return Err(Errno::from_raw_os_error(error)),
        }
    }
}

fn request() -> Writer {
    let mut writer = Writer::default();
    writer.message(CONFIGURE, 0, |writer| {
        let [high, low] = NFLOG_GROUP.to_be_bytes();
        writer.raw(&[0, 0, high, low]);
        writer.attribute(COMMAND, &[BIND]);
        let [a, b, c, d] = RECEIPT_BYTES.to_be_bytes();
        writer.attribute(MODE, &[a, b, c, d, COPY_PACKET, 0]);
        writer.attribute(BUFFER, &TELLING.to_be_bytes());
        writer.attribute(TIMEOUT, &WAIT.to_be_bytes());
        writer.attribute(THRESHOLD, &TOGETHER.to_be_bytes());
        writer.attribute(FLAGS, &SEQUENCE.to_be_bytes());
    });
    writer.acknowledge();
    writer
}
