//! Who went from port to port, drawn as a grid of ports and time.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
};

use super::Filter;
use crate::{
    firewall::{Moment, aim::Aim, blocked::Source},
    store::ScanCell,
    web::{
        kit::{App, Fault, Frame, Page, Section, Stamp, Visit, words},
        pages::{address, rules::Pairs},
    },
};

/// Columns of a grid.
const PIECES: u32 = 48;

/// Rows of a grid: 65,536 ports in bands of 2,048.
const BAND: u16 = 2048;

/// Ports that are named.
const NAMED: usize = 8;

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/blocked/scans.html")]
pub struct ScansView {
    frame: Frame,
    answer: String,
    filter: Filter,
    scanners: Vec<Scanner>,
    ends: (Stamp, Stamp),
    since: Option<Stamp>,
}

/// One source.
#[derive(Debug)]
struct Scanner {
    source: String,
    href: String,
    rows: String,
    ports: String,
    packets: String,
    named: String,
    spots: Vec<Spot>,
}

/// A square of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    x: usize,
    y: u16,
}

impl ScansView {
    /// Draws a grid for each source of `cells`.
    #[must_use]
    pub fn new(
        frame: Frame,
        filter: Filter,
        cells: &[ScanCell],
        (from, until): (Moment, Moment),
        since: Option<Moment>,
        now: Moment,
    ) -> Self {
        let scanners: Vec<Scanner> = in_order(cells).iter().filter_map(|cells| Scanner::new(cells, &filter)).collect();
        let time = filter.time_words();
        let answer = match scanners.len() {
            0 => format!("Nobody tried many ports {time}."),
            1 => format!("One source tried many ports {time}."),
            many => format!("{many} sources tried many ports {time}; those with most ports come first."),
        };
        let ends = (Stamp::new(from, now), Stamp::new(until, now));
        Self { frame, answer, filter, scanners, ends, since: since.map(|since| Stamp::new(since, now)) }
    }

    fn back(&self) -> String {
        self.filter.address()
    }
}

/// The cells of each source, in the order in which the sources first occur.
fn in_order(cells: &[ScanCell]) -> Vec<Vec<&ScanCell>> {
    let mut places: BTreeMap<Source, usize> = BTreeMap::new();
    let mut grouped: Vec<Vec<&ScanCell>> = Vec::new();
    for cell in cells {
        let place = *places.entry(cell.source).or_insert(grouped.len());
        if place == grouped.len() {
            grouped.push(Vec::new());
        }
        grouped[place].push(cell);
    }
    grouped
}

impl Scanner {
    fn new(cells: &[&ScanCell], filter: &Filter) -> Option<Self> {
        let addresses = cells.first()?.source.addresses()?;
        let mut ports: BTreeMap<(u8, u16), u64> = BTreeMap::new();
        for cell in cells {
            let packets = ports.entry((cell.protocol, cell.port)).or_default();
            *packets = packets.saturating_add(cell.packets);
        }
        let mut most: Vec<_> = ports.iter().collect();
        most.sort_by_key(|(_, packets)| std::cmp::Reverse(**packets));
        let name = |(protocol, port): (u8, u16)| Aim { protocol: Some(protocol), port: Some(port) }.to_string();
        let named: Vec<String> = most.iter().take(NAMED).map(|(aim, _)| name(**aim)).collect();
        let more = most.len().saturating_sub(named.len());
        let total = ports.values().fold(0, |sum: u64, packets| sum.saturating_add(*packets));
        let spots: BTreeSet<Spot> = cells.iter().map(|cell| Spot { x: cell.piece, y: cell.port / BAND }).collect();
        Some(Self {
            source: addresses.to_string(),
            href: format!("{}/{addresses}", address::PATH),
            rows: filter.of_source(addresses).address(),
            ports: words::grouped(ports.len()),
            packets: words::grouped(usize::try_from(total).unwrap_or(usize::MAX)),
            named: if more > 0 { format!("{} and {more} more", named.join(", ")) } else { named.join(", ") },
            spots: spots.into_iter().collect(),
        })
    }
}

pub(super) async fn show(State(app): State<App>, visit: Visit, Query(pairs): Pairs) -> Result<Page<ScansView>, Fault> {
    let (filter, now) = (Filter::from_pairs(&pairs), app.actions().now());
    let wanted = filter.wanted(now);
    let (cells, since) = app.actions().store().find_scans(&wanted, PIECES).await?;
    let frame = visit.frame(Some(Section::Blocked));
    let view = ScansView::new(frame, filter, &cells, (wanted.from, wanted.until), since, now);
    Ok(Page(StatusCode::OK, view))
}
