//! The acts that closed ports: which there are, and what became of those that were cut off in the middle.

use std::collections::BTreeSet;

use super::{Actions, HelperFault, HelperSocket, close::state_of};
use crate::{
    boundary::Refusal,
    firewall::unit::UnitRecord,
    store::{self, Closure, ClosureState, Ending},
};

/// How many acts are told of.
const TOLD: u32 = 200;

/// The helper may count time in whole seconds.
const CLOCK_SLACK: i64 = 2;

impl Actions {
    /// The latest acts that closed ports, newest first.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn closures(&self) -> Result<Vec<Closure>, store::Error> {
        self.store().list_closures(TOLD).await
    }

    /// Writes down how far the acts got that a dying panel left under way. The helper knows what was done to units, and
    /// the history what was done to rules.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn settle_closures(&self) -> Result<(), store::Error> {
        // One that is being done now will be written down by whoever does it.
        let Ok(_closing) = self.shared.closing.try_lock() else { return Ok(()) };
        let cut_off = self.store().list_closures_under_way().await?;
        if cut_off.is_empty() {
            return Ok(());
        }
        let records = match self.ask_helper(HelperSocket::read_unit_records).await {
            Ok(records) => records,
            Err(HelperFault::Refused(Refusal::Unavailable { .. })) => Vec::new(),
            Err(fault) => {
                tracing::warn!(%fault, "acts that were cut off can't be settled; the next look tries again");
                return Ok(());
            }
        };
        let known = self.closures().await?;
        let mut claimed: BTreeSet<u64> =
            known.iter().flat_map(|act| &act.units).filter_map(|unit| unit.record).collect();
        for closure in cut_off {
            self.settle(closure, &records, &mut claimed).await?;
        }
        Ok(())
    }

    async fn settle(
        &self,
        mut closure: Closure,
        records: &[UnitRecord],
        claimed: &mut BTreeSet<u64>,
    ) -> Result<(), store::Error> {
        if let Some(number) = closure.revision {
            match self.store().find_revision(number).await?.map(|revision| revision.ending) {
                Some(Ending::Applied) => return Ok(()),
                Some(Ending::Confirmed) => {}
                Some(Ending::RolledBack | Ending::Failed) | None => closure.is_reverted = true,
            }
        }
        claim(&mut closure, records, claimed);
        closure.trouble = left(&closure).join("; ");
        closure.state = state_of(&closure);
        if closure.state == ClosureState::Failed && closure.trouble.is_empty() {
            "the panel was stopped before anything was done".clone_into(&mut closure.trouble);
        }
        self.store().upkeep().note_closure(&closure).await
    }
}

/// Finds the helper's records of what was done but not written down.
fn claim(closure: &mut Closure, records: &[UnitRecord], claimed: &mut BTreeSet<u64>) {
    for unit in closure.units.iter_mut().filter(|unit| unit.record.is_none()) {
        let fits = |record: &&UnitRecord| {
            record.name == unit.name
                && record.level == unit.level
                && record.at.plus_seconds(CLOCK_SLACK) >= closure.at
                && !claimed.contains(&record.id)
        };
        unit.record = records.iter().find(fits).map(|record| record.id);
        claimed.extend(unit.record);
    }
}

fn left(closure: &Closure) -> Vec<String> {
    let rules = closure.is_reverted.then(|| "the rules were not changed".to_owned());
    let units = closure.units.iter().filter(|unit| unit.record.is_none());
    let units = units.map(|unit| format!("{} was not closed", unit.name));
    let what: Vec<String> = rules.into_iter().chain(units).collect();
    let reason = (!what.is_empty()).then(|| "the panel was stopped in the middle".to_owned());
    reason.into_iter().chain(what).collect()
}
