//! A socket to the kernel.

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd},
    time::Duration,
};

use rustix::{
    io::{Errno, retry_on_intr},
    net::{
        AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, bind, getsockname,
        netlink::SocketAddrNetlink,
        recvfrom, sendto, socket_with,
        sockopt::{Timeout, set_socket_timeout},
    },
};

/// No message of a dump is larger: the kernel fills at most 32 KiB a datagram.
pub const DATAGRAM: usize = 64 * 1024;

/// A socket that speaks to the kernel and to nobody else.
#[derive(Debug)]
pub struct Socket(OwnedFd);

impl Socket {
    /// Opens a socket to a part of the kernel; none is `NETLINK_ROUTE`, whose number is 0.
    ///
    /// # Errors
    /// The kernel's.
    pub fn open(part: Option<Protocol>) -> Result<Self, Errno> {
        socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, part).map(Self)
    }

    /// Lets waiting for an answer end after this time.
    ///
    /// # Errors
    /// The kernel's.
    pub fn set_patience(&self, patience: Duration) -> Result<(), Errno> {
        set_socket_timeout(&self.0, Timeout::Recv, Some(patience))
    }

    /// Has the kernel tell of what happens: one bit for each group of its messages, none for silence.
    ///
    /// # Errors
    /// The kernel's.
    pub fn subscribe(&self, groups: u32) -> Result<(), Errno> {
        // A socket that has its number already must be bound to the same one again.
        let own = SocketAddrNetlink::try_from(getsockname(&self.0)?)?;
        bind(&self.0, &SocketAddrNetlink::new(own.pid(), groups))
    }

    /// Sends messages to the kernel.
    ///
    /// # Errors
    /// The kernel's.
    pub fn send(&self, bytes: &[u8]) -> Result<(), Errno> {
        let kernel = SocketAddrNetlink::new(0, 0);
        retry_on_intr(|| sendto(&self.0, bytes, SendFlags::empty(), &kernel)).map(drop)
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// The kernel's; [`Errno::BADMSG`] when it doesn't fit or another process sent it.
    pub fn receive<'a>(&self, buffer: &'a mut [u8], flags: RecvFlags) -> Result<&'a [u8], Errno> {
        let (_, length, sender) = retry_on_intr(|| recvfrom(&self.0, &mut *buffer, flags | RecvFlags::TRUNC))?;
        let sender = sender.and_then(|sender| SocketAddrNetlink::try_from(sender).ok());
        let is_from_kernel = sender.is_some_and(|sender| sender.pid() == 0);
        buffer.get(..length).filter(|_| is_from_kernel).ok_or(Errno::BADMSG)
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<Socket> for OwnedFd {
    fn from(socket: Socket) -> Self {
        socket.0
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
