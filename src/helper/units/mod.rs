//! The verbs about units of the service manager: closes what owns a listener, and opens exactly that again.
//!
//! The list of what is never closed is the helper's own. How everything was is on disk before anything is done.

use std::{
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

mod acts;
mod facts;
mod manager;
mod owners;
mod records;
mod scope;

use super::{
    keeper::{StateDir, wait_for},
    listing, log,
    programs::Programs,
};
use crate::{
    boundary::Refusal,
    firewall::unit::{TouchedUnits, UnitFacts, UnitLevel, UnitName, UnitRecord, protected},
};
use manager::Manager;
use owners::Owners;
use records::Records;
use scope::Scope;

/// How long after it stopped a unit is looked at once more: something may start it again.
const MOMENT: Duration = Duration::from_secs(1);

/// The units that are there to be closed and opened again.
pub struct Units {
    manager: Manager,
    records: Records,
    /// Held for as long as an act changes anything.
    hands: Mutex<()>,
    panel_port: u16,
}

impl Units {
    /// Nothing is read yet.
    pub fn new(dir: StateDir, programs: Arc<Programs>, panel_port: u16) -> Self {
        Self { manager: Manager::new(programs), records: Records::new(dir), hands: Mutex::default(), panel_port }
    }

    /// What is known of units.
    pub fn read(&self, names: &[UnitName]) -> Result<Vec<UnitFacts>, Refusal> {
        Ok(self.manager.show(names)?.into_iter().map(|unit| unit.facts).collect())
    }

    /// What is closed.
    pub fn records(&self) -> Result<Vec<UnitRecord>, Refusal> {
        self.records.all()
    }

    /// Closes a unit that listens.
    pub fn close(&self, name: &UnitName, level: UnitLevel) -> Result<TouchedUnits, Refusal> {
        let _hands = wait_for(&self.hands)?;
        let (scope, listens) = self.scope(name, level)?;
        let name = &scope.name;
        // What is closed already may be closed further; as far as that it keeps its record.
        let former = self.records.all()?.into_iter().rfind(|record| record.name == *name);
        match former.filter(|_| !listens) {
            Some(record) if record.level >= level => return self.manager.look(&record),
            None if !listens => return Err(Refusal::NotListening { unit: name.clone() }),
            _ => {}
        }
        let record = self.records.add(name, level, scope.states())?;
        log(&format_args!("closes {name} ({level:?}) as record {}", record.id));
        self.manager.shut(&record, &scope.stopped()).map_err(|refusal| self.take_back(&record, refusal))?;
        let is_closed = |facts: &UnitFacts| !facts.is_active() && !facts.is_stopping();
        self.manager.wait(&record, |facts, former| !former.is_stopped() || is_closed(facts))?;
        thread::sleep(MOMENT);
        self.manager.look(&record)
    }

    /// After an act that failed half-way. What can't be taken back keeps its record.
    fn take_back(&self, record: &UnitRecord, refusal: Refusal) -> Refusal {
        let restored = self.manager.restore(record).and_then(|()| self.manager.look(record));
        let is_restored = restored.is_ok_and(|touched| touched.differences().is_empty());
        if is_restored && self.records.remove(record.id).is_ok() {
            return refusal;
        }
        let reason = format!("{refusal}; what was changed by then is written down as record {}", record.id);
        Refusal::Services { reason }
    }

    /// Opens it again.
    pub fn reopen(&self, record: u64) -> Result<TouchedUnits, Refusal> {
        let _hands = wait_for(&self.hands)?;
        let found = self.records.all()?.into_iter().find(|other| other.id == record);
        let record = found.ok_or(Refusal::NoRecord { record })?;
        log(&format_args!("opens {} again, of record {}", record.name, record.id));
        self.manager.restore(&record)?;
        let is_started = |facts: &UnitFacts| ["active", "failed"].contains(&facts.active_state.as_str());
        let touched = self.manager.wait(&record, |facts, former| !former.was_active || is_started(facts))?;
        if touched.differences().is_empty() {
            self.records.remove(touched.record.id)?;
        }
        Ok(touched)
    }

    /// What is touched, if it may be.
    fn scope(&self, name: &UnitName, level: UnitLevel) -> Result<(Scope, bool), Refusal> {
        if let Some(reason) = protected(name) {
            return Err(Refusal::Protected { unit: name.to_string(), reason: reason.to_owned() });
        }
        let scope = Scope::find(name, level, &|names| self.manager.show(names))?;
        let listing = listing::list().map_err(|error| Refusal::Kernel { reason: error.to_string() })?;
        let owners = Owners::of(&listing.listeners, self.panel_port);
        scope.check(|name| owners.guarded(name))?;
        if level == UnitLevel::Mask {
            scope.check_masks()?;
        }
        let listens = scope.closed.iter().any(|unit| owners.contains(&unit.facts.name));
        Ok((scope, listens))
    }
}
