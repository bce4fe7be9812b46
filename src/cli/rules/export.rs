//! `portreeve rules export [FILE]`

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

use anyhow::Context;
use clap::Args;

use crate::{actions::HelperSocket, cli::console::Console, firewall::text};

/// The command's arguments.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// The file to make; without one the ruleset is printed.
    file: Option<PathBuf>,
    #[command(flatten)]
    console: Console,
}

impl Export {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let ruleset = self.console.ask(HelperSocket::read_confirmed)?;
        let ruleset = ruleset.context("no ruleset is confirmed, so there is none to export: portreeve status")?;
        let json = || Ok::<_, anyhow::Error>(serde_json::to_string_pretty(&ruleset)? + "\n");
        let form = if self.console.json { json()? } else { text::print(&ruleset) };
        let Some(file) = &self.file else { return Ok(io::stdout().lock().write_all(form.as_bytes())?) };
        let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        let written = new.and_then(|mut new| new.write_all(form.as_bytes()));
        written.with_context(|| format!("{} can't be made", file.display()))?;
        Ok(writeln!(io::stdout(), "The confirmed ruleset is written to {}.", file.display())?)
    }
}
