//! Names for ports, so that a rule reads as intent.

use serde::{Deserialize, Serialize};

use super::{Ports, ServiceName, Text, catalogue};

/// A service of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// How rules name it. A name that is built in can't be taken.
    pub name: ServiceName,
    /// What it is.
    #[serde(default = "Text::empty", skip_serializing_if = "Text::is_empty")]
    pub note: Text,
    /// Where it listens.
    pub ports: Vec<Ports>,
}

/// The services every ruleset knows, with their ports as a rule writes them.
pub const BUILT_IN: [(&str, &str); 36] = [
    ("dhcp", "67/udp"),
    ("dns", "53/tcp 53/udp"),
    ("dns-tls", "853/tcp"),
    ("ftp", "21/tcp"),
    ("http", "80/tcp"),
    ("https", "443/tcp 443/udp"),
    ("imap", "143/tcp"),
    ("imaps", "993/tcp"),
    ("ipp", "631/tcp"),
    ("ldap", "389/tcp"),
    ("ldaps", "636/tcp"),
    ("mdns", "5353/udp"),
    ("memcached", "11211/tcp"),
    ("mongodb", "27017/tcp"),
    ("mqtt", "1883/tcp"),
    ("mysql", "3306/tcp"),
    ("nfs", "2049/tcp"),
    ("ntp", "123/udp"),
    ("openvpn", "1194/udp"),
    ("pop3", "110/tcp"),
    ("pop3s", "995/tcp"),
    ("portreeve", "8470/tcp"),
    ("postgresql", "5432/tcp"),
    ("rdp", "3389/tcp"),
    ("redis", "6379/tcp"),
    ("rpcbind", "111/tcp 111/udp"),
    ("samba", "139/tcp 445/tcp 137-138/udp"),
    ("sip", "5060/tcp 5060/udp"),
    ("smtp", "25/tcp"),
    ("smtps", "465/tcp"),
    ("snmp", "161/udp"),
    ("ssh", "22/tcp"),
    ("submission", "587/tcp"),
    ("telnet", "23/tcp"),
    ("vnc", "5900-5903/tcp"),
    ("wireguard", "51820/udp"),
];

/// The ports of a built-in service.
#[must_use]
pub fn built_in(name: &ServiceName) -> Option<Vec<Ports>> {
    let index = BUILT_IN.binary_search_by_key(&name.as_str(), |(name, _)| name).ok()?;
    BUILT_IN[index].1.split(' ').map(|ports| Ports::parse(ports).ok()).collect()
}

/// What a built-in service is for, as the Ports page says it of its first port.
#[must_use]
pub fn purpose(name: &ServiceName) -> Option<&'static str> {
    let ports = *built_in(name)?.first()?;
    catalogue::find(ports.range.first(), ports.transport).map(|service| service.purpose)
}

/// The built-in service that has exactly this port and no other.
#[must_use]
pub fn named(ports: Ports) -> Option<ServiceName> {
    let text = ports.to_string();
    let (name, _) = BUILT_IN.into_iter().find(|(_, known)| *known == text)?;
    ServiceName::parse(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_service_is_found_and_has_valid_ports() {
        for (name, ports) in BUILT_IN {
            let found = built_in(&ServiceName::parse(name).expect(name)).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(found.len(), ports.split(' ').count());
        }
    }

    #[test]
    fn the_ports_page_knows_what_every_built_in_service_is_for() {
        for (name, _) in BUILT_IN {
            assert!(purpose(&ServiceName::parse(name).expect(name)).is_some(), "{name}");
        }
    }
}
