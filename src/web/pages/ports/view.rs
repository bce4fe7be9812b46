//! The page as the template sees it.

use askama::Template;

use crate::{
    firewall::{Listener, Moment},
    web::kit::{Column, Frame, Pager, Stamp, words},
};

use super::{
    Bound, Filter, READ_AGAIN,
    answer::Answer,
    entry::{self, Entry},
    row::{Line, Row},
};

const ROWS_PER_PAGE: usize = 200;

/// What the panel knows of the host's sockets, as the helper last told it.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// The sockets.
    pub listeners: &'a [Listener],
    /// How many more there are than one reading can carry.
    pub omitted: u32,
    /// When they were read; absent when they never were.
    pub taken_at: Option<Moment>,
    /// Why the last reading failed, as a sentence.
    pub fault: Option<&'a str>,
}

/// The Ports page.
#[derive(Debug, Template)]
#[template(path = "pages/ports/ports.html")]
pub struct PortsView {
    frame: Frame,
    filter: Filter,
    as_of: Option<Stamp>,
    fault: Option<String>,
    answer: Answer,
    total: usize,
    omitted: u32,
    columns: Vec<Column>,
    groups: Vec<Group>,
    pager: Pager,
    read_again: String,
}

/// Rows under one heading; without a heading when the list is sorted by another column.
#[derive(Debug)]
struct Group {
    heading: Option<(Bound, String)>,
    rows: Vec<Row>,
}

/// Why there is no table.
#[derive(Debug, PartialEq, Eq)]
enum Emptiness {
    NotRead,
    HelperDown,
    NothingListens,
    TooNarrow,
}

impl PortsView {
    /// Lays the page out as of `now`.
    #[must_use]
    pub fn new(frame: Frame, snapshot: Snapshot<'_>, filter: Filter, now: Moment) -> Self {
        let entries = entry::entries(snapshot.listeners);
        let (answer, total) = (Answer::new(&entries), entries.len());
        let entries = filter.select(entries);
        let pager = Pager::new(entries.len(), ROWS_PER_PAGE, filter.page, |page| filter.address(page));
        Self {
            frame,
            as_of: snapshot.taken_at.map(|taken_at| Stamp::new(taken_at, now)),
            fault: snapshot.fault.map(str::to_owned),
            answer,
            total,
            omitted: snapshot.omitted,
            columns: filter.columns(),
            groups: groups(&entries, &pager, filter.is_grouped(), now),
            read_again: filter.address_on(READ_AGAIN, pager.page),
            filter,
            pager,
        }
    }

    fn emptiness(&self) -> Option<Emptiness> {
        match (&self.as_of, self.total, self.pager.total) {
            (None, ..) if self.fault.is_some() => Some(Emptiness::HelperDown),
            (None, ..) => Some(Emptiness::NotRead),
            (Some(_), 0, _) => Some(Emptiness::NothingListens),
            (Some(_), _, 0) => Some(Emptiness::TooNarrow),
            _ => None,
        }
    }

    fn result(&self) -> String {
        if self.filter.is_set() {
            format!("{} of {} shown", words::grouped(self.pager.total), self.all())
        } else {
            self.all()
        }
    }

    fn all(&self) -> String {
        words::count(self.total, "port")
    }
}

fn groups(entries: &[Entry<'_>], pager: &Pager, grouped: bool, now: Moment) -> Vec<Group> {
    let rows = |entries: &[Entry<'_>]| entries.iter().map(|entry| Row::new(entry, now)).collect();
    let shown = &entries[pager.range()];
    if !grouped {
        return vec![Group { heading: None, rows: rows(shown) }];
    }
    let size = |bound| words::grouped(entries.iter().filter(|entry| entry.bound == bound).count());
    let runs = shown.chunk_by(|one, next| one.bound == next.bound);
    runs.map(|run| Group { heading: Some((run[0].bound, size(run[0].bound))), rows: rows(run) }).collect()
}
