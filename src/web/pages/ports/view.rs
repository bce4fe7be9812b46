//! The page as the template sees it.

use askama::Template;

use crate::{
    firewall::Moment,
    store::ClosureId,
    web::kit::{Column, Frame, Pager, Stamp, words},
};

use super::{
    Filter, Place, READ_AGAIN, Snapshot,
    answer::Answer,
    closures::{ClosureRow, closure_rows},
    entry::{self, Entry},
    lonely::Lonely,
    news::Gone,
    reached::Decided,
    row::{Line, Row},
};

const ROWS_PER_PAGE: usize = 200;

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
    gone: Vec<Gone>,
    lonely: Vec<Lonely>,
    just: Option<ClosureRow>,
    closures: Vec<ClosureRow>,
    shows_use: bool,
    is_off: bool,
    can_act: bool,
}

/// Rows under one heading; without a heading when the list is sorted by another column.
#[derive(Debug)]
struct Group {
    heading: Option<(Place, String)>,
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
    pub fn new(frame: Frame, snapshot: &Snapshot<'_>, filter: Filter, now: Moment) -> Self {
        let published = snapshot.published();
        let entries = entry::entries(snapshot, &published, now);
        let is_known = snapshot.exposures.is_some_and(|exposures| exposures.taken_at.is_some());
        let (answer, total) = (Answer::new(&entries, is_known), entries.len());
        let entries = filter.select(entries);
        let pager = Pager::new(entries.len(), ROWS_PER_PAGE, filter.page, |page| filter.address(page));
        Self {
            frame,
            as_of: snapshot.taken_at.map(|taken_at| Stamp::new(taken_at, now)),
            fault: snapshot.fault.map(str::to_owned),
            answer,
            total,
            omitted: snapshot.omitted,
            columns: filter.columns(snapshot.connections.is_some()),
            groups: groups(&entries, snapshot, &pager, filter.is_grouped(), now),
            read_again: filter.address_on(READ_AGAIN, pager.page),
            gone: snapshot.news.map(|news| Gone::all(news, now)).unwrap_or_default(),
            lonely: lonely(snapshot, now),
            just: filter.closed.and_then(|id| just(snapshot, id, now)),
            closures: closure_rows(snapshot.closures, now),
            shows_use: snapshot.connections.is_some(),
            is_off: snapshot.is_on == Some(false),
            can_act: snapshot.can_act,
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

    /// Port, purpose, program, reach, and use where it is known; the acts of whoever may act.
    fn width(&self) -> usize {
        self.columns.len() + usize::from(self.can_act)
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

/// Only of rules that are in force, and only where all that listens is known.
fn lonely(snapshot: &Snapshot<'_>, now: Moment) -> Vec<Lonely> {
    let is_known = snapshot.taken_at.is_some() && snapshot.fault.is_none() && snapshot.omitted == 0;
    let running = snapshot.running.filter(|_| is_known && snapshot.is_on == Some(true));
    running.map(|running| Lonely::all(running, snapshot.listeners, now)).unwrap_or_default()
}

fn just(snapshot: &Snapshot<'_>, id: ClosureId, now: Moment) -> Option<ClosureRow> {
    let closure = snapshot.closures.iter().find(|closure| closure.id == id && closure.can_undo())?;
    Some(ClosureRow::new(closure, now))
}

fn groups(entries: &[Entry<'_>], known: &Snapshot<'_>, pager: &Pager, grouped: bool, now: Moment) -> Vec<Group> {
    let rows = |entries: &[Entry<'_>]| entries.iter().map(|entry| Row::new(entry, known, now)).collect();
    let shown = &entries[pager.range()];
    if !grouped {
        return vec![Group { heading: None, rows: rows(shown) }];
    }
    let size = |place| words::grouped(entries.iter().filter(|entry| entry.place == place).count());
    let runs = shown.chunk_by(|one, next| one.place == next.place);
    runs.map(|run| Group { heading: Some((run[0].place, size(run[0].place))), rows: rows(run) }).collect()
}
