//! `portreeve rules apply FILE`: straight to the helper. The panel finds the revision there and adds it to the history.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{bail, ensure};
use clap::Args;
use serde::Serialize;

use super::{Paper, prospect::Prospect};
use crate::{
    actions::HelperFault,
    boundary::{Refusal, limits},
    cli::console::Console,
    firewall::{Diff, enforcement::Enforcement},
};

/// The command's arguments.
#[derive(Debug, Args)]
pub(in crate::cli) struct Apply {
    #[command(flatten)]
    paper: Paper,
    /// How long it may wait for `portreeve confirm` before it is rolled back.
    #[arg(long = "confirm-within", value_name = "SECONDS", default_value_t = limits::WINDOW.1)]
    window: u32,
    /// Apply without asking.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    console: Console,
}

#[derive(Serialize)]
struct Applied<'a> {
    changes: Vec<String>,
    diff: &'a Diff,
    state: &'a Enforcement,
}

impl Apply {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (shortest, _, longest) = limits::WINDOW;
        ensure!((shortest..=longest).contains(&self.window), "--confirm-within takes {shortest} to {longest} seconds");
        let prospect = Prospect::of(&self.paper, &self.console)?;
        if !self.console.json {
            io::stdout().lock().write_all(prospect.words().as_bytes())?;
        }
        if !self.yes {
            ask(self.window)?;
        }
        let state = self.order(&prospect)?;
        if self.console.json {
            let applied = Applied { changes: prospect.changes(), diff: &prospect.diff, state: &state };
            return self.console.print(&applied, "");
        }
        self.console.report("", &state)?;
        Ok(writeln!(io::stdout(), "Before you confirm: open a second connection from where you work.")?)
    }

    fn order(&self, prospect: &Prospect) -> anyhow::Result<Enforcement> {
        let (next, expected) = (next_revision(&prospect.state), prospect.state.confirmed);
        let probes = prospect.probes();
        let ruleset = || prospect.new.ruleset().clone();
        self.console.ask(|helper| {
            let apply = |revision| helper.apply(ruleset(), revision, expected, self.window, probes.clone());
            match apply(next) {
                // The helper has seen newer ones than it tells of, before it was turned off.
                Err(HelperFault::Refused(Refusal::Stale { found: Some(newest) })) if newest >= next => {
                    apply(newest.saturating_add(1))
                }
                outcome => outcome,
            }
        })
    }
}

/// The newest that the helper tells of, and one more.
fn next_revision(state: &Enforcement) -> u64 {
    let pending = state.pending.map(|pending| pending.revision);
    let rolled_back = state.rolled_back.map(|rolled_back| rolled_back.revision);
    [state.confirmed, pending, rolled_back].into_iter().flatten().max().unwrap_or(0).saturating_add(1)
}

fn ask(window: u32) -> anyhow::Result<()> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        bail!("nothing was changed: nobody can be asked here, so say --yes to apply it");
    }
    write!(io::stderr(), "Apply this for {window} seconds? [y/N] ")?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    ensure!(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()), "nothing was changed");
    Ok(())
}
