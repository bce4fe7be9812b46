//! `portreeve rules`: a ruleset in a file, and what becomes of it.

mod apply;
mod export;
pub(super) mod lifeline;
mod paper;
mod plan;
mod prospect;

use std::{
    collections::BTreeSet,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use clap::{Args, Subcommand};

use super::{confirm::Confirm, rollback::RollBack};
use crate::firewall::{
    AddressRange, CheckedRuleset, Moment, Problem, Severity, Surroundings, check, enforcement::Survey, text,
};

/// What to do with a ruleset.
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Says everything that is wrong with it.
    Check(paper::Source),
    /// Prints the transaction for `nft -j -f -`.
    Compile(paper::Compile),
    /// Says who gains and who loses what between two rulesets.
    Diff(paper::Diff),
    /// Prints the confirmed ruleset, or writes it to a new file.
    Export(export::Export),
    /// Says what applying it would change, and rehearses it. Changes nothing.
    Plan(plan::Plan),
    /// Puts it into the kernel, to be rolled back unless it is confirmed in time.
    Apply(apply::Apply),
    /// The same as `portreeve confirm`.
    Confirm(Confirm),
    /// The same as `portreeve rollback`.
    Rollback(RollBack),
}

/// A ruleset in a file.
#[derive(Debug, Args)]
pub(super) struct Paper {
    /// The ruleset in its text form.
    file: PathBuf,
    /// A network this host has an address in; what `own-networks` means. Can be given more than once.
    #[arg(long = "network", value_name = "PREFIX")]
    networks: Vec<AddressRange>,
}

impl RulesCommand {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Check(source) => source.run(),
            Self::Compile(source) => source.run(),
            Self::Diff(two) => two.run(),
            Self::Export(export) => export.run(),
            Self::Plan(plan) => plan.run(),
            Self::Apply(apply) => apply.run(),
            Self::Confirm(confirm) => confirm.run(),
            Self::Rollback(roll_back) => roll_back.run(),
        }
    }
}

/// Reads a ruleset that can be applied.
pub(super) fn read_checked(file: &Path, networks: &[AddressRange]) -> anyhow::Result<CheckedRuleset> {
    read_applicable(file, &surroundings(None, networks))
}

fn read_applicable(file: &Path, surroundings: &Surroundings) -> anyhow::Result<CheckedRuleset> {
    read(file, surroundings)?.map_err(|problems| anyhow!("{}: {}", file.display(), errors(&problems)))
}

fn errors(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let sentences: Vec<String> = errors.map(ToString::to_string).collect();
    sentences.join("; ")
}

fn read(file: &Path, surroundings: &Surroundings) -> anyhow::Result<Result<CheckedRuleset, Vec<Problem>>> {
    let named = |error: &dyn Display| anyhow!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(|error| named(&error))?;
    let ruleset = text::parse(&text).map_err(|error| named(&error))?;
    Ok(check(ruleset, surroundings))
}

/// What a check has to know. Without a survey, only the given networks are known.
pub(super) fn surroundings(survey: Option<&Survey>, networks: &[AddressRange]) -> Surroundings {
    let mut networks = networks.to_vec();
    networks.extend(survey.iter().flat_map(|survey| survey.addresses.iter().map(|own| own.network)));
    let interfaces = survey.map(|survey| survey.interfaces.iter().cloned().collect::<BTreeSet<_>>());
    Surroundings { now: now(), interfaces: interfaces.filter(|known| !known.is_empty()), networks }
}

#[expect(clippy::disallowed_methods, reason = "a command that runs once is its own clock")]
pub(super) fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
