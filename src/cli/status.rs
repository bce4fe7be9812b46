//! `portreeve status`

use super::console::Console;
use crate::actions::HelperSocket;

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Status {
    #[command(flatten)]
    console: Console,
}

impl Status {
    /// Says what is in force.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        self.console.report("", &self.console.ask(HelperSocket::read_state)?)
    }
}
