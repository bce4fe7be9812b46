//! Samples of the record: a busy day, nothing, a long time, hostile texts; what would let a row in; live; port scans.

use askama::Template;
use portreeve::{
    actions::{Collecting, FirewallView},
    firewall::{
        Family, InterfaceName, Line, Moment, Receipt,
        aim::Aim,
        blocked::{Blocked, BlockedId, Door, Source},
        enforcement::{Enforcement, Mode, Survey},
        simulate::Situation,
        whereabouts::{Atlas, Geography, Volume, Whereabouts},
    },
    store::{Bar, BlockedPage, DoorSums, NetworkSum, PortBar, PortSum, SavedFilter, ScanCell, SourceSum, SourceSums},
    web::{
        kit::{Frame, Section},
        pages::{
            address::Knocks,
            blocked::{Around, BlockedView, Filter, Found, Judge, LetInView, LiveView, ScansView, Width},
        },
    },
};

use super::{HOSTILE, NOW, Sample, enforcing, signed_in};

fn frame() -> Frame {
    Frame { section: Some(Section::Blocked), ..signed_in() }
}

fn row(number: i64, source: Source, to: &str, receipt: &str, count: u64) -> Blocked {
    let aim = Aim::parse(to).unwrap_or_default();
    let first = NOW.plus_seconds(-number * 47);
    let family = match source {
        Source::Address(address) => Family::of(address),
        Source::Network(network) => Family::of(network.addr()),
        Source::Many(family) => family,
    };
    let destination = if family == Family::V4 { "192.0.2.10" } else { "2001:db8::10" };
    let door = Door {
        receipt: Receipt::parse(receipt).expect("a receipt"),
        family,
        protocol: aim.protocol,
        port: aim.port,
        destination: destination.parse().ok().filter(|_| aim.protocol.is_some()),
        incoming: InterfaceName::parse("eth0").ok(),
        outgoing: InterfaceName::parse("docker0").ok().filter(|_| number == 6),
    };
    let last = first.plus_seconds(i64::try_from(count).unwrap_or(0).min(40) / 4);
    Blocked { id: BlockedId::first_of(first), source, door, source_port: Some(40_000), count, first, last }
}

fn rows() -> Vec<Blocked> {
    let address = |text: &str| Source::Address(text.parse().expect("an address"));
    let network = |text: &str| Source::Network(text.parse().expect("a network"));
    vec![
        row(0, address("203.0.113.9"), "22/tcp", "pr:default-in:41:drop", 14),
        row(1, address("198.51.100.23"), "23/tcp", "pr:default-in:41:drop", 1),
        row(2, address("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), "443/udp", "pr:r12:41:reject", 2),
        row(3, address("198.51.100.24"), "8443/tcp", "pr:r7-limit:40:drop", 1204),
        row(4, address("203.0.113.9"), "icmp/8", "pr:ping-limit:41:drop", 90),
        row(5, network("198.51.100.0/24"), "445/tcp", "pr:deny-list:41:drop", 40_211),
        row(6, address("192.0.2.99"), "80/tcp", "pr:default-in:39:drop", 1),
        row(7, Source::Many(Family::V4), "", "pr:default-in:41:drop", 918_223),
        row(8, address("192.0.2.77"), "protocol/47", "pr:default-in:41:drop", 1),
        row(9, address("192.0.2.78"), "3389/tcp", "pr:ban:41:drop", 3),
    ]
}

pub(super) fn found() -> Found {
    let port = |port, packets| PortSum { protocol: Some(6), port: Some(port), packets };
    let source = |last, packets| SourceSum { source: Source::Address([203, 0, 113, last].into()), packets };
    let bars = (0..49).map(|number: u64| Bar {
        from: NOW.plus_seconds(-86_400 + i64::try_from(number).unwrap_or(0) * 1800),
        seconds: 1800,
        packets: (number * 7919 % 311) + if number == 30 { 900 } else { 0 },
        not_itemised: if number == 30 { 400 } else { 0 },
    });
    let line = |name| Line::parse(name).expect("a line");
    let interface = |name| InterfaceName::parse(name).expect("a name");
    Found {
        page: BlockedPage { rows: rows(), next: Some(BlockedId(7)), looked_back_to: None },
        doors: DoorSums {
            packets: 11_204,
            ports: vec![port(22, 6_120), port(23, 2_200), port(445, 911), port(3389, 300), port(8081, 12), port(1, 1)],
            protocols: vec![(Some(6), 11_000), (Some(17), 200), (Some(1), 4)],
            lines: vec![(line("default-in"), 10_000), (line("deny-list"), 1_100), (line("r12"), 104)],
            interfaces: vec![(interface("eth0"), 11_000), (interface("wg0"), 204)],
            since: None,
        },
        sources: SourceSums {
            sources: Some(873),
            packets: 11_204,
            most: (0..40_u8).map(|last| source(last, 4000 / (u64::from(last) + 1))).collect(),
            networks: vec![NetworkSum {
                network: "198.51.100.0/24".parse().expect("a network"),
                sources: 31,
                packets: 1_100,
            }],
            since: None,
        },
        bars: bars.collect(),
        not_itemised: 1_204,
    }
}

/// What one address tried in a month.
pub(super) fn knocks() -> Knocks {
    let Found { doors, sources, .. } = found();
    let bars = (0..31).map(|day| Bar {
        from: NOW.plus_seconds(-86_400 * (30 - day)),
        seconds: 86_400,
        packets: u64::try_from(day * 37 % 11).unwrap_or(0),
        not_itemised: 0,
    });
    let midnight = Moment::from_millis(NOW.as_millis() / 86_400_000 * 86_400_000);
    let ports = (0..24).map(|day: i64| PortBar {
        protocol: Some(6),
        port: Some(if day % 3 == 0 { 23 } else { 22 }),
        from: midnight.plus_seconds(-86_400 * day),
        packets: u64::try_from(day * 53 % 17).unwrap_or(0) + 1,
    });
    let seen = Some((NOW.plus_seconds(-86_400 * 25), NOW.plus_seconds(-120)));
    Knocks { seen, doors, bars: bars.collect(), ports: ports.collect(), sources }
}

const RULES: &str = r#"{"rules":[
    {"id":1,"action":"allow","direction":"in","to":["ssh"],"who":["203.0.113.0/24"]},
    {"id":12,"action":"reject","direction":"in","to":["443/udp"]}]}"#;

