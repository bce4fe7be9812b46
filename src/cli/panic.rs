//! `portreeve panic`

use super::console::Console;
use crate::actions::HelperSocket;

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Panic {
    #[command(flatten)]
    console: Console,
}

impl Panic {
    /// Lets nothing new in.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        self.console.report("", &self.console.ask(HelperSocket::panic)?)
    }
}
