//! `portreeve confirm`, also `portreeve rules confirm`

use super::console::Console;

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Confirm {
    #[command(flatten)]
    console: Console,
}

impl Confirm {
    /// Keeps the revision that waits.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let revision = self.console.pending()?;
        let state = self.console.ask(|helper| helper.confirm(revision))?;
        self.console.report(&format!("Revision {revision} is confirmed."), &state)
    }
}
