//! A stream that must be done by a moment, however many small steps the other end takes.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

/// Reads and writes fail once the time is over: a byte every nine seconds can't hold a connection for ever.
pub struct Deadline<'a> {
    stream: &'a UnixStream,
    end: Instant,
}

impl<'a> Deadline<'a> {
    /// Starts the clock.
    #[must_use]
    pub fn after(time: Duration, stream: &'a UnixStream) -> Self {
        Self { stream, end: Instant::now() + time }
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Deadline<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Deadline<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_is_over_ends_both_directions() {
        let (near, mut far) = UnixStream::pair().unwrap();
        far.write_all(b"x").unwrap();
        let mut late = Deadline::after(Duration::ZERO, &near);
        assert_eq!(late.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(late.write(b"x").unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(Deadline::after(Duration::from_mins(1), &near).read(&mut [0]).unwrap(), 1);
    }
}
