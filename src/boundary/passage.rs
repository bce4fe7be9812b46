//! A descriptor that travels with an answer.

use std::{
    io::{self, IoSlice, IoSliceMut, Read},
    mem::MaybeUninit,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    time::Duration,
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};

use super::{
    Deadline,
    codec::{self, Frame},
};

/// Writes an answer; the descriptor goes with its first byte. The sender keeps its own copy.
///
/// # Errors
/// [`codec::Error::Io`].
pub fn send(
    stream: &UnixStream,
    time: Duration,
    frame: &Frame,
    descriptor: BorrowedFd<'_>,
) -> Result<(), codec::Error> {
    let mut rest = Deadline::after(time, stream);
    stream.set_write_timeout(Some(time))?;
    let descriptors = [descriptor];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    let sent = sendmsg(stream, &[IoSlice::new(frame.as_bytes())], &mut control, SendFlags::NOSIGNAL);
    let left = frame.as_bytes().get(sent.map_err(io::Error::from)?..).unwrap_or_default();
    Ok(io::Write::write_all(&mut rest, left)?)
}

/// Reads from a stream and keeps the descriptor that comes along. Any more than one are closed by the kernel.
#[derive(Debug)]
pub struct Receiver<'a> {
    stream: &'a UnixStream,
    descriptor: Option<OwnedFd>,
}

impl<'a> Receiver<'a> {
    /// Reads from this stream, each time no longer than `time`.
    ///
    /// # Errors
    /// When the stream takes no timeout.
    pub fn new(stream: &'a UnixStream, time: Duration) -> io::Result<Self> {
        stream.set_read_timeout(Some(time))?;
        Ok(Self { stream, descriptor: None })
    }

    /// What came along.
    #[must_use]
    pub fn into_descriptor(self) -> Option<OwnedFd> {
        self.descriptor
    }
}

impl Read for Receiver<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = recvmsg(self.stream, &mut [IoSliceMut::new(buffer)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                self.descriptor = self.descriptor.take().or(descriptors.last());
            }
        }
        Ok(received.bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::fd::AsFd};

    use super::*;
    use crate::boundary::{Response, limits};

    const TIME: Duration = Duration::from_secs(10);

    #[test]
    fn a_descriptor_arrives_with_its_answer_and_only_with_it() {
        let (near, far) = UnixStream::pair().unwrap();
        let file = File::open("/dev/null").unwrap();
        let frame = Frame::new(&Response::Nflog {}, limits::RESPONSE_BYTES).unwrap();
        send(&near, TIME, &frame, file.as_fd()).unwrap();
        frame.write(&mut &near).unwrap();
        let mut receiver = Receiver::new(&far, TIME).unwrap();
        let answer: Response = codec::read(&mut receiver, limits::RESPONSE_BYTES).unwrap();
        assert_eq!(answer, Response::Nflog {});
        assert!(receiver.into_descriptor().is_some());
        let mut receiver = Receiver::new(&far, TIME).unwrap();
        let _: Response = codec::read(&mut receiver, limits::RESPONSE_BYTES).unwrap();
        assert!(receiver.into_descriptor().is_none());
    }
}
