//! `portreeve rules plan FILE`

use clap::Args;
use serde::Serialize;

use super::{Paper, prospect::Prospect};
use crate::{cli::console::Console, firewall::Diff};

/// The command's arguments.
#[derive(Debug, Args)]
pub(in crate::cli) struct Plan {
    #[command(flatten)]
    paper: Paper,
    #[command(flatten)]
    console: Console,
}

#[derive(Serialize)]
struct Planned<'a> {
    changes: Vec<String>,
    diff: &'a Diff,
    loss: Option<&'a str>,
    probes: u32,
    millis: u64,
}

impl Plan {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let prospect = Prospect::of(&self.paper, &self.console)?;
        let ruleset = prospect.new.ruleset().clone();
        let (probes, millis) = self.console.ask(|helper| helper.plan(ruleset, prospect.probes()))?;
        let rehearsed = format!("Rehearsed with {probes} packets in {millis} ms. Nothing was changed.\n");
        let planned = Planned {
            changes: prospect.changes(),
            diff: &prospect.diff,
            loss: prospect.loss.as_deref(),
            probes,
            millis,
        };
        self.console.print(&planned, &(prospect.words() + &rehearsed))
    }
}
