//! The verbs about units of the service manager: closes what owns a listener, and opens exactly that again.

use crate::{
    boundary::Refusal,
    firewall::unit::{TouchedUnits, UnitFacts, UnitLevel, UnitName, UnitRecord},
};

/// What is there to close and to open again.

pub struct Units;

impl Units {
    /// What is known of units.
    #[expect(clippy::unused_self, reason = "as the others")]
    pub fn read(&self, _: &[UnitName]) -> Result<Vec<UnitFacts>, Refusal> {
        Err(unavailable())
    }

    /// Closes a unit.
    #[expect(clippy::unused_self, reason = "as the others")]
    pub fn close(&self, _: &UnitName, _: UnitLevel) -> Result<TouchedUnits, Refusal> {
        Err(unavailable())
    }

    /// Opens it again.
    #[expect(clippy::unused_self, reason = "as the others")]
    pub fn reopen(&self, record: u64) -> Result<TouchedUnits, Refusal> {
        Err(Refusal::NoRecord { record })
    }

    /// What is closed.
    #[expect(clippy::unused_self, reason = "as the others")]
    pub fn records(&self) -> Result<Vec<UnitRecord>, Refusal> {
        Err(unavailable())
    }
}

fn unavailable() -> Refusal {
    Refusal::Unavailable { reason: "systemd doesn't run on this host".into() }
}
