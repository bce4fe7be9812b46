//! Whether ports may be closed as somebody wants, and which units that is about.

use std::collections::BTreeMap;

use super::{
    Actions, CloseError, ClosePort, HelperFault, HelperSocket, Right,
    author::Author,
    close::{named, unit_level},
    close_plan::unmaskable,
};
use crate::{
    boundary::Refusal,
    firewall::{
        Listener,
        closing::CloseLevel,
        enforcement::Mode,
        listener::Transport,
        unit::{UnitLevel, UnitName, protected},
    },
    store::{ClosedPort, ClosedUnit},
};

/// The most ports of one act.
const MOST_PORTS: usize = 64;

/// What is to be done, once it is admitted.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) ports: Vec<ClosedPort>,
    pub(super) units: Vec<ClosedUnit>,
}

impl Job {
    pub(super) fn wanted(&self) -> Vec<ClosePort> {
        let wanted = |port: &ClosedPort| ClosePort { port: port.port, transport: port.transport, level: port.level };
        self.ports.iter().map(wanted).collect()
    }

    /// What it does, in one line: `Close 110/tcp, 995/tcp and disable dovecot.service`.
    pub(super) fn sentence(&self) -> String {
        let verb = |level| match level {
            UnitLevel::Stop => "stop",
            UnitLevel::Disable => "disable",
            UnitLevel::Mask => "mask",
        };
        let units: Vec<String> = self.units.iter().map(|unit| format!("{} {}", verb(unit.level), unit.name)).collect();
        let units = if units.is_empty() { String::new() } else { format!(" and {}", units.join(", ")) };
        format!("Close {}{units}", named(&self.wanted()))
    }
}

impl Actions {
    /// Judges what is asked for by the newest list of what listens.
    pub(super) async fn admit(&self, author: &Author, wanted: &[ClosePort]) -> Result<Job, CloseError> {
        author.need(Right::ClosePorts).ok_or(CloseError::Forbidden)?;
        let ports = distinct(wanted)?;
        for port in &ports {
            let reason = self.door_reason(port.port, port.transport);
            if let Some(reason) = reason {
                return Err(CloseError::Protected { what: named(&[*port]), reason });
            }
        }
        // What nobody could be asked about isn't taken for switched off.
        self.act(HelperSocket::read_state).await?;
        self.refresh_listeners().await;
        let mut units: BTreeMap<UnitName, UnitLevel> = BTreeMap::new();
        for port in &ports {
            let unavailable = |reason| CloseError::Unavailable { what: named(&[*port]), reason };
            let Some(level) = unit_level(port.level) else {
                self.block_obstacle().map_or(Ok(()), |reason| Err(unavailable(reason)))?;
                continue;
            };
            for unit in self.units_of(port.port, port.transport).map_err(unavailable)? {
                let wanted = units.entry(unit).or_insert(level);
                *wanted = level.max(*wanted);
            }
        }
        self.admit_units(&units).await?;
        let closed = |port: ClosePort| ClosedPort { port: port.port, transport: port.transport, level: port.level };
        let unit = |(name, level)| ClosedUnit { name, level, record: None, reopened: false };
        Ok(Job { ports: ports.into_iter().map(closed).collect(), units: units.into_iter().map(unit).collect() })
    }

    /// Asks the helper, whose word counts, so that nothing is half done before it refuses.
    async fn admit_units(&self, units: &BTreeMap<UnitName, UnitLevel>) -> Result<(), CloseError> {
        if units.is_empty() {
            return Ok(());
        }
        let names = units.keys().cloned().collect();
        let all = match self.ask_helper(move |helper| helper.read_units(names)).await {
            Err(HelperFault::Refused(Refusal::Unavailable { reason })) => {
                return Err(CloseError::Unavailable { what: "the service".to_owned(), reason });
            }
            answer => answer?,
        };
        for (facts, level) in all.iter().zip(units.values()) {
            let what = facts.name.to_string();
            if let Some(reason) = facts.protected.clone() {
                return Err(CloseError::Protected { what, reason });
            }
            let level = if *level == UnitLevel::Mask { CloseLevel::Mask } else { CloseLevel::Disable };
            if let Some(reason) = unmaskable(facts, level) {
                return Err(CloseError::Unavailable { what, reason });
            }
        }
        Ok(())
    }

    /// Why a port is a way in that is never closed by one click, and which way there is.
    pub(super) fn door_reason(&self, port: u16, transport: Transport) -> Option<String> {
        let doors = self.doors();
        let is = |ports: &[u16]| transport == Transport::Tcp && ports.contains(&port);
        let whose = match () {
            () if is(&doors.panel) => "this panel answers there",
            () if is(&doors.ssh) => "administrators come in there by SSH",
            () => return None,
        };
        Some(format!(
            "{whose}. Change its rule under Rules and look at Review: it tells who would be locked out before anything \
             is applied"
        ))
    }

    /// Why a port can't be shut by the rules now.
    pub(super) fn block_obstacle(&self) -> Option<String> {
        self.is_off().then(|| "the firewall is off: turn it on first".to_owned())
    }

    pub(super) fn is_off(&self) -> bool {
        self.firewall().enforcement.is_none_or(|enforcement| enforcement.mode == Mode::Off)
    }

    /// What listens at a port, by the newest list.
    pub(super) fn listeners_at(&self, port: u16, transport: Transport) -> Vec<Listener> {
        let listing = self.listeners().listing;
        let at = |listener: &&Listener| listener.port == port && listener.transport == transport;
        listing.listeners.iter().filter(at).cloned().collect()
    }

    /// The units that listen at a port; why there are none that could be closed.
    pub(super) fn units_of(&self, port: u16, transport: Transport) -> Result<Vec<UnitName>, String> {
        let listeners = self.listeners_at(port, transport);
        if listeners.is_empty() {
            return Err("nothing listens there, so there is nothing to stop".to_owned());
        }
        let mut units = listeners.iter().map(unit_of).collect::<Result<Vec<_>, _>>()?;
        units.sort_unstable();
        units.dedup();
        Ok(units)
    }
}

/// The unit behind a listener; why it can't be closed.
fn unit_of(listener: &Listener) -> Result<UnitName, String> {
    if let Some(container) = &listener.container {
        return Err(format!("it belongs to a container of {0}: stop the container with {0}", container.runtime));
    }
    let name = listener.unit.as_deref().and_then(|unit| UnitName::parse(unit).ok());
    let name = name.ok_or("what listens there belongs to no service that could be stopped")?;
    match protected(&name) {
        Some(reason) => Err(format!("{name} is protected: {reason}")),
        None => Ok(name),
    }
}

/// Each port once, with the level that goes farthest.
fn distinct(wanted: &[ClosePort]) -> Result<Vec<ClosePort>, CloseError> {
    let mut levels: BTreeMap<(u16, Transport), CloseLevel> = BTreeMap::new();
    for port in wanted {
        let level = levels.entry((port.port, port.transport)).or_insert(port.level);
        *level = port.level.max(*level);
    }
    match levels.len() {
        0 => return Err(CloseError::NoPort("nothing".to_owned())),
        more if more > MOST_PORTS => return Err(CloseError::NoPort(format!("more than {MOST_PORTS} at once"))),
        _ if levels.contains_key(&(0, Transport::Tcp)) || levels.contains_key(&(0, Transport::Udp)) => {
            return Err(CloseError::NoPort("0".to_owned()));
        }
        _ => {}
    }
    Ok(levels.into_iter().map(|((port, transport), level)| ClosePort { port, transport, level }).collect())
}
