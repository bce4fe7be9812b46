//! `portreeve resume`

use super::console::Console;
use crate::actions::HelperSocket;

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Resume {
    #[command(flatten)]
    console: Console,
}

impl Resume {
    /// Ends panic or rescue.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        self.console.report("", &self.console.ask(HelperSocket::resume)?)
    }
}
