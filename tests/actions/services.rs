//! The units that the helper without a kernel knows, and what it did to them.

use std::collections::BTreeMap;

use portreeve::{
    boundary::{Refusal, Response},
    firewall::{
        Listener, Moment,
        listener::{Bind, Transport},
        unit::{FormerState, TouchedUnits, UnitFacts, UnitLevel, UnitName, UnitRecord, protected},
    },
};

/// What runs, and how it is started.
#[derive(Default)]
pub struct Services {
    pub units: BTreeMap<UnitName, UnitFacts>,
    pub listeners: Vec<Listener>,
    pub records: Vec<UnitRecord>,
    /// Units that the service manager refuses to touch.
    pub stubborn: Vec<UnitName>,
    /// Whether there is no service manager.
    pub is_missing: bool,
    pub now: Option<Moment>,
    newest: u64,
}

pub fn unit(text: &str) -> UnitName {
    UnitName::parse(text).expect("a name")
}

impl Services {
    /// Lets a unit listen at TCP ports.
    pub fn run(&mut self, name: &str, ports: &[u16]) {
        self.units.insert(unit(name), facts(name));
        self.listeners.extend(ports.iter().map(|port| listener(name, *port)));
    }

    /// Whether it runs and starts with the host.
    pub fn standing(&self, name: &str) -> (bool, &str) {
        let facts = &self.units[&unit(name)];
        (facts.is_active(), &facts.unit_file_state)
    }

    pub fn listening(&self) -> Vec<Listener> {
        let runs = |listener: &&Listener| self.standing(listener.unit.as_deref().expect("a unit")).0;
        self.listeners.iter().filter(runs).cloned().collect()
    }

    pub fn read(&self, names: &[UnitName]) -> Response {
        if self.is_missing {
            return refused(Refusal::Unavailable { reason: "there is no systemd".to_owned() });
        }
        Response::Units(names.iter().map(|name| self.units[name].clone()).collect())
    }

    pub fn close(&mut self, name: UnitName, level: UnitLevel) -> Response {
        if self.stubborn.contains(&name) {
            return refused(Refusal::Services { reason: "it is stubborn".to_owned() });
        }
        self.newest += 1;
        let facts = self.units.get_mut(&name).expect("a unit");
        let former = FormerState {
            name: name.clone(),
            is_closed: true,
            was_active: facts.is_active(),
            unit_file_state: facts.unit_file_state.clone(),
            wanted_by: Vec::new(),
        };
        "inactive".clone_into(&mut facts.active_state);
        match level {
            UnitLevel::Stop => {}
            UnitLevel::Disable => "disabled".clone_into(&mut facts.unit_file_state),
            UnitLevel::Mask => "masked".clone_into(&mut facts.unit_file_state),
        }
        let now = vec![facts.clone()];
        let record = UnitRecord {
            id: self.newest,
            at: self.now.unwrap_or(Moment::from_millis(0)),
            name,
            level,
            units: vec![former],
        };
        self.records.push(record.clone());
        Response::Closed(TouchedUnits { record, now })
    }

    pub fn reopen(&mut self, id: u64) -> Response {
        let Some(at) = self.records.iter().position(|record| record.id == id) else {
            return refused(Refusal::NoRecord { record: id });
        };
        let record = self.records[at].clone();
        if self.stubborn.contains(&record.name) {
            return refused(Refusal::Services { reason: "it is stubborn".to_owned() });
        }
        self.records.remove(at);
        let facts = self.units.get_mut(&record.name).expect("a unit");
        let state = if record.units[0].was_active { "active" } else { "inactive" };
        state.clone_into(&mut facts.active_state);
        facts.unit_file_state.clone_from(&record.units[0].unit_file_state);
        let now = vec![facts.clone()];
        Response::Reopened(TouchedUnits { record, now })
    }
}

fn refused(refusal: Refusal) -> Response {
    Response::Refused { refusal }
}

fn facts(name: &str) -> UnitFacts {
    UnitFacts {
        name: unit(name),
        aliases: Vec::new(),
        description: String::new(),
        load_state: "loaded".to_owned(),
        active_state: "active".to_owned(),
        sub_state: "running".to_owned(),
        unit_file_state: "enabled".to_owned(),
        restarts: 0,
        since: None,
        triggered_by: Vec::new(),
        triggers: Vec::new(),
        required_by: Vec::new(),
        wanted_by: Vec::new(),
        stops_with: Vec::new(),
        can_be_masked: true,
        protected: protected(&unit(name)).map(str::to_owned),
    }
}

fn listener(name: &str, port: u16) -> Listener {
    Listener {
        transport: Transport::Tcp,
        bind: Bind::AnyDual,
        port,
        interface: None,
        uid: 0,
        user: None,
        processes: Vec::new(),
        unit: Some(name.to_owned()),
        container: None,
    }
}
