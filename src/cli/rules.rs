//! `portreeve rules check | compile`: what a ruleset in a file is worth, without any helper.

use std::{fs, io::Write, path::Path, path::PathBuf};

use clap::{Args, Subcommand};

use super::{confirm::Confirm, rollback::RollBack};
use crate::firewall::{
    AddressRange, CheckedRuleset, Moment, Problem, Severity, Surroundings, check, compile, diff, nft::Present,
    simulate::Situation, text,
};

/// What to do with a ruleset in a file.
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Says everything that is wrong with it.
    Check(Source),
    /// Prints the transaction for `nft -j -f -`.
    Compile(Compile),
    /// Says who gains and who loses what between two rulesets.
    Diff(Diff),
    /// The same as `portreeve confirm`.
    Confirm(Confirm),
    /// The same as `portreeve rollback`.
    Rollback(RollBack),
}

/// Where the ruleset is.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The ruleset in its text form.
    file: PathBuf,
    /// A network this host has an address in; what `own-networks` means. Can be given more than once.
    #[arg(long = "network", value_name = "PREFIX")]
    networks: Vec<AddressRange>,
    /// Answers in JSON.
    #[arg(long)]
    json: bool,
}

/// What to compile.
#[derive(Debug, Args)]
pub(super) struct Compile {
    /// The ruleset in its text form.
    file: PathBuf,
    /// The revision that the receipts name.
    #[arg(long, default_value_t = 0)]
    revision: u64,
    /// A network this host has an address in; what `own-networks` means. Can be given more than once.
    #[arg(long = "network", value_name = "PREFIX")]
    networks: Vec<AddressRange>,
}

/// What to compare.
#[derive(Debug, Args)]
pub(super) struct Diff {
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

impl RulesCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        match self {
            Self::Check(source) => report(&source, &mut out),
            Self::Compile(source) => compile_to(&source, &mut out),
            Self::Diff(two) => compare(&two, &mut out),
            Self::Confirm(confirm) => confirm.run(),
            Self::Rollback(roll_back) => roll_back.run(),
        }
    }
}

fn report(source: &Source, out: &mut impl Write) -> anyhow::Result<()> {
    let checked = read(&source.file, &source.networks)?;
    let problems = checked.as_ref().map_or_else(Vec::as_slice, CheckedRuleset::warnings);
    if source.json {
        writeln!(out, "{}", serde_json::to_string_pretty(problems)?)?;
    } else {
        print_problems(problems, out)?;
    }
    checked.map(drop).map_err(|problems| refusal(&problems))
}

fn compile_to(source: &Compile, out: &mut impl Write) -> anyhow::Result<()> {
    let checked = read_checked(&source.file, &source.networks)?;
    let batch = compile(&checked, source.revision).batch_with_members(&Present::default(), now());
    Ok(writeln!(out, "{}", serde_json::to_string_pretty(&batch)?)?)
}

fn compare(two: &Diff, out: &mut impl Write) -> anyhow::Result<()> {
    let (old, new) = (read_checked(&two.old, &two.networks)?, read_checked(&two.new, &two.networks)?);
    let found = diff(&old, &new, &Situation { now: now(), bans: Vec::new(), routes: Vec::new() });
    if two.json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?);
    }
    for change in &found.changes {
        writeln!(out, "{change} (for example {})", change.witness)?;
    }
    for protection in &found.protections {
        writeln!(out, "{protection}")?;
    }
    match (found.changes.len() + found.protections.len(), found.unexamined) {
        (0, 0) => writeln!(out, "Nobody gains or loses anything.")?,
        (_, 0) => {}
        (_, more) => writeln!(out, "and {more} more combinations that weren't looked at")?,
    }
    Ok(())
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

/// Reads a ruleset that can be applied.
pub(super) fn read_checked(file: &Path, networks: &[AddressRange]) -> anyhow::Result<CheckedRuleset> {
    read(file, networks)?.map_err(|problems| {
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
        let sentences: Vec<String> = errors.map(ToString::to_string).collect();
        anyhow::anyhow!("{}: {}", file.display(), sentences.join("; "))
    })
}

fn read(file: &Path, networks: &[AddressRange]) -> anyhow::Result<Result<CheckedRuleset, Vec<Problem>>> {
    let named = |error: &dyn std::fmt::Display| anyhow::anyhow!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(|error| named(&error))?;
    let ruleset = text::parse(&text).map_err(|error| named(&error))?;
    Ok(check(ruleset, &Surroundings { now: now(), interfaces: None, networks: networks.to_vec() }))
}

#[expect(clippy::disallowed_methods, reason = "a command that runs once is its own clock")]
pub(super) fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
