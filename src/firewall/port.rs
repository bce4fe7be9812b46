//! Ports and what carries them.

use std::{fmt, num::NonZeroU16};

use serde::{Deserialize, Serialize};

use super::{ParseError, listener::Transport, parse_error::text_form};

/// A port that something can listen on: 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(NonZeroU16);

impl Port {
    /// Reads a decimal number without sign, space or leading zero.
    ///
    /// # Errors
    /// When it isn't a number from 1 to 65535.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let number = if plain { text.parse().ok() } else { None };
        number.map(Self).ok_or_else(|| ParseError::new(text, "isn't a port from 1 to 65535"))
    }

    /// The port with this number; there is no port 0.
    #[must_use]
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).map(Self)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for Port {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Every port from `first` to `last`, both included. Written `22` or `6000-6010`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: Port,
    last: Port,
}

impl PortRange {
    /// Reads `22` or `6000-6010`.
    ///
    /// # Errors
    /// When an end isn't a port or the range is empty.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (Port::parse(first)?, Port::parse(last)?);
        Self::between(first, last)
            .ok_or_else(|| ParseError::new(text, "is an empty range: the first port is behind the last"))
    }

    /// The range between two ports, if it isn't empty.
    #[must_use]
    pub fn between(first: Port, last: Port) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The lowest port.
    #[must_use]
    pub const fn first(self) -> u16 {
        self.first.get()
    }

    /// The highest port.
    #[must_use]
    pub const fn last(self) -> u16 {
        self.last.get()
    }

    /// Whether the port is inside.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        self.first() <= port && port <= self.last()
    }
}

impl From<Port> for PortRange {
    fn from(port: Port) -> Self {
        Self { first: port, last: port }
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { self.first.fmt(out) } else { write!(out, "{}-{}", self.first, self.last) }
    }
}

/// Ports of one transport protocol. Written `22/tcp` or `6000-6010/udp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ports {
    /// The protocol the ports belong to.
    pub transport: Transport,
    /// The ports.
    pub range: PortRange,
}

text_form!(Ports);

impl Ports {
    /// Reads `22/tcp` or `6000-6010/udp`.
    ///
    /// # Errors
    /// When the ports or the protocol are wrong.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (range, transport) = match text.rsplit_once('/') {
            Some((range, "tcp")) => (range, Transport::Tcp),
            Some((range, "udp")) => (range, Transport::Udp),
            _ => return Err(ParseError::new(text, "isn't of the form 22/tcp or 6000-6010/udp")),
        };
        Ok(Self { transport, range: PortRange::parse(range)? })
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.range, self.transport.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_and_printed_back() {
        for text in ["22/tcp", "6000-6010/udp", "1-65535/tcp"] {
            assert_eq!(Ports::parse(text).map(|ports| ports.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn wrong_ports_are_refused() {
        for text in
            ["0/tcp", "65536/tcp", "+22/tcp", "022/tcp", "22", "22/sctp", "90-80/tcp", "/tcp", "-/udp", "22 /tcp"]
        {
            assert!(Ports::parse(text).is_err(), "{text}");
        }
    }
}
