//! What a packet was for: a port of TCP or UDP, a kind of ICMP message, or a protocol as a whole.

use std::fmt;

use super::{
    Port, PortRange, Ports, Target,
    listener::Transport,
    parse_error::{ParseError, text_form},
};

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;

/// What a packet was for. Written `22/tcp`, `icmp/8`, `icmp/3/1`, `protocol/47`, `tcp`, or a bare port for any protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Aim {
    /// The number of the protocol; none where it isn't known or any will do.
    pub protocol: Option<u8>,
    /// The port, or for ICMP type * 256 + code.
    pub port: Option<u16>,
}

text_form!(Aim);

impl Aim {
    /// Reads what [`fmt::Display`] prints.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let wrong =
            || ParseError::new(text, "isn't a port like 22, 22/tcp or 53/udp, and not tcp, udp, icmp/8 or protocol/47");
        let number = |text: &str| if text.starts_with('+') { None } else { text.parse::<u16>().ok() };
        let byte = |text: &str| number(text).and_then(|number| u8::try_from(number).ok());
        let parts: Vec<&str> = text.split('/').collect();
        let (protocol, port) = match parts[..] {
            [name] if named(name).is_some() => (named(name), None),
            [port] => (None, Some(number(port).ok_or_else(wrong)?)),
            ["protocol", protocol] => (Some(byte(protocol).ok_or_else(wrong)?), None),
            ["icmp" | "icmpv6", kind] => (named(parts[0]), Some(u16::from(byte(kind).ok_or_else(wrong)?) * 256)),
            ["icmp" | "icmpv6", kind, code] => {
                let (kind, code) = byte(kind).zip(byte(code)).ok_or_else(wrong)?;
                (named(parts[0]), Some(u16::from(kind) * 256 + u16::from(code)))
            }
            [port, "tcp" | "udp"] => (named(parts[1]), Some(number(port).ok_or_else(wrong)?)),
            _ => return Err(wrong()),
        };
        Ok(Self { protocol, port })
    }

    /// TCP or UDP, where it is one of them.
    #[must_use]
    pub const fn transport(self) -> Option<Transport> {
        match self.protocol {
            Some(TCP) => Some(Transport::Tcp),
            Some(UDP) => Some(Transport::Udp),
            _ => None,
        }
    }

    /// The narrowest thing that a rule can name for it.
    #[must_use]
    pub fn target(self) -> Option<Target> {
        let protocol = self.protocol?;
        let kind = self.port.map(|port| port.to_be_bytes()[0]);
        match (protocol, self.transport(), self.port.and_then(Port::new)) {
            (_, Some(transport), Some(port)) => {
                PortRange::between(port, port).map(|range| Target::Ports(Ports { transport, range }))
            }
            (ICMP, ..) => kind.map(Target::Icmp),
            (ICMPV6, ..) => kind.map(Target::Icmpv6),
            _ => Some(Target::Protocol(protocol)),
        }
    }
}

fn named(name: &str) -> Option<u8> {
    [("tcp", TCP), ("udp", UDP), ("icmp", ICMP), ("icmpv6", ICMPV6)]
        .into_iter()
        .find_map(|(known, number)| (known == name).then_some(number))
}

/// The name of a protocol that most packets have; none for others.
#[must_use]
pub const fn protocol_name(number: u8) -> Option<&'static str> {
    match number {
        ICMP => Some("icmp"),
        TCP => Some("tcp"),
        UDP => Some("udp"),
        ICMPV6 => Some("icmpv6"),
        _ => None,
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.protocol, self.port) {
            (None, None) => out.write_str("several"),
            (None, Some(port)) => write!(out, "{port}"),
            (Some(ICMP | ICMPV6), Some(port)) => {
                let [kind, code] = port.to_be_bytes();
                let name = if self.protocol == Some(ICMP) { "icmp" } else { "icmpv6" };
                if code == 0 { write!(out, "{name}/{kind}") } else { write!(out, "{name}/{kind}/{code}") }
            }
            (Some(number), port) => match (protocol_name(number), port) {
                (Some(name), Some(port)) => write!(out, "{port}/{name}"),
                (Some(name), None) => out.write_str(name),
                (None, _) => write!(out, "protocol/{number}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aims_are_read_back() {
        for text in
            ["22/tcp", "53/udp", "22", "0/tcp", "icmp/8", "icmp/3/1", "icmpv6/128", "protocol/47", "tcp", "icmp"]
        {
            assert_eq!(Aim::parse(text).map(|aim| aim.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "x", "65536", "+1", "22/sctp", "icmp/256", "icmp/8/0/1", "protocol/300", "/tcp", "several"] {
            assert!(Aim::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rule_names_the_narrowest_thing() {
        let target = |text: &str| Aim::parse(text).unwrap().target().map(|target| target.to_string());
        for (aim, expected) in
            [("22/tcp", "22/tcp"), ("icmp/8", "icmp/8"), ("icmp/3/1", "icmp/3"), ("protocol/47", "protocol/47")]
        {
            assert_eq!(target(aim).as_deref(), Some(expected));
        }
        assert_eq!(target("tcp").as_deref(), Some("protocol/6"), "a later fragment tells no port");
        assert_eq!(target("22"), None);
    }
}
