//! What the commands share that ask the helper: the way to it, and how its answers are printed. They need neither the web
//! server nor the database.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Context, anyhow};
use serde::Serialize;

use super::standing;
use crate::{
    actions::{HelperFault, HelperSocket},
    firewall::enforcement::Enforcement,
};

/// Whom to ask, and how to answer.
#[derive(Debug, clap::Args)]
pub(super) struct Console {
    /// Print JSON instead of words.
    #[arg(long)]
    pub(super) json: bool,
    /// Where the helper listens.
    #[arg(long, value_name = "PATH", default_value = "/run/portreeve/helper.sock")]
    socket: PathBuf,
}

impl Console {
    /// Asks the helper; its fault comes with what to do about it.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&HelperSocket) -> Result<T, HelperFault>) -> anyhow::Result<T> {
        question(&self.helper()).map_err(|fault| anyhow!(explain(&fault)))
    }

    /// The way to the helper.
    pub(super) fn helper(&self) -> HelperSocket {
        HelperSocket::new(&self.socket)
    }

    /// The number of the revision that waits for its confirmation.
    pub(super) fn pending(&self) -> anyhow::Result<u64> {
        let state = self.ask(HelperSocket::read_state)?;
        let pending = state.pending.map(|pending| pending.revision);
        pending.context("no revision waits for a confirmation; what is in force: portreeve status")
    }

    /// Says what was done, and what is in force now.
    pub(super) fn report(&self, done: &str, state: &Enforcement) -> anyhow::Result<()> {
        let lead = if done.is_empty() { String::new() } else { format!("{done}\n") };
        self.print(state, &format!("{lead}{}", standing::words(state)))
    }

    /// Prints an answer as JSON or in words.
    pub(super) fn print(&self, answer: &impl Serialize, words: &str) -> anyhow::Result<()> {
        let text = if self.json { serde_json::to_string_pretty(answer)? + "\n" } else { words.to_owned() };
        Ok(io::stdout().lock().write_all(text.as_bytes())?)
    }
}

/// What a fault means, and what to do about it.
pub(super) fn explain(fault: &HelperFault) -> String {
    match fault {
        HelperFault::Unreachable { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            format!("{fault}: only root and the panel's user may ask it. Run this as root.")
        }
        HelperFault::Unreachable { .. } => format!(
            "{fault}: it is not running, or it listens elsewhere. Start it (systemctl start portreeve-helper), or name \
             its socket with --socket."
        ),
        HelperFault::Broken(source) => format!("{fault}: {source}. Try again; if it stays, restart the helper."),
        HelperFault::WrongAnswer | HelperFault::Refused(_) => fault.to_string(),
    }
}