fn firewall(mode: Mode) -> FirewallView {
    let enforcement = Some(Enforcement { mode, ..enforcing() });
    FirewallView { enforcement, taken_at: Some(NOW), ..FirewallView::default() }
}

fn judge() -> Judge {
    let ruleset = serde_json::from_str(RULES).expect("a ruleset");
    let situation = Situation { now: NOW, bans: Vec::new(), routes: Vec::new() };
    Judge::new(&firewall(Mode::Enforcing), ruleset, Survey::default().into(), situation).knowing(geography())
}

fn pairs(pairs: &[(&str, &str)]) -> Filter {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Filter::from_pairs(&pairs)
}

fn saved(name: &str, query: &str) -> SavedFilter {
    SavedFilter { name: name.to_owned(), query: query.to_owned() }
}

#[derive(Debug)]
struct Everywhere;

impl Atlas for Everywhere {
    fn find(&self, address: std::net::IpAddr) -> Whereabouts {
        let is_liar = address == std::net::IpAddr::from([203, 0, 113, 9]);
        let organisation = Some(if is_liar { HOSTILE.to_owned() } else { "Example Networks Ltd".to_owned() });
        let (code, country) = (Some("DE".to_owned()), Some("Germany".to_owned()));
        Whereabouts { code, country, system: Some(64_500), organisation }
    }
}

pub(super) fn geography() -> Geography {
    let volume = |file: &str, fault: Option<&str>| Volume {
        file: file.to_owned(),
        kind: "DBIP-Country-Lite".to_owned(),
        built_at: Some(NOW.plus_seconds(-86_400 * 20)),
        fault: fault.map(str::to_owned),
    };
    let volumes = vec![volume("dbip-country-lite.mmdb", None), volume(HOSTILE, Some(HOSTILE))];
    Geography { atlas: Some(std::sync::Arc::new(Everywhere)), volumes }
}

