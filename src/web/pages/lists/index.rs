//! All lists as the template sees them.

use askama::Template;
use serde::Deserialize;

use crate::{
    firewall::{ListName, Peer, RuleId, Ruleset, Text, list},
    web::{
        kit::{Frame, Problems, Shown, words},
        pages::rules::fields::take,
    },
};

const NOTE_LENGTH: usize = 160;
/// Of rules that use a list.
const LISTED: usize = 6;

/// The page of all lists.
#[derive(Debug, Template)]
#[template(path = "pages/lists/lists.html")]
pub struct ListsView {
    frame: Frame,
    answer: String,
    rows: Vec<Row>,
    form: ListForm,
    problems: Problems,
    can_edit: bool,
}

/// The name and the note of a list as they were typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListForm {
    /// How rules name it.
    pub name: String,
    /// What it is for.
    pub note: String,
}

#[derive(Debug)]
struct Row {
    name: String,
    entries: String,
    note: Option<Shown>,
    meaning: Option<&'static str>,
    used_by: Vec<String>,
    more: usize,
}

impl ListsView {
    /// Lays the page out.
    #[must_use]
    pub fn new(frame: Frame, draft: &Ruleset, form: ListForm, problems: Problems, can_edit: bool) -> Self {
        let parts = draft.parts();
        let missing = [list::ALLOW, list::DENY]
            .into_iter()
            .filter(|name| parts.lists.iter().all(|list| list.name.as_str() != *name));
        let mut rows: Vec<Row> = missing.map(|name| Row::new(name, 0, "", draft)).collect();
        rows.extend(
            parts.lists.iter().map(|list| Row::new(list.name.as_str(), list.entries.len(), list.note.as_str(), draft)),
        );
        // The two that mean something by themselves come first.
        rows.sort_by(|one, other| (one.meaning.is_none(), &one.name).cmp(&(other.meaning.is_none(), &other.name)));
        let entries = parts.lists.iter().map(|list| list.entries.len()).sum();
        let answer = format!("{} with {}.", words::count(rows.len(), "list"), plural(entries));
        Self { frame, answer, rows, form, problems, can_edit }
    }
}

/// `1 entry`, `14 entries`.
pub(super) fn plural(entries: usize) -> String {
    if entries == 1 { "1 entry".to_owned() } else { format!("{} entries", words::grouped(entries)) }
}

impl Row {
    fn new(name: &str, entries: usize, note: &str, draft: &Ruleset) -> Self {
        let used_by = used_by(name, draft);
        Self {
            name: name.to_owned(),
            entries: words::grouped(entries),
            note: (!note.is_empty()).then(|| Shown::new(note, NOTE_LENGTH)),
            meaning: meaning(name),
            more: used_by.len().saturating_sub(LISTED),
            used_by: used_by.iter().take(LISTED).map(ToString::to_string).collect(),
        }
    }
}

/// What the two lists do that need no rule.
pub(super) fn meaning(name: &str) -> Option<&'static str> {
    match name {
        list::ALLOW => Some("Whoever is on it reaches everything and is never banned."),
        list::DENY => Some("Whoever is on it is dropped before anything else, also in the middle of a connection."),
        _ => None,
    }
}

/// The rules that name a list.
pub(super) fn used_by(name: &str, draft: &Ruleset) -> Vec<RuleId> {
    let names = |peer: &Peer| matches!(peer, Peer::List(list) if list.as_str() == name);
    draft.parts().rules.iter().filter(|rule| rule.who.iter().any(names)).map(|rule| rule.id).collect()
}

impl ListForm {
    /// The name and the note.
    ///
    /// # Errors
    /// Every problem of every field.
    pub(super) fn read(&self) -> Result<(ListName, Text), Problems> {
        let mut problems = Problems::default();
        let name = take(&mut problems, "name", ListName::parse(self.name.trim()));
        let note = take(&mut problems, "note", Text::parse(self.note.trim()));
        name.zip(note).ok_or(problems)
    }
}
