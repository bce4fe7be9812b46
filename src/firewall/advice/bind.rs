//! How to make a server listen for its own host only, in the words of its own configuration. Nothing is edited: the
//! administrator copies a line.

use super::{
    host::is_run_by,
    known::{KNOWN, Known},
};
use crate::firewall::Listener;

/// Where a line has to go, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The server's name.
    pub program: &'static str,
    /// The file or command it stands in.
    pub place: &'static str,
    /// The line or lines, complete with the port.
    pub lines: String,
    /// The command after which it holds.
    pub then: &'static str,
}

/// The line for the program that holds these sockets, if it is known.
#[must_use]
pub fn binding(listeners: &[&Listener]) -> Option<Binding> {
    let first = listeners.first()?;
    if listeners.iter().all(|listener| listener.bind.is_loopback()) {
        return None;
    }
    let known = KNOWN.iter().find(|known| fits(known, first))?;
    let lines = known.lines.replace("PORT", &first.port.to_string());
    Some(Binding { program: known.program, place: known.place, lines, then: known.then })
}

fn fits(known: &Known, listener: &Listener) -> bool {
    let is_its_port = known.ports.is_empty() || known.ports.contains(&listener.port);
    is_its_port && is_run_by(listener, known.files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{
        advice::tests::{loopback, socket},
        listener::{Bind, Transport},
    };

    fn lines(port: u16, program: &str) -> Option<String> {
        binding(&[&socket(port, Transport::Tcp, Bind::AnyDual, program)]).map(|binding| binding.lines)
    }

    #[test]
    fn a_known_server_gets_its_own_line() {
        assert_eq!(lines(3306, "mariadbd").as_deref(), Some("bind-address = 127.0.0.1"));
        assert_eq!(lines(33060, "mysqld").as_deref(), Some("mysqlx-bind-address = 127.0.0.1"));
        assert_eq!(lines(25, "master").as_deref(), Some("inet_interfaces = loopback-only"));
        assert_eq!(lines(8080, "docker-proxy").as_deref(), Some("docker run -p 127.0.0.1:8080:… …"));
        assert_eq!(lines(9200, "java").as_deref(), Some("network.host: 127.0.0.1"));
    }

    #[test]
    fn nothing_is_said_of_the_unknown_and_of_what_is_bound_well() {
        assert_eq!(lines(9999, "java"), None);
        assert_eq!(lines(3306, "mysterious"), None);
        assert_eq!(binding(&[&socket(3306, Transport::Tcp, loopback(), "mariadbd")]), None);
        assert_eq!(binding(&[]), None);
    }

    #[test]
    fn every_entry_is_complete_and_reachable() {
        for (index, known) in KNOWN.iter().enumerate() {
            assert!(!known.files.is_empty() && !known.lines.is_empty() && !known.then.is_empty(), "{}", known.program);
            let port = known.ports.first().copied().unwrap_or(7);
            let socket = socket(port, Transport::Tcp, Bind::Any4, known.files[0]);
            let found = KNOWN.iter().position(|other| fits(other, &socket));
            assert_eq!(found, Some(index), "{} {port} is hidden by an entry before", known.program);
        }
    }
}
