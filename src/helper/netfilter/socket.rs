//! Talks to netfilter over netlink.

use rustix::{
    io::Errno,
    net::{
        RecvFlags,
        netlink::NETFILTER,
        sockopt::{set_socket_recv_buffer_size_force, set_socket_send_buffer_size_force},
    },
};

use crate::netlink::{
    DATAGRAM, Socket,
    wire::{DONE, DUMP, ERROR, INTERRUPTED, Message, Writer, messages},
};

/// Dumps of a busy host are interrupted now and then; one that changes all the time is taken as it is.
const ATTEMPTS: u32 = 5;

/// Answers that may wait to be read, in bytes.
const ANSWERS: usize = 4 * 1024 * 1024;

/// Asks for everything of a kind and reads each message of the answer. What a message says must be a value: an
/// interrupted dump is asked for again.
pub fn dump<T>(kind: u16, body: &[u8], mut read: impl FnMut(&Message<'_>) -> Option<T>) -> Result<Vec<T>, Errno> {
    let mut attempt = 1;
    loop {
        let (found, is_settled) = dump_once(kind, body, &mut read)?;
        if is_settled || attempt == ATTEMPTS {
            return Ok(found);
        }
        attempt += 1;
    }
}

fn dump_once<T>(
    kind: u16,
    body: &[u8],
    read: &mut impl FnMut(&Message<'_>) -> Option<T>,
) -> Result<(Vec<T>, bool), Errno> {
    let mut writer = Writer::default();
    writer.message(kind, DUMP, |writer| writer.raw(body));
    // A socket of its own for each question: what is left of an interrupted dump goes away with it.
    let socket = Socket::open(Some(NETFILTER))?;
    socket.send(writer.as_bytes())?;
    let mut buffer = vec![0; DATAGRAM];
    let (mut found, mut is_settled) = (Vec::new(), true);
    loop {
        let received = socket.receive(&mut buffer, RecvFlags::empty())?;
        for message in messages(received) {
            is_settled &= message.flags & INTERRUPTED == 0;
            match message.kind {
                DONE | ERROR if message.error() != 0 => return Err(Errno::from_raw_os_error(message.error())),
                DONE => return Ok((found, is_settled)),
                _ => found.extend(read(&message)),
            }
        }
    }
}

/// Has the messages carried out. Their last one must ask for an acknowledgement. The first error counts.
pub fn order(messages_to_send: &Writer) -> Result<(), Errno> {
    let socket = Socket::open(Some(NETFILTER))?;
    // A transaction has to arrive in one piece.
    set_socket_send_buffer_size_force(&socket, messages_to_send.len().saturating_add(DATAGRAM))?;
    set_socket_recv_buffer_size_force(&socket, ANSWERS)?;
    socket.send(messages_to_send.as_bytes())?;
    let mut buffer = vec![0; DATAGRAM];
    let mut is_acknowledged = false;
    // The kernel has answered everything before it returns from sending.
    loop {
        let received = match socket.receive(&mut buffer, RecvFlags::DONTWAIT) {
            Ok(received) => received,
            Err(Errno::AGAIN) if is_acknowledged => return Ok(()),
            Err(Errno::AGAIN) => return Err(Errno::BADMSG),
            Err(error) => return Err(error),
        };
        for message in messages(received).filter(|message| message.kind == ERROR) {
            if message.error() != 0 {
                return Err(Errno::from_raw_os_error(message.error()));
            }
            is_acknowledged = true;
        }
    }
}
