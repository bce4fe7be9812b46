//! Samples of the Overview: an ordinary day, trouble of every kind, hostile texts, a viewer, and nothing known yet.

use askama::Template;
use portreeve::{
    actions::{Collecting, Exposures, FirewallView},
    firewall::{
        AddressRange, Ruleset,
        enforcement::{Ban, Enforcement, Mode, Pending},
        listener::Transport,
        usage::{ListenerNews, SeenListener},
    },
    store::{Ending as RevisionEnding, Revision, Role},
    web::{
        kit::{Frame, Section, Standing, Viewer},
        pages::{
            blocked::Found,
            overview::{Ending, Glance, Knocked, OverviewView, Seat, Trend},
            ports::{Census, Snapshot},
        },
    },
};

use super::{HOSTILE, NOW, Sample, blocked, enforcing, ports};

fn revision(reason: &str) -> Revision {
    let at = NOW.plus_seconds(-2 * 86_400);
    Revision {
        number: 41,
        parent: Some(40),
        author: "anna from 203.0.113.9".into(),
        at,
        sentence: "Let the office in by SSH".into(),
        ending: RevisionEnding::Confirmed,
        ended_at: Some(at),
        reason: reason.into(),
    }
}

fn census(exposures: Option<&Exposures>) -> Census {
    let listeners = ports::ordinary();
    Census::new(&Snapshot { listeners: &listeners, exposures, ..Snapshot::default() }, NOW)
}

fn knocked(trend: Trend) -> Knocked {
    let Found { bars, doors, sources, .. } = blocked::found();
    Knocked { bars, doors, sources, trend }
}

fn seat(user: &str, role: &'static str, address: &str, ago: i64, is_this: bool) -> Seat {
    let last_seen_at = NOW.plus_seconds(-ago);
    Seat { user: user.into(), role, address: address.into(), last_seen_at, is_this }
}

fn bans(number: u8) -> Vec<Ban> {
    let ban = |last: u8| Ban {
        addresses: AddressRange::parse(&format!("198.51.100.{last}")).expect("an address"),
        seconds: (last % 4 != 3).then(|| 700 * (u32::from(last) + 1)),
    };
    let long = AddressRange::parse("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff").expect("an address");
    (0..number).map(ban).chain((number > 0).then_some(Ban { addresses: long, seconds: Some(60) })).collect()
}

fn ruleset() -> Ruleset {
    let json = r#"{"lists":[{"name":"deny","entries":["203.0.113.0/24 until 2026-11-22T21:00:00Z # scans"]}],
        "rules":[{"id":12,"action":"allow","direction":"in","to":["22/tcp"],"expires_at":"2026-11-25T08:00:00Z"}]}"#;
    serde_json::from_str(json).expect("a ruleset")
}

fn page(name: &'static str, standing: &Standing, role: Role, known: Glance<'_>) -> Sample {
    let (enforcement, fault) = (standing.enforcement.clone(), standing.fault.clone());
    let firewall = FirewallView { enforcement, fault, ..FirewallView::default() };
    let viewer = Some(Viewer { name: "anna".into(), role });
    let frame = Frame { section: Some(Section::Overview), viewer, ..super::standing(standing) };
    let view = OverviewView::new(frame, &Glance { firewall: &firewall, ..known }, NOW);
    Sample { name, html: view.render().expect("the page renders") }
}

/// An ordinary day.
fn ordinary(change: impl FnOnce(Glance<'_>) -> Vec<Sample>) -> Vec<Sample> {
    let exposures = ports::exposures(&ports::ordinary(), true);
    change(Glance {
        firewall: &FirewallView::default(),
        revision: Some(&revision("by anna, 14 s after the change")),
        census: &census(Some(&exposures)),
        news: &ports::news(),
        collecting: &Collecting::default(),
        knocked: &knocked(Trend::Known { now: 11_204, before: 8_120 }),
        bans: &bans(2),
        in_force: Some(&ruleset()),
        seats: &[
            seat("anna", "administrator", "203.0.113.9", 4, true),
            seat("bert", "operator", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 900, false),
        ],
        sees_everybody: true,
        certificate: None,
    })
}

pub(super) fn samples() -> Vec<Sample> {
    ordinary(|known| [usual(known), unusual(known)].concat())
}

fn known(enforcement: Enforcement) -> Standing {
    Standing { enforcement: Some(enforcement), ..Standing::default() }
}

fn usual(day: Glance<'_>) -> Vec<Sample> {
    let nobody = Exposures::new(vec![], vec![], NOW);
    let quiet = Census::new(&Snapshot { exposures: Some(&nobody), ..Snapshot::default() }, NOW);
    let (nothing, empty, no_news) = (Knocked::default(), Ruleset::default(), ListenerNews::default());
    let (on, off) = (known(enforcing()), known(Enforcement::default()));
    let blank = Glance { news: &no_news, knocked: &nothing, bans: &[], in_force: Some(&empty), ..day };
    vec![
        page("overview", &on, Role::Administrator, day),
        page("overview-quiet", &on, Role::Administrator, Glance { census: &quiet, ..blank }),
        page("overview-viewer", &on, Role::Viewer, Glance { sees_everybody: false, seats: &day.seats[..1], ..day }),
        page("overview-off", &off, Role::Administrator, blank),
    ]
}

fn unusual(day: Glance<'_>) -> Vec<Sample> {
    let (unseen, nothing) = (census(None), Knocked::default());
    let pending = Some(Pending { revision: 42, millis_left: 83_000, window_seconds: 120 });
    let trouble = Standing { staged: 3, drift: 2, ..known(Enforcement { pending, ..enforcing() }) };
    let panic = known(Enforcement { mode: Mode::Panic, ..enforcing() });
    let lies = Standing { staged: 1, ..known(Enforcement { notice: Some(HOSTILE.repeat(5)), ..enforcing() }) };
    let down = Standing { fault: Some(HOSTILE.to_owned()), ..Standing::default() };
    let blind = Glance { census: &unseen, knocked: &nothing, bans: &[], in_force: None, ..day };
    let hostile = Glance {
        news: &ListenerNews { new: (0..9).map(liar).collect(), ..day.news.clone() },
        collecting: &Collecting { fault: Some(HOSTILE.repeat(3)), ..Collecting::default() },
        bans: &bans(60),
        revision: Some(&revision(&format!("by {}", HOSTILE.repeat(3)))),
        seats: &vec![seat(&HOSTILE.repeat(2), "viewer", "198.51.100.7", 60, false); 9],
        ..day
    };
    vec![
        page("overview-trouble", &trouble, Role::Administrator, Glance { certificate: Some(Ending::within(7)), ..day }),
        page("overview-hostile", &lies, Role::Administrator, hostile),
        page("overview-panic", &panic, Role::Operator, day),
        page("overview-unknown", &Standing::default(), Role::Administrator, blind),
        page("overview-helper-down", &down, Role::Administrator, blind),
    ]
}

fn liar(port: u16) -> SeenListener {
    let (owner, at) = (HOSTILE.to_owned(), NOW.plus_seconds(-60));
    SeenListener { transport: Transport::Udp, port, owner, first_seen_at: at, last_seen_at: at }
}