pub(super) fn samples() -> Vec<Sample> {
    let judge = judge();
    let page = |name, filter: Filter, found: &Found, firewall: &FirewallView, saved: &[SavedFilter]| {
        let collecting = Collecting {
            fault: firewall.fault.is_none().then(|| HOSTILE.to_owned()).filter(|_| name == "blocked-long"),
            ..Collecting::default()
        };
        let around = Around { judge: &judge, firewall, collecting: &collecting };
        let view = BlockedView::new(frame(), filter, found, around, saved, NOW);
        Sample { name, html: view.render().expect("the page renders") }
    };
    let (on, off) = (firewall(Mode::Enforcing), firewall(Mode::Off));
    let down = FirewallView { fault: Some(HOSTILE.to_owned()), ..on.clone() };
    let nothing = Found::default();
    let looked = Found {
        page: BlockedPage {
            looked_back_to: Some(NOW.plus_seconds(-90_000)),
            next: Some(BlockedId(1)),
            ..BlockedPage::default()
        },
        ..Found::default()
    };
    let mut long = found();
    (long.sources.sources, long.sources.since) = (None, Some(NOW.plus_seconds(-400_000)));
    let filters = [saved("SSH at night", "?port=22/tcp"), saved("Mail", "?port=25/tcp&span=7d")];
    let hostile = [saved(HOSTILE, "?port=22/tcp"), saved(&HOSTILE.repeat(3), "")];
    let wrong =
        pairs(&[("source", HOSTILE), ("rule", HOSTILE), ("from", HOSTILE), ("port", HOSTILE), ("what", HOSTILE)]);
    let narrow = pairs(&[
        ("source", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("port", "443/udp"),
        ("rule", "default-in"),
        ("interface", "eth0"),
        ("from", "2026-11-22T10:00"),
        ("to", "2026-11-22T19:00"),
    ]);
    vec![
        page("blocked", Filter::default(), &found(), &on, &filters),
        page("blocked-narrow", narrow.clone(), &found(), &on, &filters),
        page("blocked-long", pairs(&[("span", "30d"), ("before", "99999999999999")]), &long, &on, &[]),
        page("blocked-hostile", wrong, &found(), &down, &hostile),
        page("blocked-quiet", Filter::default(), &nothing, &on, &[]),
        page("blocked-off", Filter::default(), &nothing, &off, &[]),
        page("blocked-unknown", Filter::default(), &nothing, &FirewallView::default(), &[]),
        page("blocked-too-narrow", narrow, &looked, &on, &[]),
        page("blocked-end", pairs(&[("before", "7")]), &nothing, &on, &[]),
        let_in("blocked-let-in", &rows()[1], &judge),
        let_in("blocked-let-in-passes", &rows()[0], &judge),
        let_in("blocked-let-in-several", &rows()[5], &judge),
        live("blocked-live", &rows(), &judge),
        live("blocked-live-empty", &[], &judge),
        scans("blocked-scans", &cells()),
        scans("blocked-scans-none", &[]),
    ]
}

fn let_in(name: &'static str, row: &Blocked, judge: &Judge) -> Sample {
    let sources = found().sources;
    let width =
        |who: Option<&str>, knocked: SourceSums| Width { who: who.map(|who| who.parse().expect("addresses")), knocked };
    let only = SourceSums { sources: Some(1), ..SourceSums::default() };
    let some = SourceSums { sources: Some(3), most: sources.most[..3].to_vec(), ..SourceSums::default() };
    let own = row.source.addresses().map(|addresses| addresses.to_string());
    let widths = [width(own.as_deref(), only), width(Some("198.51.100.0/24"), some), width(None, sources)];
    let widths = if matches!(row.source, Source::Address(_)) { &widths[..] } else { &[] };
    let view = LetInView::new(frame(), row, judge, widths, NOW);
    Sample { name, html: view.render().expect("the page renders") }
}

fn live(name: &'static str, rows: &[Blocked], judge: &Judge) -> Sample {
    let view = LiveView::new(frame(), Filter::default().live(), rows, judge, NOW);
    Sample { name, html: view.render().expect("the page renders") }
}

fn cells() -> Vec<ScanCell> {
    let cell = |source: u8, number: u16| ScanCell {
        source: Source::Address([203, 0, 113, source].into()),
        port: number.wrapping_mul(if source == 1 { 331 } else { 13 }),
        protocol: 6,
        piece: usize::from(number / 8 % 48),
        packets: 1 + u64::from(number % 3),
    };
    (1..4).flat_map(|source| (0..400).map(move |number| cell(source, number))).collect()
}

fn scans(name: &'static str, cells: &[ScanCell]) -> Sample {
    let ends = (NOW.plus_seconds(-86_400), NOW);
    let since = (!cells.is_empty()).then(|| Moment::from_millis(NOW.as_millis() - 40_000_000));
    let view = ScansView::new(frame(), Filter::default(), cells, ends, since, NOW);
    Sample { name, html: view.render().expect("the page renders") }
}
