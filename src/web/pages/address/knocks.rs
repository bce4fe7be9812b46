//! What an address tried and was turned away from.

use super::days::Days;
use crate::{
    firewall::{AddressRange, Moment, aim::Aim, catalogue},
    store::{Bar, BlockedFilter, DoorSums, Error, PortBar, PortSum, SourceSum, SourceSums, Store},
    web::{
        kit::{Stamp, words},
        pages::{
            address,
            blocked::{Chart, Filter},
        },
    },
};

/// How far back, in days.
const DAYS: i64 = 30;
const DAY: i64 = 86_400;

/// Ports that are listed.
const LISTED: usize = 8;

/// What the record tells of some addresses.
#[derive(Debug, Clone, Default)]
pub struct Knocks {
    /// When the first and the last packet came, as far as that can be told at once.
    pub seen: Option<(Moment, Moment)>,
    /// Where they went in the last days.
    pub doors: DoorSums,
    /// How many in each of the last days.
    pub bars: Vec<Bar>,
    /// The same by port.
    pub ports: Vec<PortBar>,
    /// Who of them sent most; nobody for a single address.
    pub sources: SourceSums,
}

impl Knocks {
    /// Asks the record.
    pub(super) async fn find(store: &Store, addresses: AddressRange, now: Moment) -> Result<Self, Error> {
        let wanted = wanted(addresses, now);
        let (seen, doors, bars, ports, sources) = tokio::try_join!(
            store.seen_blocked(addresses),
            store.sum_blocked_doors(&wanted),
            store.draw_blocked(&wanted),
            store.draw_blocked_ports(&wanted),
            sources(store, &wanted, addresses),
        )?;
        Ok(Self { seen, doors, bars, ports, sources })
    }
}

async fn sources(store: &Store, wanted: &BlockedFilter, addresses: AddressRange) -> Result<SourceSums, Error> {
    if addresses.first() == addresses.last() {
        return Ok(SourceSums::default());
    }
    store.sum_blocked_sources(wanted).await
}

fn wanted(addresses: AddressRange, now: Moment) -> BlockedFilter {
    BlockedFilter { sources: Some(addresses), ..BlockedFilter::between(first_day(now), now.plus_seconds(1)) }
}

fn first_day(now: Moment) -> Moment {
    Moment::from_millis((now.as_millis().div_euclid(DAY * 1000) - DAYS) * DAY * 1000)
}

/// The section of the page.
#[derive(Debug)]
pub(super) struct KnocksView {
    pub sentence: String,
    pub seen: Option<(Stamp, Stamp)>,
    pub chart: Option<Chart>,
    pub ports: Vec<PortRow>,
    pub sources: Vec<SourceRow>,
    pub rows: String,
    pub since: Option<Stamp>,
}

/// Where it went, and how often.
#[derive(Debug)]
pub(super) struct PortRow {
    pub aim: String,
    pub service: Option<&'static str>,
    pub packets: String,
    pub href: String,
    pub days: Days,
}

/// Who of a network, and how often.
#[derive(Debug)]
pub(super) struct SourceRow {
    pub text: String,
    pub packets: String,
    pub href: String,
}

impl KnocksView {
    /// None when nothing is known.
    pub fn new(knocks: &Knocks, addresses: AddressRange, now: Moment) -> Option<Self> {
        if knocks.seen.is_none() && knocks.doors.packets == 0 {
            return None;
        }
        let filter = Filter::last_month().of_source(addresses);
        let packets = words::count(usize::try_from(knocks.doors.packets).unwrap_or(usize::MAX), "packet");
        let at_least = if knocks.doors.since.is_some() { "At least " } else { "" };
        Some(Self {
            sentence: format!("{at_least}{packets} turned away in {DAYS} days."),
            seen: knocks.seen.map(|(first, last)| (Stamp::new(first, now), Stamp::new(last, now))),
            chart: Chart::new(&knocks.bars, &filter, now),
            ports: knocks.doors.ports.iter().take(LISTED).map(|sum| PortRow::new(sum, knocks, &filter, now)).collect(),
            sources: knocks.sources.most.iter().take(LISTED).filter_map(SourceRow::new).collect(),
            rows: filter.address(),
            since: knocks.doors.since.map(|since| Stamp::new(since, now)),
        })
    }
}

impl PortRow {
    fn new(sum: &PortSum, knocks: &Knocks, filter: &Filter, now: Moment) -> Self {
        let aim = Aim { protocol: sum.protocol, port: sum.port };
        let known = aim.transport().zip(aim.port).and_then(|(transport, port)| catalogue::find(port, transport));
        let own = knocks.ports.iter().filter(|bar| (bar.protocol, bar.port) == (sum.protocol, sum.port));
        let own: Vec<(Moment, u64)> = own.map(|bar| (bar.from, bar.packets)).collect();
        Self {
            aim: aim.to_string(),
            service: known.map(|service| service.name),
            packets: words::grouped(usize::try_from(sum.packets).unwrap_or(usize::MAX)),
            href: filter.of_aim(aim).address(),
            days: Days::new(&own, first_day(now), DAYS + 1, now),
        }
    }
}

impl SourceRow {
    fn new(sum: &SourceSum) -> Option<Self> {
        let addresses = sum.source.addresses()?;
        Some(Self {
            text: addresses.to_string(),
            packets: words::grouped(usize::try_from(sum.packets).unwrap_or(usize::MAX)),
            href: format!("{}/{addresses}", address::PATH),
        })
    }
}
