//! Samples of the Ports page and of the sheets before its acts: an ordinary web server, a host full of lies, a very large
//! one, and every empty state.

mod acts;
mod hosts;
mod known;

use askama::Template;
use portreeve::{
    store::Role,
    web::{
        kit::{Frame, Viewer},
        pages::ports::{Filter, PortsView, Snapshot},
    },
};

pub(super) use self::{
    hosts::ordinary,
    known::{exposures, news},
};
use super::{HOSTILE, NOW, Sample, signed_in};

pub(super) fn samples() -> Vec<Sample> {
    let (ordinary, hostile, crowd) = (ordinary(), hosts::hostile(), hosts::crowd(10_000));
    let (exposures, bare) = (known::exposures(&ordinary, true), known::exposures(&ordinary, false));
    let (of_liars, of_crowd) = (known::exposures(&hostile, true), known::exposures(&crowd[..2_000], true));
    let (connections, uses, packages, news) = (known::connections(), known::uses(), known::packages(), known::news());
    let closures = known::closures();
    let seen =
        Snapshot { taken_at: Some(NOW.plus_seconds(-12)), is_on: Some(true), can_act: true, ..Snapshot::default() };
    let full = Snapshot {
        listeners: &ordinary,
        exposures: Some(&exposures),
        connections: Some(&connections),
        uses: Some(&uses),
        packages: Some(&packages),
        news: Some(&news),
        closures: &closures,
        ..seen
    };
    let fault = Some("nothing listens on the helper's socket /run/portreeve/helper.sock");
    let stale = Snapshot { taken_at: Some(NOW.plus_seconds(-1860)), fault, ..full };
    let pages = vec![
        sample("ports", full, &[]),
        sample("ports-closed", full, &[("closed", "17")]),
        sample("ports-sorted", full, &[("sort", "-port")]),
        sample("ports-filtered", full, &[("q", "nginx"), ("from", "world")]),
        sample("ports-not-needed", full, &[("need", "not-needed")]),
        sample("ports-too-narrow", full, &[("q", "gopher"), ("protocol", "udp")]),
        sample(
            "ports-odd-address",
            full,
            &[("from", HOSTILE), ("sort", "colour"), ("page", "-7"), ("closed", HOSTILE)],
        ),
        sample("ports-off", Snapshot { exposures: Some(&bare), is_on: Some(false), ..full }, &[]),
        sample("ports-viewer", Snapshot { can_act: false, ..full }, &[]),
        sample("ports-stale", stale, &[]),
        sample("ports-helper-down", Snapshot { taken_at: None, fault, ..seen }, &[]),
        sample("ports-not-read", Snapshot { taken_at: None, ..seen }, &[]),
        sample("ports-nothing", seen, &[]),
        sample("ports-unseen", Snapshot { listeners: &ordinary, ..seen }, &[]),
        sample(
            "ports-hostile",
            Snapshot { listeners: &hostile, exposures: Some(&of_liars), closures: &lies(), ..full },
            &[],
        ),
        sample("ports-crowd", Snapshot { listeners: &crowd, exposures: Some(&of_crowd), ..full }, &[("page", "2")]),
        sample("ports-omitted", Snapshot { omitted: 4_200, ..full }, &[]),
        sample("ports-one", Snapshot { listeners: &ordinary[..1], closures: &[], ..full }, &[]),
    ];
    pages.into_iter().chain(acts::samples()).collect()
}

fn lies() -> Vec<portreeve::store::Closure> {
    let mut lie = known::closure("9", HOSTILE, portreeve::store::ClosureState::PartlyUndone);
    (lie.author, lie.trouble, lie.undone_by) = (HOSTILE.into(), HOSTILE.repeat(9), Some(HOSTILE.into()));
    lie.undone_at = Some(NOW);
    vec![lie]
}

fn sample(name: &'static str, snapshot: Snapshot<'_>, pairs: &[(&str, &str)]) -> Sample {
    let frame = match name {
        "ports-hostile" => Frame { host: "</title><img src=x onerror=alert(3)>".into(), ..signed_in() },
        "ports-viewer" => {
            let viewer = Viewer { name: "vera".into(), role: Role::Viewer };
            Frame { viewer: Some(viewer), ..signed_in() }
        }
        _ => signed_in(),
    };
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let view = PortsView::new(frame, &snapshot, Filter::from_pairs(&pairs), NOW);
    Sample { name, html: view.render().expect("the page renders") }
}

fn page(name: &str) -> scraper::Html {
    let samples = samples();
    let sample = samples.iter().find(|sample| sample.name == name).expect("a sample of that name");
    scraper::Html::parse_document(&sample.html)
}

fn texts(page: &scraper::Html, selector: &str) -> Vec<String> {
    let selector = scraper::Selector::parse(selector).expect("a selector");
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    page.select(&selector).map(|element| words(element.text().collect())).collect()
}

#[test]
fn a_program_on_both_families_is_one_row_and_the_first_line_answers() {
    let page = page("ports");
    let ports = texts(&page, "#ports th.port");
    assert_eq!(ports.iter().filter(|port| *port == "443/tcp").count(), 1, "{ports:?}");
    assert_eq!(ports.iter().filter(|port| *port == "443/udp").count(), 1);
    let answer = texts(&page, ".answer").concat();
    assert!(answer.starts_with("5 ports are reachable from the world. 2 of them aren’t needed"), "{answer}");
    assert_eq!(texts(&page, "#ports th[scope=rowgroup]")[0].split(' ').next(), Some("Open"));
}

#[test]
fn whoever_only_looks_gets_no_buttons() {
    let page = page("ports-viewer");
    assert_eq!(
        texts(&page, "#ports .acts, form[action='/ports/undo'], a[href='/ports/needless']"),
        Vec::<String>::new()
    );
}

#[test]
fn without_the_firewall_the_page_says_how_the_host_stands() {
    let page = page("ports-off");
    assert!(texts(&page, ".answer").concat().contains("The firewall is off"));
    assert!(texts(&page, "#ports tr.entry .reached").iter().any(|cell| cell.starts_with("World")));
}
