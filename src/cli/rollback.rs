//! `portreeve rollback`, also `portreeve rules rollback`

use super::console::Console;

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct RollBack {
    #[command(flatten)]
    console: Console,
}

impl RollBack {
    /// Ends the revision that waits.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let revision = self.console.pending()?;
        let state = self.console.ask(|helper| helper.roll_back(revision))?;
        self.console.report(&format!("Revision {revision} is rolled back."), &state)
    }
}
