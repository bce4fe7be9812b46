//! The Rules page with ordinary, hostile and very many rules.

use std::collections::BTreeMap;

use askama::Template;
use portreeve::{
    firewall::{
        Line, Listener, Problem, RuleId, Ruleset, Surroundings, check,
        enforcement::{Enforcement, Mode, Pending},
        text,
    },
    store::LineHit,
    web::{
        kit::{Frame, Section},
        pages::rules::{Filter, Mark, RulesView, Sight},
    },
};

use super::{HOSTILE, NOW, Sample, ports, signed_in};

const DAY: i64 = 86_400;

pub(super) const DRAFT: &str = r#"
[[lists]]
name = "office"
note = "Both offices"
entries = ["203.0.113.0/24 # Hamburg", "2001:db8:5:40::/64"]

[[lists]]
name = "deny"
entries = ["198.51.100.66 until 2026-11-23T10:00:00Z # scans"]

[[services]]
name = "app"
ports = ["9000/tcp", "9001-9003/udp"]

[[rules]]
id = 1
action = "allow"
direction = "in"
who = ["list:office", "own-networks"]
to = ["ssh", "portreeve"]
owner = "Anna"
note = "Administrators. Never remove without a second way in."

[[rules]]
id = 4
action = "allow"
direction = "in"
to = ["http", "https"]

[[rules]]
id = 12
action = "allow"
direction = "in"
who = ["198.51.100.7", "198.51.100.9", "192.0.2.0/28", "2001:db8:20:a51f:7c3e:99ff:fe10:5", "203.0.113.128-203.0.113.200"]
to = ["postgresql", "9100/tcp"]
at = ["10.20.0.5"]
interfaces = ["wg0"]
new_connections = "6/minute burst 10"
connections = 20
log = true
expires_at = "2026-11-25T10:00:00Z"
note = "Migration of the reports"
owner = "Data team"

[[rules]]
id = 7
action = "drop"
direction = "in"
to = ["telnet"]
enabled = false

[[rules]]
id = 8
action = "reject"
direction = "in"
who = ["192.0.2.0/24"]
to = ["imap", "pop3"]
expires_at = "2026-11-20T10:00:00Z"

[[rules]]
id = 15
action = "allow"
direction = "in"
who = ["192.0.2.99"]
to = ["http"]
note = "Monitoring"

[[rules]]
id = 16
action = "allow"
direction = "in"
who = ["list:partners"]
to = ["app", "icmp/8", "protocol/47"]

[[rules]]
id = 20
action = "reject"
direction = "out"
to = ["smtp"]
note = "Mail goes through the relay"

[[rules]]
id = 21
action = "allow"
direction = "forward"
who = ["10.20.0.0/16"]
at = ["192.0.2.0/24"]
to = ["http", "https"]
"#;

/// A view of a draft, with everything that must outlive it.
struct Scene {
    draft: Ruleset,
    running: Ruleset,
    problems: Vec<Problem>,
    enforcement: Enforcement,
    marks: BTreeMap<RuleId, Mark>,
    hits: BTreeMap<Line, LineHit>,
    listeners: Vec<Listener>,
}

fn rule(number: u32) -> RuleId {
    RuleId::new(number).expect("not 0")
}

impl Scene {
    fn new(draft: &str) -> Self {
        let draft = text::parse(draft).expect("a draft");
        let surroundings = Surroundings { now: NOW, interfaces: None, networks: Vec::new() };
        let problems = match check(draft.clone(), &surroundings) {
            Ok(checked) => checked.warnings().to_vec(),
            Err(problems) => problems,
        };
        let enforcement = Enforcement { mode: Mode::Enforcing, confirmed: Some(41), ..Enforcement::default() };
        Self {
            running: text::parse(&DRAFT.replace("id = 15", "id = 99")).expect("a ruleset"),
            draft,
            problems,
            enforcement,
            marks: BTreeMap::new(),
            hits: BTreeMap::new(),
            listeners: Vec::new(),
        }
    }

    fn ordinary() -> Self {
        let marks = [(15, Mark::Added), (12, Mark::Changed), (4, Mark::Moved), (99, Mark::Removed)];
        let hit = |packets, ago: Option<i64>| LineHit {
            line: Line::Rule(rule(1)),
            packets,
            bytes: 0,
            last_hit_at: ago.map(|ago| NOW.plus_seconds(-ago)),
            watched_since: NOW.plus_seconds(-200 * DAY),
        };
        let hits = [
            ("r1", hit(48_213, Some(12))),
            ("r4", hit(9_120_334, Some(1))),
            ("r12", hit(1_024, Some(3_600))),
            ("r12-limit", hit(34, Some(7_200))),
            ("r8", hit(0, None)),
            ("r20", hit(0, None)),
            ("ban", hit(11_204, Some(4))),
            ("default-in", hit(2_918_004, Some(1))),
        ];
        Self {
            marks: marks.map(|(number, mark)| (rule(number), mark)).into(),
            hits: hits.map(|(line, hit)| (Line::parse(line).expect("a line"), hit)).into(),
            listeners: ports::ordinary(),
            ..Self::new(DRAFT)
        }
    }

