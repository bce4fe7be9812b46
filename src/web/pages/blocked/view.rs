//! The record as the template sees it.

use askama::Template;

use super::{
    answer,
    chart::Chart,
    facets::{self, Facet},
    filter::Filter,
    row::Row,
    today::Judge,
};
use crate::{
    actions::{Collecting, FirewallView},
    firewall::{Moment, enforcement::Mode},
    store::{Bar, BlockedPage, DoorSums, SavedFilter, SourceSums},
    web::kit::{Frame, Select, Shown, Stamp, Viewer, words},
};

/// What the store knows of a filter.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// One page of rows.
    pub page: BlockedPage,
    /// Sums by port, protocol, line and interface.
    pub doors: DoorSums,
    /// Sums by source.
    pub sources: SourceSums,
    /// The histogram.
    pub bars: Vec<Bar>,
    /// What the kernel counted beyond the rows.
    pub not_itemised: u64,
}

/// What stands around the record.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Today's rules.
    pub judge: &'a Judge,
    /// What the helper enforces.
    pub firewall: &'a FirewallView,
    /// How recording goes.
    pub collecting: &'a Collecting,
}

/// Why there is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emptiness {
    /// There is no firewall, and none left a record.
    Off,
    /// The helper hasn't answered yet.
    Unknown,
    /// The filter fits nothing.
    TooNarrow,
    /// The last row was on the page before.
    TheEnd,
    /// Nothing happened.
    Quiet,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/blocked/blocked.html")]
pub struct BlockedView {
    frame: Frame,
    answer: String,
    as_of: Stamp,
    filter: Filter,
    chart: Option<Chart>,
    facets: Vec<Facet>,
    rows: Vec<Row>,
    older: Option<String>,
    looked_back_to: Option<Stamp>,
    since: Option<Stamp>,
    not_itemised: Option<String>,
    emptiness: Option<Emptiness>,
    fault: Option<String>,
    not_recording: Option<String>,
    is_observing: bool,
    saved: Vec<Saved>,
}

/// A filter with a name.
#[derive(Debug)]
struct Saved {
    name: String,
    shown: Shown,
    href: String,
    is_here: bool,
}

impl BlockedView {
    /// Lays the page out as of `now`. `saved` are the viewer's own filters.
    #[must_use]
    pub fn new(
        frame: Frame,
        filter: Filter,
        found: &Found,
        around: Around<'_>,
        saved: &[SavedFilter],
        now: Moment,
    ) -> Self {
        let stamp = |moment| Stamp::new(moment, now);
        let more = usize::try_from(found.not_itemised).unwrap_or(usize::MAX);
        Self {
            answer: answer::sentence(&filter, &found.doors, &found.sources),
            as_of: stamp(now),
            chart: Chart::new(&found.bars, &filter, now),
            facets: facets::facets(&filter, &found.doors, &found.sources, around.judge.geography()),
            rows: found.page.rows.iter().map(|row| Row::new(row, around.judge, now)).collect(),
            older: found.page.next.map(|next| filter.below(next)),
            looked_back_to: found.page.looked_back_to.map(stamp),
            since: found.sources.since.or(found.doors.since).map(stamp),
            not_itemised: (more > 0).then(|| words::grouped(more)),
            emptiness: found.page.rows.is_empty().then(|| emptiness(&filter, found, around.firewall)),
            fault: around.firewall.fault.as_ref().map(|fault| Shown::new(fault, 300).short),
            not_recording: not_recording(around),
            is_observing: mode(around.firewall) == Some(Mode::Observing),
            saved: saved.iter().map(|saved| Saved::new(saved, &filter)).collect(),
            frame,
            filter,
        }
    }

    fn may_change(&self) -> bool {
        self.frame.viewer.as_ref().is_some_and(Viewer::may_change)
    }

    fn may_act(&self) -> bool {
        self.frame.viewer.as_ref().is_some_and(Viewer::may_confirm)
    }

    fn spans(&self) -> Vec<(&'static str, &'static str, bool)> {
        self.filter.spans()
    }

    fn treatments(&self) -> Select {
        self.filter.treatments()
    }

    fn chosen(&self) -> Vec<(String, String)> {
        self.filter.chosen()
    }

    fn here(&self) -> String {
        self.filter.query().on("")
    }

    fn export(&self, kind: &str) -> String {
        self.filter.query().on(&format!("{}.{kind}", super::PATH))
    }

    fn live(&self) -> String {
        self.filter.query().on("/blocked/live")
    }

    fn scans(&self) -> String {
        self.filter.query().on("/blocked/scans")
    }

    fn emptiness(&self) -> Option<Emptiness> {
        self.emptiness
    }
}

impl Saved {
    fn new(saved: &SavedFilter, filter: &Filter) -> Self {
        let href = format!("{}{}", super::PATH, saved.query);
        Self { is_here: href == filter.address(), shown: Shown::new(&saved.name, 60), name: saved.name.clone(), href }
    }
}

/// Why nothing is recorded, unless nothing is to be: without a firewall, or while the helper is silent anyway.
fn not_recording(around: Around<'_>) -> Option<String> {
    let mode = mode(around.firewall)?;
    let is_expected = mode == Mode::Off || around.firewall.fault.is_some();
    let fault = around.collecting.fault.as_ref().filter(|_| !is_expected)?;
    Some(Shown::new(fault, 300).short)
}

fn mode(firewall: &FirewallView) -> Option<Mode> {
    firewall.enforcement.as_ref().map(|enforcement| enforcement.mode)
}

fn emptiness(filter: &Filter, found: &Found, firewall: &FirewallView) -> Emptiness {
    match mode(firewall) {
        _ if filter.before.is_some() => Emptiness::TheEnd,
        _ if filter.is_set() || found.page.looked_back_to.is_some() => Emptiness::TooNarrow,
        Some(Mode::Off) => Emptiness::Off,
        None => Emptiness::Unknown,
        Some(_) => Emptiness::Quiet,
    }
}
