//! A port as addresses and forms of these pages name it.

use std::fmt;

use crate::firewall::{Ports, listener::Transport};

/// `110/tcp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortKey {
    /// The port.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
}

impl PortKey {
    /// Reads it; absent unless it is exactly one port.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Ports { transport, range } = Ports::parse(text.trim()).ok()?;
        let port = range.first();
        (port == range.last()).then_some(Self { port, transport })
    }

    /// The port that an address names in `port`.
    pub(super) fn asked(pairs: &[(String, String)]) -> Option<Self> {
        pairs.iter().find(|(name, _)| name == "port").and_then(|(_, text)| Self::parse(text))
    }
}

impl fmt::Display for PortKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.port, self.transport.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_is_read_and_written_and_nothing_else() {
        let key = PortKey::parse(" 110/tcp ").expect("a port");
        assert_eq!((key.to_string().as_str(), key.transport), ("110/tcp", Transport::Tcp));
        for text in ["", "110", "0/tcp", "65536/tcp", "110/sctp", "1-2/tcp", "110/tcp,", "<b>/tcp", "١١٠/tcp"] {
            assert_eq!(PortKey::parse(text), None, "{text}");
        }
    }
}
