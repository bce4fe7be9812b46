//! One line of the page: a port, and the program that holds it.

use std::{collections::BTreeMap, net::IpAddr};

use crate::firewall::{
    Listener, Moment,
    catalogue::{self, Need, Service},
    listener::{Bind, Transport},
};

use super::Bound;

/// All sockets of one program on one port. The IPv4 and the IPv6 socket of a server are one entry, and so are its
/// sockets on several addresses.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub port: u16,
    pub transport: Transport,
    /// The widest class of its sockets.
    pub bound: Bound,
    pub service: Option<&'static Service>,
    /// At least one.
    pub listeners: Vec<&'a Listener>,
}

/// Gathers the sockets into entries, ordered by port.
pub(super) fn entries(listeners: &[Listener]) -> Vec<Entry<'_>> {
    let mut groups: BTreeMap<_, Vec<&Listener>> = BTreeMap::new();
    for listener in listeners {
        let program = listener.processes.first().map(|process| (process.executable.as_deref(), process.name.as_str()));
        let container = listener.container.as_ref().map(|container| container.id.as_str());
        let key = (listener.port, listener.transport, listener.uid, listener.unit.as_deref(), container, program);
        groups.entry(key).or_default().push(listener);
    }
    groups.into_values().filter_map(Entry::gather).collect()
}

impl<'a> Entry<'a> {
    fn gather(listeners: Vec<&'a Listener>) -> Option<Self> {
        let first = *listeners.first()?;
        let bound = listeners.iter().map(|listener| Bound::of(listener)).min()?;
        let service = catalogue::find(first.port, first.transport);
        Some(Self { port: first.port, transport: first.transport, bound, service, listeners })
    }

    /// The first socket; what all share can be read from it.
    pub fn first(&self) -> &'a Listener {
        self.listeners[0]
    }

    pub fn need(&self) -> Option<Need> {
        self.service.map(|service| service.need)
    }

    /// The program's short name; absent for a kernel socket.
    pub fn program(&self) -> Option<&'a str> {
        self.first().processes.first().map(|process| process.name.as_str())
    }

    /// When the oldest of its processes started.
    pub fn since(&self) -> Option<Moment> {
        let processes = self.listeners.iter().flat_map(|listener| &listener.processes);
        processes.filter_map(|process| process.started_at).min()
    }

    /// Whether a socket answers on every address of IPv4, and of IPv6.
    pub fn families(&self) -> (bool, bool) {
        let any = |kind: Bind| self.listeners.iter().any(|listener| listener.bind == kind);
        let dual = any(Bind::AnyDual);
        (dual || any(Bind::Any4), dual || any(Bind::Any6))
    }

    /// The single addresses it is bound to, in order.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> = self
            .listeners
            .iter()
            .filter_map(|listener| if let Bind::Address(address) = listener.bind { Some(address) } else { None })
            .collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    /// The interfaces it is bound to, in order.
    pub fn interfaces(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.listeners.iter().filter_map(|listener| listener.interface.as_deref()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether every word of `words` (in lower case) occurs in what the page shows of the entry. A word also fits the
    /// beginning of the port, so that "80" finds 80 and 8080 but not 1080.
    pub fn fits(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let port = format!("{}/{}", self.port, self.transport.as_str());
        let text = self.text();
        words.iter().all(|word| port.starts_with(word) || text.contains(word))
    }

    fn text(&self) -> String {
        let first = self.first();
        let mut parts: Vec<String> = self.addresses().iter().map(IpAddr::to_string).collect();
        parts.extend(self.interfaces().into_iter().map(String::from));
        parts.extend(self.service.map(|service| service.name.to_owned()));
        parts.extend(first.user.clone());
        parts.extend(first.unit.clone());
        parts.extend(first.container.iter().map(|container| format!("{} {}", container.runtime, container.id)));
        for process in &first.processes {
            parts.push(process.name.clone());
            parts.extend(process.executable.clone());
        }
        parts.join("\n").to_lowercase()
    }
}
