//! The list of revisions as the template sees it.

use std::sync::Arc;

use askama::Template;

use crate::{
    actions::{DriftView, Turned},
    firewall::{Moment, enforcement::Drift},
    store::{Closure, Revision},
    web::{
        kit::{Frame, Problems, Shown, Stamp, Viewer},
        pages::ports::{ClosureRow, closure_rows},
    },
};

use super::entry::Entry;

/// The longest piece of nft's JSON that is shown.
const LONGEST_CONTENT: usize = 400;

/// How many things of a drift are shown.
const MOST_DRIFT: usize = 100;

/// The list of revisions.
#[derive(Debug, Template)]
#[template(path = "pages/history/list.html")]
pub struct HistoryView {
    frame: Frame,
    answer: String,
    entries: Vec<Entry>,
    older: Option<String>,
    newest: bool,
    drift: Vec<DriftRow>,
    more_drift: usize,
    turned: Option<Vec<String>>,
    seen_drift: String,
    accepted: Option<(String, Stamp)>,
    problems: Problems,
    compared: (String, String),
    closures: Vec<ClosureRow>,
    can_act: bool,
}

/// What another program changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DriftRow {
    what: String,
    content: Shown,
}

/// What there is to list.
#[derive(Debug, Clone, Default)]
pub struct Listed<'a> {
    /// The revisions of this page, newest first.
    pub revisions: &'a [Revision],
    /// The revision in the kernel.
    pub in_force: Option<u64>,
    /// Whether there are older ones.
    pub has_older: bool,
    /// Whether this is the first page.
    pub is_newest: bool,
    /// What another program changed in our table.
    pub drift: Arc<DriftView>,
    /// Who is reached differently because of that; none if it isn't known.
    pub turned: Option<Vec<Turned>>,
    /// What was closed lately, newest first.
    pub closures: &'a [Closure],
    /// The two numbers that were to be compared, as typed.
    pub compared: (String, String),
}

impl HistoryView {
    /// Lays the page out; `answer` is its first sentence.
    #[must_use]
    pub fn new(frame: Frame, answer: String, listed: &Listed<'_>, problems: Problems, now: Moment) -> Self {
        let last = listed.revisions.last().filter(|_| listed.has_older);
        Self {
            answer,
            entries: listed.revisions.iter().map(|one| Entry::new(one, listed.in_force, now)).collect(),
            older: last.map(|revision| format!("/history?before={}", revision.number)),
            newest: listed.is_newest,
            drift: listed.drift.drift.iter().take(MOST_DRIFT).map(DriftRow::new).collect(),
            more_drift: listed.drift.drift.len().saturating_sub(MOST_DRIFT),
            turned: listed.turned.as_ref().map(|turned| turned.iter().take(MOST_DRIFT).map(sentence).collect()),
            seen_drift: listed.drift.hash.clone(),
            accepted: listed.drift.accepted.as_ref().map(|one| (one.by.clone(), Stamp::new(one.at, now))),
            problems,
            compared: listed.compared.clone(),
            closures: closure_rows(listed.closures, now),
            can_act: frame.viewer.as_ref().is_some_and(Viewer::may_change),
            frame,
        }
    }
}

fn sentence(turned: &Turned) -> String {
    let listener = &turned.listener;
    let port = format!("{}/{}", listener.port, listener.transport.as_str());
    let program = listener.processes.first().map(|process| format!(" ({})", Shown::new(&process.name, 40).short));
    let (found, by_the_rules) = (turned.found.widest(), turned.by_the_rules.widest());
    let program = program.unwrap_or_default();
    if found == by_the_rules {
        return format!("{port}{program} is reached by others than the rules say.");
    }
    format!("{port}{program} is reached from {}; the rules say {}.", found.words(), by_the_rules.words())
}

impl DriftRow {
    fn new(drift: &Drift) -> Self {
        let place = Shown::new(&drift.place, 60).short;
        let line = drift.line.map(|line| format!(", line {line}")).unwrap_or_default();
        let what = if drift.is_foreign { "Added by another program" } else { "Missing" };
        Self { what: format!("{what} in {place}{line}"), content: Shown::new(&drift.content, LONGEST_CONTENT) }
    }
}
