//! `portreeve rules check | compile | diff`: what rulesets in files are worth, without any helper.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;

use super::{Paper, now, read, read_checked, surroundings};
use crate::firewall::{
    AddressRange, CheckedRuleset, Diff as Difference, Problem, Severity, compile, diff, diff::Change, nft::Present,
    simulate::Situation,
};

/// Where the ruleset is.
#[derive(Debug, Args)]
pub(in crate::cli) struct Source {
    #[command(flatten)]
    paper: Paper,
    /// Answers in JSON.
    #[arg(long)]
    json: bool,
}

/// What to compile.
#[derive(Debug, Args)]
pub(in crate::cli) struct Compile {
    #[command(flatten)]
    paper: Paper,
    /// The revision that the receipts name.
    #[arg(long, default_value_t = 0)]
    revision: u64,
}

/// What to compare.
#[derive(Debug, Args)]
pub(in crate::cli) struct Diff {
    /// The ruleset so far.
    old: PathBuf,
    /// The ruleset to come.
    new: PathBuf,
    /// A network this host has an address in; what `own-networks` means. Can be given more than once.
    #[arg(long = "network", value_name = "PREFIX")]
    networks: Vec<AddressRange>,
    /// Answers in JSON.
    #[arg(long)]
    json: bool,
}

impl Source {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        let checked = read(&self.paper.file, &surroundings(None, &self.paper.networks))?;
        let problems = checked.as_ref().map_or_else(Vec::as_slice, CheckedRuleset::warnings);
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(problems)?)?;
        } else {
            print_problems(problems, &mut out)?;
        }
        checked.map(drop).map_err(|problems| refusal(&problems))
    }
}

impl Compile {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let checked = read_checked(&self.paper.file, &self.paper.networks)?;
        let batch = compile(&checked, self.revision).batch_with_members(&Present::default(), now());
        Ok(writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&batch)?)?)
    }
}

impl Diff {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (old, new) = (read_checked(&self.old, &self.networks)?, read_checked(&self.new, &self.networks)?);
        let found = diff(&old, &new, &Situation { now: now(), bans: Vec::new(), routes: Vec::new() });
        let text = if self.json { serde_json::to_string_pretty(&found)? } else { sentences(&found).join("\n") };
        Ok(writeln!(io::stdout(), "{text}")?)
    }
}

/// Who gains and who loses what, a line each; never none.
pub(super) fn sentences(found: &Difference) -> Vec<String> {
    let change = |change: &Change| format!("{change} (for example {})", change.witness);
    let mut lines: Vec<String> = found.changes.iter().map(change).collect();
    lines.extend(found.protections.iter().cloned());
    match (lines.len(), found.unexamined) {
        (0, 0) => lines.push("Nobody gains or loses anything.".to_owned()),
        (_, 0) => {}
        (_, more) => lines.push(format!("and {more} more combinations that weren't looked at")),
    }
    lines
}

fn print_problems(problems: &[Problem], out: &mut impl Write) -> std::io::Result<()> {
    for problem in problems {
        let word = if problem.severity == Severity::Error { "error" } else { "warning" };
        writeln!(out, "{word}: {problem}")?;
    }
    match problems.len() {
        0 => writeln!(out, "No problem found."),
        _ => Ok(()),
    }
}

fn refusal(problems: &[Problem]) -> anyhow::Error {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    anyhow::anyhow!("the ruleset can't be applied: {errors} error(s)")
}
