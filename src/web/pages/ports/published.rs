//! Ports that other programs publish to containers, as rows of the page.

use crate::firewall::{
    Listener,
    exposure::{Exposure, Published},
    listener::{Bind, Container},
};

/// What stands for a runtime where only the translation is known.
const RUNTIME: &str = "container";

/// A published port as if the container itself listened on this host.
pub(super) fn as_listener(published: &Published) -> Listener {
    let (address, port) = published.container;
    let bind = match published.addresses.as_slice() {
        [one] if one.first() == one.last() => Bind::Address(one.first()),
        _ if address.is_ipv4() => Bind::Any4,
        _ => Bind::Any6,
    };
    let to = std::net::SocketAddr::new(address, port);
    Listener {
        transport: published.transport,
        bind,
        port: published.port,
        interface: None,
        uid: 0,
        user: None,
        processes: Vec::new(),
        unit: None,
        container: Some(Container { runtime: RUNTIME.to_owned(), id: to.to_string() }),
    }
}

/// Whether a listener was made up here.
pub(super) fn is_published(listener: &Listener) -> bool {
    listener.processes.is_empty() && listener.container.as_ref().is_some_and(|container| container.runtime == RUNTIME)
}

/// The rows' listeners, each with where it is reached from.
pub(super) fn listeners(published: &[(Published, Exposure)]) -> Vec<(Listener, &Exposure)> {
    published.iter().map(|(published, exposure)| (as_listener(published), exposure)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{AddressRange, listener::Transport};

    #[test]
    fn a_published_port_is_bound_where_it_is_published() {
        let published = |addresses: &[&str]| Published {
            transport: Transport::Tcp,
            port: 8080,
            addresses: addresses.iter().map(|text| AddressRange::parse(text).expect("an address")).collect(),
            container: ("172.17.0.2".parse().expect("an address"), 80),
        };
        let listener = as_listener(&published(&[]));
        assert!(is_published(&listener));
        assert_eq!(
            (listener.bind, listener.container.map(|container| container.id)),
            (Bind::Any4, Some("172.17.0.2:80".into()))
        );
        let bind = as_listener(&published(&["127.0.0.1"])).bind;
        assert!(bind.is_loopback());
    }
}
