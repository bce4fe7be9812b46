//! What was turned away in the last 24 hours.

use super::Trend;
use crate::{
    firewall::{Moment, aim::Aim, blocked::Source, catalogue, enforcement::Mode},
    store::{Bar, DoorSums, SourceSums},
    web::{
        kit::words,
        pages::{
            address,
            blocked::{self, Chart, Filter},
        },
    },
};

/// Values of a list.
const LISTED: usize = 5;

/// What the record tells of a day.
#[derive(Debug, Clone, Default)]
pub struct Knocked {
    /// How many when.
    pub bars: Vec<Bar>,
    /// How many where.
    pub doors: DoorSums,
    /// How many from whom.
    pub sources: SourceSums,
    /// More or less than a week ago.
    pub trend: Trend,
}

/// The card.
#[derive(Debug)]
pub(super) struct KnockedCard {
    pub sentence: String,
    pub trend: Option<String>,
    pub chart: Option<Chart>,
    pub sources: Vec<Line>,
    pub ports: Vec<Line>,
    /// Why there is nothing.
    pub nothing: Option<&'static str>,
}

/// One value of a list.
#[derive(Debug)]
pub(super) struct Line {
    pub text: String,
    pub href: Option<String>,
    pub note: Option<&'static str>,
    pub packets: String,
}

impl KnockedCard {
    pub fn new(knocked: &Knocked, mode: Option<Mode>, now: Moment) -> Self {
        let filter = Filter::default();
        let chart = Chart::new(&knocked.bars, &filter, now);
        let is_empty = knocked.doors.packets == 0 && chart.is_none();
        Self {
            sentence: blocked::sentence(&filter, &knocked.doors, &knocked.sources),
            trend: (!is_empty || mode.is_some_and(Mode::is_of_revision)).then(|| knocked.trend.words()),
            sources: sources(&knocked.sources),
            ports: ports(&knocked.doors, &filter),
            nothing: is_empty.then(|| nothing(mode)),
            chart,
        }
    }
}

fn nothing(mode: Option<Mode>) -> &'static str {
    match mode {
        None => "What is in force isn’t known, so nothing was recorded.",
        Some(Mode::Off) => "The firewall is off, so there is nothing to record.",
        Some(_) => "Nobody knocked at a closed door.",
    }
}

fn line(text: String, packets: u64, href: Option<String>) -> Line {
    Line { text, href, note: None, packets: words::grouped(usize::try_from(packets).unwrap_or(usize::MAX)) }
}

fn sources(sums: &SourceSums) -> Vec<Line> {
    let made = sums.most.iter().take(LISTED).map(|sum| {
        let addresses = sum.source.addresses();
        let text = addresses.map_or_else(|| "many".to_owned(), |addresses| addresses.to_string());
        let href = addresses.map(|addresses| format!("{}/{addresses}", address::PATH));
        let note = (!matches!(sum.source, Source::Address(_))).then_some("several");
        Line { note, ..line(text, sum.packets, href) }
    });
    made.collect()
}

fn ports(sums: &DoorSums, filter: &Filter) -> Vec<Line> {
    let made = sums.ports.iter().filter(|sum| sum.port.is_some()).take(LISTED).map(|sum| {
        let aim = Aim { protocol: sum.protocol, port: sum.port };
        let known = aim.transport().zip(aim.port).and_then(|(transport, port)| catalogue::find(port, transport));
        let note = known.map(|service| service.name);
        Line { note, ..line(aim.to_string(), sum.packets, Some(filter.of_aim(aim).address())) }
    });
    made.collect()
}
