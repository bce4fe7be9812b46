//! What is done to units: shut, and put back as they were.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::manager::Manager;
use crate::{
    boundary::Refusal,
    firewall::unit::{FormerState, TouchedUnits, UnitFacts, UnitLevel, UnitName, UnitRecord},
    helper::programs::Change,
};

/// How long units may take to stop or start until the answer says that they are still at it.
const TIME: Duration = Duration::from_secs(10);

/// How often they are looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(200);

impl Manager {
    /// Sees to it that nothing starts what is closed, as far as the record's level says, and has units stopped.
    pub fn shut(&self, record: &UnitRecord, stopped: &[UnitName]) -> Result<(), Refusal> {
        match record.level {
            UnitLevel::Stop => {}
            UnitLevel::Disable => self.disable(record)?,
            UnitLevel::Mask => self.change(Change::Mask, pick(&self.look(record)?, |facts| !facts.is_masked()))?,
        }
        self.change(Change::Stop, stopped.to_vec())
    }

    /// What another unit would start all the same is masked. Where even that can't be done, because an administrator wrote the
    /// unit, the answer tells.
    fn disable(&self, record: &UnitRecord) -> Result<(), Refusal> {
        let before = self.look(record)?;
        self.change(Change::Disable, pick(&before, |facts| facts.unit_file_state == "enabled"))?;
        self.change(Change::DisableUntilBoot, pick(&before, |facts| facts.unit_file_state == "enabled-runtime"))?;
        let after = self.look(record)?;
        for name in pick(&after, |facts| !after.starters(facts).is_empty()) {
            let _ = self.change(Change::Mask, vec![name]);
        }
        Ok(())
    }

    /// Makes every unit of the record what it was. What can't be done keeps nothing else from being done.
    pub fn restore(&self, record: &UnitRecord) -> Result<(), Refusal> {
        let was = |former: &FormerState, state: &str| former.unit_file_state == state;
        let unmasked = self.step(record, Change::Unmask, |former, facts| facts.is_masked() && !was(former, "masked"));
        let enabled = self.step(record, Change::Enable, |former, facts| was(former, "enabled") && !facts.is_enabled());
        let until_boot = self.step(record, Change::EnableUntilBoot, |former, facts| {
            was(former, "enabled-runtime") && !facts.is_enabled()
        });
        // The file of one unit may have enabled another along.
        let disabled =
            self.step(record, Change::Disable, |former, facts| was(former, "disabled") && facts.is_enabled());
        let linked = self.link(record);
        let started = self.step(record, Change::Start, |former, facts| former.was_active && !facts.is_active());
        unmasked.and(enabled).and(until_boot).and(disabled).and(linked).and(started)
    }

    fn step(
        &self,
        record: &UnitRecord,
        change: Change,
        is_meant: impl Fn(&FormerState, &UnitFacts) -> bool,
    ) -> Result<(), Refusal> {
        let now = self.look(record)?;
        let meant = now.pairs().filter(|(former, facts)| is_meant(former, facts));
        self.change(change, meant.map(|(former, _)| former.name.clone()).collect())
    }

    /// Enabling makes the links that a unit's own file asks for; an administrator may have made others.
    fn link(&self, record: &UnitRecord) -> Result<(), Refusal> {
        for (former, facts) in self.look(record)?.pairs().filter(|_| record.level == UnitLevel::Disable) {
            let missing = former.wanted_by.iter().filter(|by| by.kind() == "target" && !facts.wanted_by.contains(by));
            for by in missing {
                self.change(Change::AddWants, vec![by.clone(), former.name.clone()])?;
            }
        }
        Ok(())
    }

    /// Looks until all units are as they should be, or for as long as an answer can wait.
    pub fn wait(
        &self,
        record: &UnitRecord,
        is_done: impl Fn(&UnitFacts, &FormerState) -> bool,
    ) -> Result<TouchedUnits, Refusal> {
        let end = Instant::now() + TIME;
        loop {
            let touched = self.look(record)?;
            if touched.pairs().all(|(former, facts)| is_done(facts, former)) || Instant::now() >= end {
                return Ok(touched);
            }
            thread::sleep(GLANCE);
        }
    }

    /// Every unit of the record as it is now.
    pub fn look(&self, record: &UnitRecord) -> Result<TouchedUnits, Refusal> {
        let names: Vec<UnitName> = record.units.iter().map(|former| former.name.clone()).collect();
        let now = self.show(&names)?.into_iter().map(|unit| unit.facts).collect();
        Ok(TouchedUnits { record: record.clone(), now })
    }
}

/// Of the units that are closed themselves.
fn pick(touched: &TouchedUnits, is_meant: impl Fn(&UnitFacts) -> bool) -> Vec<UnitName> {
    let meant = touched.pairs().filter(|(former, facts)| former.is_closed && is_meant(facts));
    meant.map(|(former, _)| former.name.clone()).collect()
}
