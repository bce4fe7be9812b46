//! What the console says once the panel runs.

use std::net::{IpAddr, SocketAddr};

use crate::web::server::Subject;

/// How to reach the panel and how to know that it is the right one.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// The panel's addresses, the most telling first; never empty.
    pub links: Vec<String>,
    /// SHA-256 of the certificate.
    pub fingerprint: String,
    /// The one-time link, while there is no account.
    pub setup_link: Option<String>,
}

impl Announcement {
    pub(super) fn new(bound: &[SocketAddr], subject: &Subject, fingerprint: String) -> Self {
        let links = bound.iter().flat_map(|address| links_to(*address, subject)).collect();
        Self { links, fingerprint, setup_link: None }
    }

    pub(super) fn first_link(&self) -> &str {
        self.links.first().map_or("https://localhost", String::as_str)
    }

    pub(super) fn with_setup_link(self, setup_link: Option<String>) -> Self {
        Self { setup_link, ..self }
    }
}

fn links_to(bound: SocketAddr, subject: &Subject) -> Vec<String> {
    let port = bound.port();
    if !bound.ip().is_unspecified() {
        return vec![format!("https://{bound}")];
    }
    let fits = |address: &&IpAddr| bound.is_ipv6() || address.is_ipv4();
    let reachable = subject.addresses.iter().filter(fits).filter(|address| is_reachable(**address));
    let by_address = reachable.map(|address| format!("https://{}", SocketAddr::new(*address, port)));
    let name = subject.names.first().map(|name| format!("https://{name}:{port}"));
    name.into_iter().chain(by_address).collect()
}

/// Not loopback and not link-local, which a browser can't open without naming an interface.
fn is_reachable(address: IpAddr) -> bool {
    let is_link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !address.is_loopback() && !is_link_local
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(bound: &str) -> Vec<String> {
        let addresses = ["127.0.0.1", "192.0.2.7", "169.254.1.1", "::1", "fe80::1", "2001:db8::7"];
        let subject = Subject {
            names: vec!["web1.example.net".to_owned(), "web1".to_owned()],
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        };
        Announcement::new(&[bound.parse().unwrap()], &subject, String::new()).links
    }

    #[test]
    fn a_server_on_every_address_is_named_first_and_then_by_what_can_be_reached() {
        let every = ["https://web1.example.net:8470", "https://192.0.2.7:8470", "https://[2001:db8::7]:8470"];
        assert_eq!(links("[::]:8470"), every);
        assert_eq!(links("0.0.0.0:8470"), every[..2]);
    }

    #[test]
    fn a_server_on_one_address_is_named_by_it() {
        assert_eq!(links("[::1]:9"), ["https://[::1]:9"]);
        assert_eq!(links("127.0.0.1:9"), ["https://127.0.0.1:9"]);
    }
}
