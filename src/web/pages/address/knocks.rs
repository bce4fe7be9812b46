//! What an address tried and was turned away from.

use crate::{
    firewall::{AddressRange, Moment, aim::Aim, catalogue},
    store::{Bar, BlockedFilter, DoorSums, Error, Store},
    web::{
        kit::{Stamp, words},
        pages::blocked::{Chart, Filter},
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
}

impl Knocks {
    /// Asks the record.
    pub(super) async fn find(store: &Store, addresses: AddressRange, now: Moment) -> Result<Self, Error> {
        let wanted = wanted(addresses, now);
        let (seen, doors, bars) = tokio::try_join!(
            store.seen_blocked(addresses),
            store.sum_blocked_doors(&wanted),
            store.draw_blocked(&wanted)
        )?;
        Ok(Self { seen, doors, bars })
    }
}

fn wanted(addresses: AddressRange, now: Moment) -> BlockedFilter {
    let days = now.as_millis().div_euclid(DAY * 1000) - DAYS;
    let from = Moment::from_millis(days * DAY * 1000);
    BlockedFilter { sources: Some(addresses), ..BlockedFilter::between(from, now.plus_seconds(1)) }
}

/// The section of the page.
#[derive(Debug)]
pub(super) struct KnocksView {
    pub sentence: String,
    pub seen: Option<(Stamp, Stamp)>,
    pub chart: Option<Chart>,
    pub ports: Vec<PortRow>,
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
            ports: knocks
                .doors
                .ports
                .iter()
                .take(LISTED)
                .map(|sum| {
                    let aim = Aim { protocol: sum.protocol, port: sum.port };
                    let known =
                        aim.transport().zip(aim.port).and_then(|(transport, port)| catalogue::find(port, transport));
                    PortRow {
                        aim: aim.to_string(),
                        service: known.map(|service| service.name),
                        packets: words::grouped(usize::try_from(sum.packets).unwrap_or(usize::MAX)),
                        href: filter.of_aim(aim).address(),
                    }
                })
                .collect(),
            rows: filter.address(),
            since: knocks.doors.since.map(|since| Stamp::new(since, now)),
        })
    }
}
