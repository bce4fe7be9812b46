//! What the ports a server meets are for, in plain words.
//!
//! The entries stand in `system.txt` and `user.txt`, blocks of two or three lines with an empty line between:
//!
//! ```text
//! PORT[-PORT]/tcp|udp|tcp+udp NAME [needed|not needed|depends]
//! One sentence: what the port is for. A second one at most.
//! > One sentence of advice: what is safer. May be absent.
//! ```
//!
//! The numbers are those of IANA's registry, or what the program itself uses by default. A port number is a habit and
//! no proof: where several programs share one, the sentence says "usually".

mod parse;

use std::{ops::RangeInclusive, sync::LazyLock};

use super::listener::Transport;

/// Whether a host that serves web pages needs a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// It does.
    Needed,
    /// Some do, for a second task such as mail.
    Depends,
    /// It doesn't.
    NotNeeded,
}

/// What a port is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The ports, mostly one.
    pub ports: RangeInclusive<u16>,
    /// The transports, TCP before UDP.
    pub transports: &'static [Transport],
    /// The short name.
    pub name: &'static str,
    /// What the port is for.
    pub purpose: &'static str,
    /// Whether a web server needs it.
    pub need: Need,
    /// What to do, or what to use instead.
    pub advice: Option<&'static str>,
}

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let parse = |text| parse::services(text).expect("the entries are part of the program, and a test parses them");
    [include_str!("system.txt"), include_str!("user.txt")].into_iter().flat_map(parse).collect()
});

/// Every service, in order of port.
#[must_use]
pub fn services() -> &'static [Service] {
    &SERVICES
}

/// The service a port is known for: of several ranges that hold it, the narrowest.
#[must_use]
pub fn find(port: u16, transport: Transport) -> Option<&'static Service> {
    let fits = |service: &&Service| service.ports.contains(&port) && service.transports.contains(&transport);
    SERVICES.iter().filter(fits).min_by_key(|service| service.ports.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_tcp(port: u16) -> &'static Service {
        find(port, Transport::Tcp).expect("a known port")
    }

    #[test]
    fn the_catalogue_is_large_ordered_and_unique() {
        let services = services();
        assert!(services.len() >= 150, "only {}", services.len());
        let key = |service: &Service| (*service.ports.start(), service.transports[0]);
        for pair in services.windows(2) {
            assert!(key(&pair[0]) < key(&pair[1]), "{} stands before {}", pair[0].name, pair[1].name);
        }
        for (index, one) in services.iter().enumerate() {
            let twin = |other: &&Service| {
                one.ports == other.ports && one.transports.iter().any(|transport| other.transports.contains(transport))
            };
            assert_eq!(services[index + 1..].iter().find(twin), None, "{} has a twin", one.name);
        }
    }

    #[test]
    fn every_text_is_a_short_whole_sentence() {
        for service in services() {
            for text in [Some(service.purpose), service.advice].into_iter().flatten() {
                let length = text.chars().count();
                assert!(text.ends_with('.') && length <= 120, "{}: {length} characters: {text}", service.name);
                assert!(text.starts_with(|first: char| first.is_uppercase()) || text.starts_with("ssh"), "{text}");
                assert!(!text.contains("  ") && !text.contains(char::is_control), "{text:?}");
            }
        }
    }

    #[test]
    fn what_a_web_server_doesnt_need_comes_with_advice() {
        for service in services().iter().filter(|service| service.need == Need::NotNeeded) {
            assert!(service.advice.is_some(), "{} leaves the reader alone", service.name);
        }
    }

    #[test]
    fn the_well_known_nine_are_judged() {
        let cases = [
            (21, "FTP", Need::NotNeeded),
            (22, "SSH", Need::Needed),
            (23, "Telnet", Need::NotNeeded),
            (25, "SMTP", Need::Depends),
            (53, "DNS", Need::Depends),
            (80, "HTTP", Need::Needed),
            (110, "POP3", Need::NotNeeded),
            (443, "HTTPS", Need::Needed),
            (995, "POP3S", Need::Depends),
        ];
        for (port, name, need) in cases {
            let service = find_tcp(port);
            assert_eq!((service.name, service.need), (name, need), "port {port}");
        }
    }

    #[test]
    fn the_narrowest_range_of_the_right_transport_wins() {
        assert_eq!(find_tcp(33060).name, "MySQL X protocol");
        assert_eq!(find_tcp(33061).name, "Temporary port");
        assert_eq!(find_tcp(6001).name, "X11");
        assert_eq!(find(443, Transport::Udp).map(|service| service.name), Some("HTTP/3"));
        assert_eq!(find(60500, Transport::Udp).map(|service| service.name), Some("Mosh"));
        assert_eq!(find(60500, Transport::Tcp).map(|service| service.name), Some("Temporary port"));
        assert_eq!(find(1, Transport::Tcp), None);
        assert_eq!(find(22, Transport::Udp), None);
    }
}
