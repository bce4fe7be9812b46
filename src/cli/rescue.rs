//! `portreeve rescue`

use super::console::Console;
use crate::actions::HelperSocket;

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Rescue {
    #[command(flatten)]
    console: Console,
}

impl Rescue {
    /// Puts the built-in safe ruleset into the kernel.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        self.console.report("", &self.console.ask(HelperSocket::rescue)?)
    }
}
