//! What is kept of packets that a line turned away, or let in and logged.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Action, Automatic, Family, InterfaceName, Line, Moment, Parts, Receipt};

/// Packets alike within one minute of the clock: one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// Its key, which orders rows by time.
    pub id: BlockedId,
    /// Who sent them.
    pub source: Source,
    /// Where they came to and what answered.
    pub door: Door,
    /// The port they came from; none where there is none or were several.
    pub source_port: Option<u16>,
    /// How many.
    pub count: u64,
    /// When the first came, in whole seconds.
    pub first: Moment,
    /// When the last came; in the same minute.
    pub last: Moment,
}

/// The key of a row: the second of the first packet, and a number within that second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockedId(pub i64);

/// Who sent what a row tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// One address.
    Address(IpAddr),
    /// Several of a /24 or /64, put together because too many knocked at once.
    Network(IpNet),
    /// Even more than that.
    Many(Family),
}

/// Where somebody knocked, and what answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// Which line of which revision did what.
    pub receipt: Receipt,
    /// IPv4 or IPv6.
    pub family: Family,
    /// The number of the transport protocol; none where several were put together.
    pub protocol: Option<u8>,
    /// The port of destination, or for ICMP type * 256 + code; none where there is none or were several.
    pub port: Option<u16>,
    /// The address; none where several were put together.
    pub destination: Option<IpAddr>,
    /// The interface by which they came in.
    pub incoming: Option<InterfaceName>,
    /// The interface by which they were to leave.
    pub outgoing: Option<InterfaceName>,
}

impl BlockedId {
    /// Keys of one second.
    const PER_SECOND: i64 = 1 << 16;

    /// The first key of the second of this moment: every row of an earlier second is below it.
    #[must_use]
    pub const fn first_of(moment: Moment) -> Self {
        Self(moment.as_millis().div_euclid(1000).saturating_mul(Self::PER_SECOND))
    }

    /// When the row's first packet came.
    #[must_use]
    pub const fn moment(self) -> Moment {
        Moment::from_millis(self.0.div_euclid(Self::PER_SECOND).saturating_mul(1000))
    }
}

impl Source {
    /// As the database has it: 4 or 16 bytes for an address, 3 or 8 for a network, none for many.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Address(IpAddr::V4(address)) => address.octets().to_vec(),
            Self::Address(IpAddr::V6(address)) => address.octets().to_vec(),
            Self::Network(IpNet::V4(network)) => network.addr().octets()[..3].to_vec(),
            Self::Network(IpNet::V6(network)) => network.addr().octets()[..8].to_vec(),
            Self::Many(_) => Vec::new(),
        }
    }

    /// Reads [`Self::to_bytes`]; the family matters only for many.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], family: Family) -> Option<Self> {
        match *bytes {
            [] => Some(Self::Many(family)),
            [a, b, c] => IpNet::new(IpAddr::from([a, b, c, 0]), 24).ok().map(Self::Network),
            _ if bytes.len() == 8 => {
                let mut octets = [0; 16];
                octets[..8].copy_from_slice(bytes);
                IpNet::new(IpAddr::from(octets), 64).ok().map(Self::Network)
            }
            _ => address_from_bytes(bytes).map(Self::Address),
        }
    }

    /// The network that is kept instead of an address when too many knock: its /24 or /64.
    #[must_use]
    pub fn network(self) -> Self {
        let Self::Address(address) = self else { return self };
        let length = if address.is_ipv4() { 24 } else { 64 };
        IpNet::new(address, length).map_or(Self::Many(Family::of(address)), |network| Self::Network(network.trunc()))
    }
}

/// Whether every packet that this line decides gives a receipt, as long as the kernel's limit allows. `compile` sees to
/// it.
#[must_use]
pub fn gives_receipts(line: Line, parts: &Parts) -> bool {
    let policy = &parts.policy;
    match line {
        Line::Rule(id) => parts.rules.iter().any(|rule| rule.id == id && (rule.log || rule.action != Action::Allow)),
        Line::Limit(_) => true,
        Line::Automatic(line) => match line {
            Automatic::DefaultIn => policy.incoming != Action::Allow,
            Automatic::DefaultForward => policy.forwarded != Action::Allow,
            Automatic::DefaultOut => policy.outgoing != Action::Allow,
            Automatic::Ban
            | Automatic::DenyList
            | Automatic::TcpFlags
            | Automatic::ReversePath
            | Automatic::PingLimit
            | Automatic::Invalid
            | Automatic::SynFlood
            | Automatic::ConnectionFlood => true,
            Automatic::Loopback
            | Automatic::Neighbours
            | Automatic::Ping
            | Automatic::Established
            | Automatic::NeededIcmp
            | Automatic::Dhcpv6
            | Automatic::AllowList => false,
        },
    }
}

/// An address of 4 or 16 bytes.
#[must_use]
pub fn address_from_bytes(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{Ruleset, Surroundings, check, compile, nft::Statement};

    #[test]
    fn sources_are_read_back_from_their_bytes() {
        for text in ["192.0.2.7", "2001:db8::7"] {
            let source = Source::Address(text.parse().unwrap());
            for source in [source, source.network()] {
                assert_eq!(Source::from_bytes(&source.to_bytes(), Family::V4), Some(source));
            }
        }
        assert_eq!(Source::from_bytes(&[], Family::V6), Some(Source::Many(Family::V6)));
        assert_eq!(Source::from_bytes(&[1, 2], Family::V4), None);
    }

    #[test]
    fn what_gives_receipts_is_what_is_compiled_to_log() {
        let rules = [("drop", "false"), ("reject", "false"), ("allow", "false"), ("allow", "true")];
        let rule = |(index, (action, log)): (usize, (&str, &str))| {
            let id = index + 1;
            let limits = r#""new_connections":"5/second""#;
            let limits = if action == "allow" { format!(",{limits}") } else { String::new() };
            format!(r#"{{"id":{id},"action":"{action}","direction":"in","to":["{id}/tcp"],"log":{log}{limits}}}"#)
        };
        let rules: Vec<String> = rules.into_iter().enumerate().map(rule).collect();
        for (policy, connections) in [("drop", "5"), ("allow", "7"), ("reject", "9")] {
            let policy = format!(
                r#"{{"incoming":"{policy}","outgoing":"{policy}","forwarded":"{policy}","connections":{connections}}}"#
            );
            let text = format!(r#"{{"rules":[{}],"policy":{policy}}}"#, rules.join(","));
            let ruleset: Ruleset = serde_json::from_str(&text).unwrap();
            let now = Moment::from_millis(0);
            let surroundings = Surroundings { now, interfaces: None, networks: Vec::new() };
            let checked = check(ruleset.clone(), &surroundings);
            let compiled = compile::one_by_one(&checked.unwrap(), 41);
            let table = &compiled.table;
            for name in &table.counters {
                let line = Line::parse(name).unwrap();
                let rules = table.chains.iter().flat_map(|chain| &chain.rules).filter(|rule| rule.line == line);
                let logs = |statement: &Statement| matches!(statement, Statement::Log(_));
                let logs = rules.flat_map(|rule| &rule.statements).any(logs);
                assert_eq!(gives_receipts(line, ruleset.parts()), logs, "{name} of {text}");
            }
        }
    }

    #[test]
    fn keys_order_by_time() {
        let moment = Moment::from_millis(1_795_375_482_007);
        let id = BlockedId::first_of(moment);
        assert_eq!(id.moment(), Moment::from_millis(1_795_375_482_000));
        assert!(BlockedId::first_of(moment.plus_seconds(1)) > id);
    }
}
