//! One revision, and two compared, as the templates see them.

use std::collections::BTreeSet;

use askama::Template;

use crate::{
    firewall::{
        Diff, Moment, Ruleset,
        changes::{RulesetChange, between},
        sentence,
    },
    store::Revision,
    web::kit::{Difference, Frame, Viewer},
};

use super::entry::Entry;

/// More rules of a revision aren't listed.
const MOST_RULES: usize = 2_000;

/// More lines of nft text aren't shown.
const MOST_LINES: usize = 4_000;

/// What a revision is made of, and what it changed.
#[derive(Debug, Clone, Copy)]
pub struct Whole<'a> {
    /// What is known of it.
    pub revision: &'a Revision,
    /// What it holds.
    pub ruleset: &'a Ruleset,
    /// What its parent holds.
    pub parent: &'a Ruleset,
    /// What changed for packets; none if it can't be compiled.
    pub diff: Option<&'a Diff>,
    /// Its transaction for the kernel, one command a line.
    pub nft: &'a str,
    /// The revision in the kernel.
    pub in_force: Option<u64>,
}

/// One revision.
#[derive(Debug, Template)]
#[template(path = "pages/history/revision.html")]
pub struct RevisionView {
    frame: Frame,
    entry: Entry,
    changes: Vec<String>,
    difference: Option<Difference>,
    rules: Vec<RuleRow>,
    more_rules: usize,
    lists: Vec<String>,
    nft: Vec<String>,
    more_nft: usize,
    /// Number of the revision in force, and where it is compared with this one.
    other: Option<(u64, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct RuleRow {
    id: String,
    is_enabled: bool,
    sentence: String,
    note: String,
}

impl RevisionView {
    /// Lays a revision out as of `now`.
    #[must_use]
    pub fn new(frame: Frame, whole: Whole<'_>, now: Moment) -> Self {
        let parts = whole.ruleset.parts();
        let number = whole.revision.number;
        let other = whole.in_force.filter(|other| *other != number);
        let rules = parts.rules.iter().take(MOST_RULES).map(|rule| RuleRow {
            id: rule.id.to_string(),
            is_enabled: rule.enabled,
            sentence: sentence::of(rule, whole.ruleset),
            note: rule.note.to_string(),
        });
        let lists = parts.lists.iter().map(|list| format!("{}: {} entries", list.name, list.entries.len()));
        Self {
            frame,
            entry: Entry::new(whole.revision, whole.in_force, now),
            changes: sentences(&between(whole.parent, whole.ruleset)),
            difference: whole.diff.map(Difference::new),
            rules: rules.collect(),
            more_rules: parts.rules.len().saturating_sub(MOST_RULES),
            lists: lists.collect(),
            nft: whole.nft.lines().take(MOST_LINES).map(str::to_owned).collect(),
            more_nft: whole.nft.lines().count().saturating_sub(MOST_LINES),
            other: other.map(|other| (other, compare_address(number, other))),
        }
    }

    fn may_change(&self) -> bool {
        self.frame.viewer.as_ref().is_some_and(Viewer::may_change)
    }
}

fn sentences(changes: &[RulesetChange]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

/// Where two revisions are compared, the older first.
fn compare_address(one: u64, other: u64) -> String {
    format!("/history/compare?from={}&to={}", one.min(other), one.max(other))
}

/// Two revisions to compare.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The older.
    pub from: (&'a Revision, &'a Ruleset),
    /// The newer.
    pub to: (&'a Revision, &'a Ruleset),
    /// What is different for packets; none if one of them can't be compiled.
    pub diff: Option<&'a Diff>,
    /// Both transactions, one command a line.
    pub nft: (&'a str, &'a str),
    /// The revision in the kernel.
    pub in_force: Option<u64>,
}

/// Two revisions compared.
#[derive(Debug, Template)]
#[template(path = "pages/history/compare.html")]
pub struct CompareView {
    frame: Frame,
    from: Entry,
    to: Entry,
    changes: Vec<String>,
    difference: Option<Difference>,
    nft: Vec<(bool, String)>,
    more_nft: usize,
}

impl CompareView {
    /// Lays the comparison out as of `now`.
    #[must_use]
    pub fn new(frame: Frame, pair: Pair<'_>, now: Moment) -> Self {
        let lines = differing_lines(pair.nft.0, pair.nft.1);
        Self {
            frame,
            from: Entry::new(pair.from.0, pair.in_force, now),
            to: Entry::new(pair.to.0, pair.in_force, now),
            changes: sentences(&between(pair.from.1, pair.to.1)),
            difference: pair.diff.map(Difference::new),
            more_nft: lines.len().saturating_sub(MOST_LINES),
            nft: lines.into_iter().take(MOST_LINES).collect(),
        }
    }
}

/// Lines that only one of two texts has, and whether it is the second: first those of the first, in order.
fn differing_lines(old: &str, new: &str) -> Vec<(bool, String)> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (before, after) = (lines(old), lines(new));
    let gone = old.lines().filter(|line| !after.contains(*line)).map(|line| (false, line.to_owned()));
    let come = new.lines().filter(|line| !before.contains(*line)).map(|line| (true, line.to_owned()));
    gone.chain(come).collect()
}
