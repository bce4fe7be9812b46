//! A first ruleset, proposed from what listens: who shall still get in once the firewall is on.

use std::collections::BTreeMap;

use super::{
    Action, Direction, Listener, Policy, Port, PortRange, Ports, Rule, RuleId, Ruleset, Target, Text, TooMany,
    catalogue::{self, Need},
    listener::Transport,
    ruleset::Parts,
    service,
};

/// A port of a wider range (those that are given to whoever asks for none) says nothing about what listens there.
const WIDEST: usize = 1_000;

/// A port that others can knock at today, and what is proposed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The port.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// The short name of what the port is for, where it is known.
    pub name: Option<&'static str>,
    /// The programs that listen there.
    pub programs: Vec<String>,
    /// Whether everybody shall be let in.
    pub is_open: bool,
    /// Whether administrators come in there: closing it would lock them out.
    pub is_lifeline: bool,
    /// Why it is proposed so.
    pub reason: String,
}

impl Door {
    /// Printed like `22/tcp`, which also names it in a form.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.port, self.transport.as_str())
    }

    fn target(&self) -> Option<Target> {
        let port = Port::new(self.port)?;
        let ports = Ports { transport: self.transport, range: PortRange::between(port, port)? };
        Some(service::named(ports).map_or(Target::Ports(ports), Target::Service))
    }
}

/// The doors of a host: what administrators need first, then what is proposed open, each in order of port. The panel's
/// and SSH's ports are among them even if nothing is seen to listen there.
#[must_use]
pub fn doors(listeners: &[Listener], panel: &[u16], ssh: &[u16]) -> Vec<Door> {
    let mut programs: BTreeMap<(u16, Transport), Vec<String>> = BTreeMap::new();
    for listener in listeners.iter().filter(|listener| !listener.bind.is_loopback()) {
        let names = programs.entry((listener.port, listener.transport)).or_default();
        names.extend(listener.processes.iter().map(|process| process.name.clone()));
    }
    for port in panel.iter().chain(ssh) {
        programs.entry((*port, Transport::Tcp)).or_default();
    }
    let door = |((port, transport), names)| {
        let is = |ports: &[u16]| transport == Transport::Tcp && ports.contains(&port);
        door(port, transport, names, (is(panel), is(ssh)))
    };
    let mut doors: Vec<Door> = programs.into_iter().map(door).collect();
    doors.sort_by_key(|door| (!door.is_lifeline, !door.is_open, door.port, door.transport));
    doors
}

fn door(port: u16, transport: Transport, mut programs: Vec<String>, (is_panel, is_ssh): (bool, bool)) -> Door {
    programs.sort_unstable();
    programs.dedup();
    let known = catalogue::find(port, transport).filter(|service| service.ports.len() <= WIDEST);
    let advice = known.and_then(|service| service.advice).unwrap_or_default();
    let (is_open, reason) = match known.map(|service| service.need) {
        _ if is_panel => (true, "You are looking at Portreeve through it.".to_owned()),
        _ if is_ssh => (true, "The way to this host's command line.".to_owned()),
        Some(Need::Needed) => (true, "A web server needs it.".to_owned()),
        Some(Need::Depends) => (true, "Some servers need it. Untick it if nobody outside uses it.".to_owned()),
        Some(Need::NotNeeded) => (false, format!("Not needed on a web server. {advice}").trim().to_owned()),
        None => (false, "Portreeve doesn't know this port. Tick it if others must reach it.".to_owned()),
    };
    let name = match known {
        _ if is_panel => Some("Portreeve"),
        _ if is_ssh => Some("SSH"),
        known => known.map(|service| service.name),
    };
    Door { port, transport, name, programs, is_open, is_lifeline: is_panel || is_ssh, reason }
}

/// A ruleset that lets everybody in at the doors, keeps all protections and drops the rest.
///
/// # Errors
/// When there are more doors than a ruleset has rules.
pub fn ruleset(open: impl IntoIterator<Item = (Door, RuleId)>) -> Result<Ruleset, TooMany> {
    let rules = open.into_iter().filter_map(|(door, id)| rule(&door, id)).collect();
    Ruleset::try_from(Parts { policy: Policy::default(), rules, ..Parts::default() })
}

fn rule(door: &Door, id: RuleId) -> Option<Rule> {
    let note = door.name.map(|name| format!("{name}, open since the firewall was turned on"));
    Some(Rule {
        id,
        enabled: true,
        action: Action::Allow,
        direction: Direction::In,
        who: Vec::new(),
        to: vec![door.target()?],
        interfaces: Vec::new(),
        at: Vec::new(),
        new_connections: None,
        connections: None,
        log: false,
        starts_at: None,
        expires_at: None,
        owner: Text::empty(),
        note: note.and_then(|note| Text::parse(&note).ok()).unwrap_or_else(Text::empty),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{
        Moment, Surroundings, check,
        listener::{Bind, Process},
    };

    fn listener(port: u16, name: &str, bind: Bind) -> Listener {
        let process = Process { pid: 1, name: name.to_owned(), executable: None, started_at: None };
        Listener {
            transport: Transport::Tcp,
            bind,
            port,
            interface: None,
            uid: 0,
            user: None,
            processes: vec![process],
            unit: None,
            container: None,
        }
    }

    fn host() -> Vec<Door> {
        let loopback = Bind::Address("127.0.0.1".parse().unwrap());
        let listeners = [
            listener(23, "inetd", Bind::Any4),
            listener(80, "nginx", Bind::AnyDual),
            listener(3306, "mariadbd", loopback),
            listener(2222, "sshd", Bind::AnyDual),
            listener(40123, "odd", Bind::Any4),
            listener(80, "nginx", Bind::Any6),
        ];
        doors(&listeners, &[8470], &[2222])
    }

    #[test]
    fn what_administrators_and_visitors_need_stays_open_and_the_rest_is_shut() {
        let found: Vec<(String, bool, bool)> =
            host().iter().map(|door| (door.key(), door.is_open, door.is_lifeline)).collect();
        let expected = [
            ("2222/tcp", true, true),
            ("8470/tcp", true, true),
            ("80/tcp", true, false),
            ("23/tcp", false, false),
            ("40123/tcp", false, false),
        ];
        assert_eq!(found, expected.map(|(key, open, lifeline)| (key.to_owned(), open, lifeline)));
        assert_eq!(host()[2].programs, ["nginx"]);
    }

    #[test]
    fn the_ruleset_is_sound() {
        let ids = (7..).filter_map(RuleId::new);
        let proposed = ruleset(host().into_iter().filter(|door| door.is_open).zip(ids)).unwrap();
        let rules: Vec<String> =
            proposed.parts().rules.iter().map(|rule| format!("{} {}", rule.id, rule.to[0])).collect();
        assert_eq!(rules, ["r7 2222/tcp", "r8 portreeve", "r9 http"]);
        let surroundings = Surroundings { now: Moment::from_millis(0), interfaces: None, networks: Vec::new() };
        assert_eq!(check(proposed, &surroundings).unwrap().warnings(), []);
    }
}
