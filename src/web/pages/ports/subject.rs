//! What a form about one port is about: what the port is for and who holds it.

use crate::{
    firewall::{
        Listener,
        advice::{Host, advise},
    },
    web::kit::Shown,
};

use super::PortKey;

const NAME_LENGTH: usize = 48;
/// Of programs.
const MOST: usize = 4;

/// Said of a port before anything is done to it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What the port is for; absent when the catalogue doesn't know it.
    pub name: Option<&'static str>,
    /// What the port is for, why it is judged so, what is safer.
    pub sentences: Vec<&'static str>,
    /// The programs that hold it, none twice.
    pub programs: Vec<Shown>,
    /// Whether anything listens there.
    pub is_held: bool,
}

/// The sockets of a port.
pub(super) fn sockets(listeners: &[Listener], key: PortKey) -> Vec<&Listener> {
    let fits = |listener: &&Listener| listener.port == key.port && listener.transport == key.transport;
    listeners.iter().filter(fits).collect()
}

impl Subject {
    /// Looks at the sockets of `key` among all that listen.
    #[must_use]
    pub fn of(sockets: &[&Listener], all: &[Listener], key: PortKey) -> Self {
        let advice = advise(sockets, Host::of(all));
        let service = advice.service.or_else(|| crate::firewall::catalogue::find(key.port, key.transport));
        let purpose = service.map_or("Its number tells nothing.", |service| service.purpose);
        Self {
            name: service.map(|service| service.name),
            sentences: [Some(purpose), advice.reason, advice.safer].into_iter().flatten().collect(),
            programs: programs(sockets),
            is_held: !sockets.is_empty(),
        }
    }
}

fn programs(sockets: &[&Listener]) -> Vec<Shown> {
    let name = |listener: &&Listener| {
        let process = listener.processes.first().map(|process| process.name.as_str());
        let name = process.or(listener.unit.as_deref()).unwrap_or("the kernel");
        match listener.unit.as_deref().filter(|unit| *unit != name) {
            Some(unit) => format!("{name} ({unit})"),
            None => name.to_owned(),
        }
    };
    let mut names: Vec<String> = sockets.iter().map(name).collect();
    names.sort_unstable();
    names.dedup();
    names.iter().take(MOST).map(|name| Shown::new(name, NAME_LENGTH)).collect()
}
