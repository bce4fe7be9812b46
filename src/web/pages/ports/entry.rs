//! One line of the page: a port, and the program that holds it.

use std::{collections::BTreeMap, net::IpAddr};

use crate::firewall::{
    Listener, Moment,
    advice::{self, Advice, Host},
    catalogue::Need,
    exposure::Exposure,
    listener::{Bind, Transport},
    usage::{Connected, PortUse},
};

use super::{Bound, Place, PortKey, Snapshot, reached, used};

/// All sockets of one program on one port. The IPv4 and the IPv6 socket of a server are one entry, and so are its
/// sockets on several addresses.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub port: u16,
    pub transport: Transport,
    /// The widest class of its sockets.
    pub bound: Bound,
    /// What it is for, and whether this host needs it.
    pub advice: Advice,
    /// At least one.
    pub listeners: Vec<&'a Listener>,
    /// From where its sockets can be reached; empty when nobody looked yet.
    pub exposures: Vec<&'a Exposure>,
    /// The farthest of that.
    pub place: Place,
    /// Who is connected to the port.
    pub connected: Option<&'a Connected>,
    /// Who used the port.
    pub used: Option<&'a PortUse>,
    /// Whether nobody has in a long time.
    pub is_idle: bool,
    /// Whether it came since the viewer looked last.
    pub is_new: bool,
}

/// Gathers the sockets into entries, ordered by port.
pub(super) fn entries<'a>(
    snapshot: &Snapshot<'a>,
    published: &'a [(Listener, &'a Exposure)],
    now: Moment,
) -> Vec<Entry<'a>> {
    let mut groups: BTreeMap<_, Vec<(&Listener, Option<&Exposure>)>> = BTreeMap::new();
    let held = snapshot.listeners.iter().map(|listener| (listener, snapshot.exposure(listener)));
    let published = published.iter().map(|(listener, exposure)| (listener, Some(*exposure)));
    for (listener, exposure) in held.chain(published) {
        let program = listener.processes.first().map(|process| (process.executable.as_deref(), process.name.as_str()));
        let container = listener.container.as_ref().map(|container| container.id.as_str());
        let key = (listener.port, listener.transport, listener.uid, listener.unit.as_deref(), container, program);
        groups.entry(key).or_default().push((listener, exposure));
    }
    let host = Host::of(snapshot.listeners);
    groups.into_values().filter_map(|group| Entry::gather(group, host, snapshot, now)).collect()
}

impl<'a> Entry<'a> {
    fn gather(
        sockets: Vec<(&'a Listener, Option<&'a Exposure>)>,
        host: Host,
        known: &Snapshot<'a>,
        now: Moment,
    ) -> Option<Self> {
        let exposures: Vec<&Exposure> = sockets.iter().filter_map(|(_, exposure)| *exposure).collect();
        let listeners: Vec<&Listener> = sockets.into_iter().map(|(listener, _)| listener).collect();
        let first = *listeners.first()?;
        let bound = listeners.iter().map(|listener| Bound::of(listener)).min()?;
        let unseen = if bound == Bound::Host { Place::Host } else { Place::Unclear };
        let used = known.used(first);
        Some(Self {
            port: first.port,
            transport: first.transport,
            bound,
            advice: advice::advise(&listeners, host),
            place: reached::place(&exposures).unwrap_or(unseen),
            connected: known.connected(first),
            used,
            is_idle: used::is_idle(used, now),
            is_new: listeners.iter().any(|listener| known.is_new(listener)),
            exposures,
            listeners,
        })
    }

