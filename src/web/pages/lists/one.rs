//! One list as the template sees it.

use std::collections::BTreeSet;

use askama::Template;

use super::{
    EntriesForm, Filter,
    index::{meaning, plural, used_by},
};
use crate::{
    firewall::{AddressRange, List, Moment, Ruleset, list::Entry},
    web::kit::{Frame, Pager, Problems, Shown, Stamp, Tag, words},
};

const ENTRIES_PER_PAGE: usize = 200;
const NOTE_LENGTH: usize = 120;
/// Of rules that use the list.
const LISTED: usize = 12;

/// The page of one list.
#[derive(Debug, Template)]
#[template(path = "pages/lists/list.html")]
pub struct ListView {
    frame: Frame,
    name: String,
    note: String,
    answer: String,
    meaning: Option<&'static str>,
    used_by: Vec<String>,
    more_users: usize,
    total: usize,
    filter: Filter,
    rows: Vec<Row>,
    pager: Pager,
    form: EntriesForm,
    staged: usize,
    problems: Problems,
    can_edit: bool,
}

/// A form that came back.
#[derive(Debug, Default)]
pub struct Returned {
    /// What is still to be mended.
    pub form: EntriesForm,
    /// What is wrong.
    pub problems: Problems,
    /// How many entries of it were staged.
    pub staged: usize,
}

#[derive(Debug)]
struct Row {
    addresses: String,
    expiry: Option<Stamp>,
    is_over: bool,
    is_new: bool,
    note: Option<Shown>,
}

impl ListView {
    /// Lays the page out. The list may not exist yet, if it is one of the two that come into being when used.
    #[must_use]
    pub fn new(
        frame: Frame,
        (list, draft, running): (&List, &Ruleset, &Ruleset),
        filter: Filter,
        returned: Returned,
        can_edit: bool,
        now: Moment,
    ) -> Self {
        let name = list.name.to_string();
        let places = filter.select(&list.entries);
        let pager = Pager::new(places.len(), ENTRIES_PER_PAGE, filter.page, |page| filter.address(&name, page));
        let before = running.parts().lists.iter().find(|before| before.name == list.name);
        let shown: Vec<&Entry> = places[pager.range()].iter().map(|place| &list.entries[*place]).collect();
        let known = before.map(|before| among(&before.entries, &shown)).unwrap_or_default();
        let rows = shown.into_iter().map(|entry| Row::new(entry, !known.contains(&entry), now)).collect();
        let users = used_by(&name, draft);
        Self {
            frame,
            answer: answer(list, users.len(), now),
            meaning: meaning(&name),
            more_users: users.len().saturating_sub(LISTED),
            used_by: users.iter().take(LISTED).map(ToString::to_string).collect(),
            total: list.entries.len(),
            rows,
            pager,
            filter,
            form: returned.form,
            staged: returned.staged,
            problems: returned.problems,
            note: list.note.as_str().to_owned(),
            name,
            can_edit,
        }
    }

    fn result(&self) -> String {
        if self.filter.search.is_empty() {
            plural(self.total)
        } else {
            format!("{} of {} shown", words::grouped(self.pager.total), plural(self.total))
        }
    }

    fn total_words(&self) -> String {
        plural(self.total)
    }

    fn here(&self) -> String {
        self.filter.address(&self.name, self.pager.page)
    }

    fn staged_sentence(&self) -> String {
        format!("{} staged, the lines below need another look", plural(self.staged))
    }

    /// Whether it can be removed: nobody needs it, and it isn't one of the two that mean something by themselves.
    fn can_remove(&self) -> bool {
        self.can_edit && self.used_by.is_empty() && self.meaning.is_none()
    }
}

/// Those entries that are among the few wanted ones, in one pass over what may be a million.
fn among<'a>(entries: &'a [Entry], wanted: &[&Entry]) -> Vec<&'a Entry> {
    let ranges: BTreeSet<AddressRange> = wanted.iter().map(|entry| entry.addresses).collect();
    entries.iter().filter(|entry| ranges.contains(&entry.addresses)).collect()
}

fn answer(list: &List, users: usize, now: Moment) -> String {
    let over = list.entries.iter().filter(|entry| is_over(entry, now)).count();
    let over = if over > 0 { format!(", {} of them over", words::grouped(over)) } else { String::new() };
    let users = match (users, meaning(list.name.as_str())) {
        (0, Some(_)) => String::new(),
        (0, None) => " No rule uses it.".to_owned(),
        (1, _) => " 1 rule uses it.".to_owned(),
        (number, _) => format!(" {} rules use it.", words::grouped(number)),
    };
    format!("{}{over}.{users}", plural(list.entries.len()))
}

fn is_over(entry: &Entry, now: Moment) -> bool {
    entry.expires_at.is_some_and(|moment| moment <= now)
}

impl Row {
    fn new(entry: &Entry, is_new: bool, now: Moment) -> Self {
        Self {
            addresses: entry.addresses.to_string(),
            expiry: entry.expires_at.map(|moment| Stamp::ahead(moment, now)),
            is_over: is_over(entry, now),
            is_new,
            note: (!entry.note.is_empty()).then(|| Shown::new(entry.note.as_str(), NOTE_LENGTH)),
        }
    }

    fn tags(&self) -> Vec<Tag> {
        let new = self.is_new.then(|| Tag::new("draft", "plus", "Added").meaning("Not in force yet."));
        let over = self.is_over.then(|| Tag::new("warn", "clock", "Expired").meaning("It does nothing any more."));
        new.into_iter().chain(over).collect()
    }
}
