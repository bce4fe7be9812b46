//! Which units listen, by the helper's own listing, and which of them keep a way in open.

use std::collections::BTreeMap;

use crate::{
    firewall::{Listener, listener::Transport, unit::UnitName},
    helper::listing,
};

/// Where an SSH server of any name listens.
const SSH_PORT: u16 = 22;

/// The units that own listeners, with the reason why one is guarded, whatever its name.
pub struct Owners(BTreeMap<UnitName, Option<&'static str>>);

impl Owners {
    /// Of these listeners.
    pub fn of(listeners: &[Listener], panel_port: u16) -> Self {
        let mut owners = BTreeMap::new();
        for listener in listeners {
            let Some(name) = listener.unit.as_deref().and_then(|unit| UnitName::parse(unit).ok()) else { continue };
            let guarded = owners.entry(name).or_insert(None);
            *guarded = guarded.or_else(|| guard(listener, panel_port));
        }
        Self(owners)
    }

    /// Whether it owns a listener.
    pub fn contains(&self, name: &UnitName) -> bool {
        self.0.contains_key(name)
    }

    /// Why it must go on.
    pub fn guarded(&self, name: &UnitName) -> Option<&'static str> {
        self.0.get(name).copied().flatten()
    }
}

fn guard(listener: &Listener, panel_port: u16) -> Option<&'static str> {
    let is_at = |port| listener.transport == Transport::Tcp && listener.port == port;
    if listing::is_ssh(listener) || is_at(SSH_PORT) {
        return Some("an SSH server runs in it, by which administrators come in");
    }
    is_at(panel_port).then_some("this panel is reached by it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::listener::{Bind, Process};

    fn listener(port: u16, unit: &str, program: &str, uid: u32) -> Listener {
        let process = Process { pid: 7, name: program.into(), executable: None, started_at: None };
        Listener {
            transport: Transport::Tcp,
            bind: Bind::AnyDual,
            port,
            interface: None,
            uid,
            user: None,
            processes: vec![process],
            unit: Some(unit.into()),
            container: None,
        }
    }

    #[test]
    fn a_way_in_is_guarded_under_any_name() {
        let listeners = [
            listener(80, "web.service", "nginx", 0),
            listener(2222, "web.service", "sshd", 0),
            listener(2223, "fake.service", "sshd", 1000),
            listener(8470, "proxy.service", "haproxy", 33),
            listener(81, "no unit", "x", 0),
        ];
        let owners = Owners::of(&listeners, 8470);
        let name = |text| UnitName::parse(text).unwrap();
        assert!(owners.guarded(&name("web.service")).is_some());
        assert!(owners.guarded(&name("proxy.service")).is_some());
        assert!(owners.contains(&name("fake.service")) && owners.guarded(&name("fake.service")).is_none());
        assert!(!owners.contains(&name("cron.service")));
    }
}