    /// The first socket; what all share can be read from it.
    pub fn first(&self) -> &'a Listener {
        self.listeners[0]
    }

    pub fn need(&self) -> Option<Need> {
        self.advice.need
    }

    /// The short name of what the port is for.
    pub fn name(&self) -> Option<&'static str> {
        self.advice.service.map(|service| service.name)
    }

    /// `22/tcp`, which also names it in an address.
    pub fn port_key(&self) -> PortKey {
        PortKey { port: self.port, transport: self.transport }
    }

    /// Least used first.
    pub fn use_rank(&self) -> (u64, Option<Moment>) {
        let now = self.connected.map_or(0, |connected| connected.connections);
        (now, self.used.and_then(|used| used.last_used_at))
    }

    /// Whether it is worth an act: nobody needs it here, and not only this host can reach it.
    pub fn is_needless(&self) -> bool {
        self.advice.is_not_needed() && self.place != Place::Host
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
        let port = self.port_key().to_string();
        let text = self.text();
        words.iter().all(|word| port.starts_with(word) || text.contains(word))
    }

    fn text(&self) -> String {
        let first = self.first();
        let mut parts: Vec<String> = self.addresses().iter().map(IpAddr::to_string).collect();
        parts.extend(self.interfaces().into_iter().map(String::from));
        parts.extend(self.name().map(str::to_owned));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::listener::Process;

    const NOW: Moment = Moment::from_millis(1_795_375_697_000);

    fn entries(listeners: &[Listener]) -> Vec<Entry<'_>> {
        super::entries(&Snapshot { listeners, ..Snapshot::default() }, &[], NOW)
    }

    fn socket(port: u16, bind: Bind, program: &str) -> Listener {
        let process = Process {
            pid: 7,
            name: program.into(),
            executable: Some(format!("/usr/sbin/{program}")),
            started_at: Some(Moment::from_millis(i64::from(port))),
        };
        Listener {
            transport: Transport::Tcp,
            bind,
            port,
            interface: None,
            uid: 0,
            user: Some("root".into()),
            processes: vec![process],
            unit: Some(format!("{program}.service")),
            container: None,
        }
    }

    fn address(text: &str) -> Bind {
        Bind::Address(text.parse().expect("an address"))
    }

    #[test]
    fn a_socket_is_bound_as_wide_as_its_address_and_interface() {
        let on = |bind, interface: Option<&str>| {
            let listener = Listener { interface: interface.map(str::to_owned), ..socket(1, bind, "x") };
            Bound::of(&listener)
        };
        assert_eq!(on(Bind::Any4, None), Bound::Every);
        assert_eq!(on(Bind::Any6, None), Bound::Every);
        assert_eq!(on(Bind::AnyDual, None), Bound::Every);
        assert_eq!(on(Bind::Any4, Some("eth0")), Bound::Named);
        assert_eq!(on(address("192.0.2.1"), None), Bound::Named);
        assert_eq!(on(address("fe80::1"), None), Bound::Named);
        assert_eq!(on(address("127.0.0.53"), None), Bound::Host);
        assert_eq!(on(address("::1"), Some("eth0")), Bound::Host);
        assert_eq!(on(Bind::AnyDual, Some("lo")), Bound::Host);
    }

    #[test]
    fn sockets_of_one_program_on_one_port_are_one_entry_as_wide_as_the_widest() {
        let sockets = [
            socket(123, address("127.0.0.1"), "ntpd"),
            socket(123, address("192.0.2.1"), "ntpd"),
            socket(123, Bind::Any6, "ntpd"),
            socket(123, Bind::Any4, "other"),
            socket(124, Bind::Any4, "ntpd"),
        ];
        let entries = entries(&sockets);
        let shape: Vec<_> = entries.iter().map(|entry| (entry.port, entry.listeners.len(), entry.bound)).collect();
        assert_eq!(shape, [(123, 3, Bound::Every), (123, 1, Bound::Every), (124, 1, Bound::Every)]);
        assert_eq!(entries[0].addresses().len(), 2);
    }

    #[test]
    fn a_search_fits_when_each_of_its_words_does() {
        let sockets = [socket(5432, address("192.0.2.9"), "Postgres")];
        let entry = &entries(&sockets)[0];
        let fits = |text: &str| {
            let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
            entry.fits(&words)
        };
        for text in ["", "54", "5432/tcp", "postgres", "POSTGRESQL", "root 192.0.2.9", "postgres.service /usr/sbin"] {
            assert!(fits(text), "{text}");
        }
        for text in ["432", "5432/udp", "postgres mysql", "192.0.2.90"] {
            assert!(!fits(text), "{text}");
        }
    }
}
