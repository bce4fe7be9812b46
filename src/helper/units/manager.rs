//! The service manager, by its own program.

use std::{path::Path, sync::Arc};

use super::facts::{self, Shown};
use crate::{
    boundary::Refusal,
    firewall::{Moment, unit::UnitName},
    helper::{
        clock,
        programs::{Change, Job, Programs},
    },
};

/// It is there exactly when systemd is process 1.
const SYSTEMD: &str = "/run/systemd/system";

/// The way to systemd.
pub struct Manager(Arc<Programs>);

impl Manager {
    /// By this starter of programs.
    pub const fn new(programs: Arc<Programs>) -> Self {
        Self(programs)
    }

    /// What it says of units, in the order of the names.
    pub fn show(&self, names: &[UnitName]) -> Result<Vec<Shown>, Refusal> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let started_at = Moment::from_millis(clock::now().as_millis().saturating_sub(clock::awake()));
        Ok(facts::read(&self.run(&Job::Show(names.to_vec()))?, started_at))
    }

    /// Changes units.
    pub fn change(&self, change: Change, names: Vec<UnitName>) -> Result<(), Refusal> {
        if names.is_empty() { Ok(()) } else { self.run(&Job::Change(change, names)).map(drop) }
    }

    fn run(&self, job: &Job) -> Result<String, Refusal> {
        if !Path::new(SYSTEMD).exists() {
            return Err(Refusal::Unavailable { reason: "systemd doesn't run on this host".into() });
        }
        self.0.run(job).map_err(|fault| Refusal::Services { reason: fault.to_string() })
    }
}