    fn sight(&self) -> Sight<'_> {
        Sight {
            draft: &self.draft,
            running: &self.running,
            marks: self.marks.clone(),
            staged: self.marks.len(),
            is_stale: false,
            problems: &self.problems,
            enforcement: Some(&self.enforcement),
            fault: None,
            in_force_since: Some(NOW.plus_seconds(-2 * DAY)),
            hits: self.hits.clone(),
            listeners: Some(&self.listeners),
            can_edit: true,
            now: NOW,
        }
    }
}

fn frame() -> Frame {
    Frame { section: Some(Section::Rules), ..signed_in() }
}

fn page(name: &'static str, sight: &Sight<'_>, pairs: &[(&str, &str)]) -> Sample {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let view = RulesView::new(frame(), sight, Filter::from_pairs(&pairs));
    Sample { name, html: view.render().expect("the page renders") }
}

pub(super) fn samples() -> Vec<Sample> {
    let (scene, empty, crowd, hostile) =
        (Scene::ordinary(), Scene::new(""), Scene::new(&crowd(10_000)), Scene::new(&hostile()));
    let sight = scene.sight();
    let off = Enforcement::default();
    let pending = Pending { revision: 42, millis_left: 80_000, window_seconds: 120 };
    let in_window = Enforcement { pending: Some(pending), ..scene.enforcement.clone() };
    let down = Sight {
        enforcement: None,
        fault: Some("Nothing listens on the helper's socket /run/portreeve/helper.sock"),
        is_stale: true,
        ..sight.clone()
    };
    let nothing = Sight { enforcement: Some(&off), running: &empty.draft, staged: 0, ..empty.sight() };
    vec![
        page("rules", &sight, &[]),
        page("rules-viewer", &Sight { can_edit: false, ..sight.clone() }, &[]),
        page("rules-service", &sight, &[("view", "service")]),
        page("rules-filtered", &sight, &[("q", "office"), ("show", "allow")]),
        page("rules-too-narrow", &sight, &[("q", "gopher")]),
        page("rules-odd-address", &sight, &[("show", HOSTILE), ("page", "-7"), ("view", "tree")]),
        page("rules-off", &nothing, &[]),
        page("rules-service-off", &nothing, &[("view", "service")]),
        page("rules-window", &Sight { enforcement: Some(&in_window), ..sight.clone() }, &[]),
        page("rules-helper-down", &down, &[]),
        page("rules-hostile", &hostile.sight(), &[]),
        page("rules-hostile-service", &hostile.sight(), &[("view", "service")]),
        page("rules-crowd", &crowd.sight(), &[("page", "3")]),
        page("rules-crowd-service", &crowd.sight(), &[("view", "service")]),
    ]
}

/// What a text field may hold at worst; everything else is a closed grammar.
fn hostile() -> String {
    let safe: String = HOSTILE.chars().filter(|c| !matches!(c, '\u{202e}' | '\u{1b}')).collect();
    let note = safe.replace('"', "\\\"");
    let long = "W".repeat(500);
    let list = "a".repeat(32);
    let who: Vec<String> = (0..900).map(|number| format!("\"2001:db8:ffff:ffff:ffff:ffff:ffff:{number:x}\"")).collect();
    format!(
        "[[lists]]\nname = \"{list}\"\n[[rules]]\nid = 1\naction = \"allow\"\ndirection = \"in\"\nnote = \"{note}\"\nowner = \"{note}\"\n\
         who = [\"list:{list}\"]\n[[rules]]\nid = 4294967295\naction = \"drop\"\ndirection = \"in\"\nnote = \"{long}\"\n\
         owner = \"{long}\"\nwho = [{}]\nto = [\"{}\"]\ninterfaces = [\"abcdefghijklmno\", \"-+._\"]\n",
        who.join(", "),
        "b".repeat(32),
    )
}

fn crowd(size: u32) -> String {
    let one = |number: u32| {
        let action = ["allow", "drop", "reject"][usize::try_from(number % 3).expect("small")];
        format!(
            "[[rules]]\nid = {number}\naction = \"{action}\"\ndirection = \"in\"\nwho = [\"10.{}.{}.0/24\"]\nto = [\"{}/tcp\"]\n",
            number / 250,
            number % 250,
            1 + number % 3_000,
        )
    };
    (1..=size).map(one).collect()
}

#[test]
fn the_first_line_says_what_is_in_force_and_staged() {
    let scene = Scene::ordinary();
    let answer = |sight: &Sight<'_>| {
        let html = page("", sight, &[]).html;
        let page = scraper::Html::parse_document(&html);
        let selector = scraper::Selector::parse(".answer").expect("a selector");
        page.select(&selector).flat_map(|line| line.text()).collect::<String>()
    };
    let sight = scene.sight();
    assert_eq!(answer(&sight), "9 rules; revision 41 is in force, confirmed 2 days ago. 4 changes staged by you.");
    let off = Enforcement::default();
    let off = Sight { enforcement: Some(&off), staged: 0, ..sight };
    assert_eq!(answer(&off), "9 rules; none is in force, because the firewall is not turned on. Nothing is staged.");
}

#[test]
fn only_one_page_of_many_rules_is_laid_out() {
    let crowd = Scene::new(&crowd(10_000));
    let html = page("", &crowd.sight(), &[("page", "3")]).html;
    let page = scraper::Html::parse_document(&html);
    let rows = scraper::Selector::parse("#rules tr.rule").expect("a selector");
    assert_eq!(page.select(&rows).count(), 200);
}
