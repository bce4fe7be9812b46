//! Framing: four bytes of length, big-endian, then that many bytes of JSON.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};

/// Why a message could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The other end closed between two messages.
    #[error("the connection was closed")]
    Closed,
    /// The announced or encoded length is over the limit.
    #[error("the message has {length} bytes, more than the {limit} allowed")]
    TooLong {
        /// The length.
        length: u64,
        /// The limit that holds for this kind of message.
        limit: u32,
    },
    /// The bytes aren't a message of the expected type.
    #[error("the message could not be understood")]
    Malformed(#[source] serde_json::Error),
    /// Reading or writing failed, ran into its timeout, or the message was cut off.
    #[error("the connection failed")]
    Io(#[from] io::Error),
}

/// A message as it goes over the wire, so that many can be sent the same without encoding it for each.
#[derive(Debug)]
pub struct Frame(Vec<u8>);

impl Frame {
    const HEAD: usize = 4;

    /// Encodes a message.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn new<T: Serialize>(message: &T, limit: u32) -> Result<Self, Error> {
        let mut bytes = vec![0; Self::HEAD];
        serde_json::to_writer(&mut bytes, message).map_err(Error::Malformed)?;
        let body = bytes.len() - Self::HEAD;
        let length = u32::try_from(body).ok().filter(|length| *length <= limit);
        let length = length.ok_or(Error::TooLong { length: body.try_into().unwrap_or(u64::MAX), limit })?;
        bytes[..Self::HEAD].copy_from_slice(&length.to_be_bytes());
        Ok(Self(bytes))
    }

    /// Its bytes, the length first.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Writes the message.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, writer: &mut impl Write) -> Result<(), Error> {
        writer.write_all(&self.0)?;
        Ok(writer.flush()?)
    }
}

/// Writes one message.
///
/// # Errors
/// [`Error::TooLong`] before anything is written, or [`Error::Io`].
pub fn write<T: Serialize>(writer: &mut impl Write, message: &T, limit: u32) -> Result<(), Error> {
    Frame::new(message, limit)?.write(writer)
}

/// Reads one message. Memory grows with the bytes that really arrive, never with the length that was announced.
///
/// # Errors
/// [`Error::Closed`] at a clean end; any other error leaves the stream unusable.
pub fn read<T: DeserializeOwned>(reader: &mut impl Read, limit: u32) -> Result<T, Error> {
    let length = read_length(reader)?;
    read_body(reader, length, limit)
}

/// Reads the message of which [`read_length`] has read the length.
///
/// # Errors
/// As [`read`].
pub fn read_body<T: DeserializeOwned>(reader: &mut impl Read, length: u32, limit: u32) -> Result<T, Error> {
    if length > limit {
        return Err(Error::TooLong { length: length.into(), limit });
    }
    let mut body = Vec::new();
    reader.take(length.into()).read_to_end(&mut body)?;
    if u32::try_from(body.len()) != Ok(length) {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    serde_json::from_slice(&body).map_err(Error::Malformed)
}

/// Reads how long the next message is, for whoever has to make room first.
///
/// # Errors
/// [`Error::Closed`] at a clean end, else [`Error::Io`].
pub fn read_length(reader: &mut impl Read) -> Result<u32, Error> {
    let mut length = [0; 4];
    let mut filled = 0;
    while filled < length.len() {
        match reader.read(&mut length[filled..]) {
            Ok(0) if filled == 0 => return Err(Error::Closed),
            Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(u32::from_be_bytes(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boundary::{Request, limits};

    fn frame(body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap();
        [&length.to_be_bytes()[..], body].concat()
    }

    fn read_request(bytes: &[u8]) -> Result<Request, Error> {
        read(&mut &bytes[..], limits::REQUEST_BYTES)
    }

    #[test]
    fn a_message_comes_back_as_it_was_sent() {
        for request in [Request::Hello { version: 7 }, Request::ReadState {}, Request::ListListeners {}] {
            let mut wire = Vec::new();
            write(&mut wire, &request, limits::REQUEST_BYTES).unwrap();
            assert_eq!(read_request(&wire).unwrap(), request);
        }
    }

    #[test]
    fn what_is_not_exactly_a_request_is_malformed() {
        let bodies: [&[u8]; 8] = [
            b"",
            b"{}",
            br#"{"Reboot":{}}"#,
            br#"{"ReadState":{"path":"/etc/shadow"}}"#,
            br#"{"Hello":{"version":1,"extra":1}}"#,
            br#"{"Hello":{"version":-1}}"#,
            br#"{"ReadState":{}} {"ReadState":{}}"#,
            b"\xff\xfe",
        ];
        for body in bodies {
            assert!(matches!(read_request(&frame(body)), Err(Error::Malformed(_))), "{body:?}");
        }
    }

    #[test]
    fn an_announced_length_over_the_limit_is_refused_without_reading_on() {
        let wire = u32::MAX.to_be_bytes();
        assert!(matches!(read_request(&wire), Err(Error::TooLong { .. })));
    }

    #[test]
    fn a_cut_message_is_an_error_and_a_clean_end_is_closed() {
        assert!(matches!(read_request(&[]), Err(Error::Closed)));
        assert!(matches!(read_request(&[0, 0]), Err(Error::Io(_))));
        assert!(matches!(read_request(&frame(br#"{"ReadState":{}}"#)[..10]), Err(Error::Io(_))));
    }

    #[test]
    fn a_message_over_the_limit_is_not_written() {
        let mut wire = Vec::new();
        let error = write(&mut wire, &"x".repeat(100), 10).unwrap_err();
        assert!(matches!(error, Error::TooLong { length: 102, limit: 10 }));
        assert!(wire.is_empty());
    }
}
