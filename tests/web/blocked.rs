//! The record of what was turned away, from stored rows to the page, to files and to events.

use std::{future::poll_fn, pin::Pin, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode},
    response::Response,
};
use hyper::body::Body as _;
use portreeve::{
    detect::blocked::Entry,
    firewall::{
        Family, InterfaceName, Moment, Receipt,
        aim::Aim,
        blocked::{Door, Source},
    },
};
use tokio::time::timeout;

use super::{
    browser::{Browser, Reply, Site},
    review::{guarded_site, turn_on},
};

/// A row that is to be stored: who knocked where, what answered, how many seconds ago, how often.
pub fn entry(now: Moment, source: &str, to: &str, receipt: &str, ago: i64, count: u64) -> Entry {
    let address: std::net::IpAddr = source.parse().expect("an address");
    let aim = Aim::parse(to).expect("a port");
    let destination = if address.is_ipv4() { "192.0.2.1" } else { "2001:db8:1::1" };
    let first = Moment::from_millis(now.plus_seconds(-ago).as_millis() / 1000 * 1000);
    Entry {
        id: None,
        source: Source::Address(address),
        door: Door {
            receipt: Receipt::parse(receipt).expect("a receipt"),
            family: Family::of(address),
            protocol: aim.protocol,
            port: aim.port,
            destination: destination.parse().ok(),
            incoming: InterfaceName::parse("eth0").ok(),
            outgoing: None,
        },
        source_port: Some(40_000),
        count,
        unsaved: count,
        first,
        last: first,
    }
}

const DEFAULT: &str = "pr:default-in:1:drop";

async fn note(site: &Site, rows: &[(&str, &str, &str, i64, u64)]) {
    let now = site.panel.actions.now();
    let entries: Vec<Entry> =
        rows.iter().map(|(source, to, receipt, ago, count)| entry(now, source, to, receipt, *ago, *count)).collect();
    site.panel.actions.note_blocked(&entries).await.expect("rows are stored");
}

fn main(reply: &Reply) -> String {
    reply.texts("main").concat()
}

#[tokio::test]
async fn an_empty_record_says_why_it_is_empty() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    assert_eq!(browser.get("/blocked").await.texts(".empty h2"), ["What is in force isn’t known yet"]);
    assert_eq!(browser.get("/blocked?source=192.0.2.1").await.texts(".empty h2"), ["No row fits the filter"]);
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    assert_eq!(browser.get("/blocked").await.texts(".empty h2"), ["The firewall isn’t turned on"]);
    turn_on(&site, &mut browser).await;
    assert_eq!(browser.get("/blocked").await.texts(".empty h2"), ["Nothing was turned away"]);
    assert_eq!(browser.get("/blocked?before=1").await.texts(".empty h2"), ["No older row"]);
}

#[tokio::test]
async fn the_sentence_the_facets_and_the_rows_tell_who_knocked_where() {
    let site = Site::with_account().await;
    let mut rows = vec![("203.0.113.9", "22/tcp", DEFAULT, 60, 90); 1];
    let others: Vec<String> = (1..=8).map(|last| format!("198.51.100.{last}")).collect();
    rows.extend(others.iter().map(|source| (source.as_str(), "22/tcp", DEFAULT, 120, 2)));
    rows.push(("2001:db8::7", "icmpv6/128", "pr:r7:1:reject", 30, 1));
    rows.push(("192.0.2.200", "443/tcp", "pr:r9:1:allow", 10, 5));
    rows.push(("192.0.2.201", "22/tcp", DEFAULT, 2 * 86_400, 1));
    note(&site, &rows).await;
    let mut browser = site.signed_in().await;
    let page = browser.get("/blocked").await;
    assert_eq!(
        page.texts(".answer"),
        ["107 attempts from 10 addresses in 24 h; most at 22/tcp (SSH); 1 source makes up half."]
    );
    assert_eq!(page.texts("#blocked tbody tr").len(), 10, "{}", page.body);
    assert!(page.texts("#blocked tbody tr")[0].contains("2001:db8::7"), "the newest comes first");
    assert!(page.texts("#blocked td.why").concat().contains("r7"));
    assert!(page.texts(".facet").concat().contains("198.51.100.0/24"), "{}", page.body);
    assert!(page.attribute(".plot .bar", "height").is_some());
    let narrow = browser.get("/blocked?source=198.51.100.0/24&port=22/tcp").await;
    assert_eq!(narrow.texts("#blocked tbody tr").len(), 8);
    assert!(narrow.texts(".answer").concat().starts_with("16 attempts from 8 addresses"), "{}", narrow.body);
    assert_eq!(browser.get("/blocked?span=7d").await.texts("#blocked tbody tr").len(), 11);
    assert_eq!(browser.get("/blocked?what=allow").await.texts("#blocked th.source"), ["192.0.2.200"]);
    assert_eq!(browser.get("/blocked?rule=r7").await.texts("#blocked th.source"), ["2001:db8::7"]);
    assert_eq!(browser.get("/blocked?interface=wg0").await.texts("#blocked th.source"), [""; 0]);
}

#[tokio::test]
async fn nonsense_in_the_address_is_told_and_stays_text() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let page =
        browser.get("/blocked?source=%3Cscript%3E&port=22/sctp&rule=%00&from=x&before=%ff&what=burn&span=9h").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.texts(".notice li").len(), 6, "{}", page.body);
    assert!(!page.body.contains("<script>"));
    for path in ["/blocked/x/let-in", "/blocked/1/let-in", "/blocked/%ff/let-in", "/blocked/live/events"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_long_record_is_read_page_by_page() {
    let site = Site::with_account().await;
    let sources: Vec<String> = (0..130).map(|number| format!("10.0.{}.{}", number / 100, number % 100)).collect();
    let rows: Vec<_> = (0..).zip(&sources).map(|(ago, source)| (source.as_str(), "23/tcp", DEFAULT, ago, 1)).collect();
    note(&site, &rows).await;
    let mut browser = site.signed_in().await;
    let (mut path, mut found) = ("/blocked?port=23".to_owned(), Vec::new());
    for _ in 0..3 {
        let page = browser.get(&path).await;
        found.extend(page.texts("#blocked th.source"));
        path = page.attribute(".pager a[rel=next]", "href").unwrap_or_default();
    }
    assert_eq!((found, path.as_str()), (sources, ""));
}

#[tokio::test]
async fn todays_rules_are_asked_about_each_row() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    note(&site, &[("203.0.113.9", "22/tcp", DEFAULT, 60, 1), ("203.0.113.9", "8080/tcp", DEFAULT, 90, 1)]).await;
    let page = browser.get("/blocked").await;
    assert_eq!(page.texts("#blocked td.today"), ["Yes", "No"], "{}", page.body);
    let explain = page.attribute("#blocked td.act a", "href").expect("a link");
    assert_eq!(explain, "/explain?from=203.0.113.9&to=22/tcp");
}

#[tokio::test]
async fn what_would_let_a_row_in_is_a_rule_that_really_does_and_it_says_who_else_would_come() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    note(
        &site,
        &[
            ("203.0.113.9", "8080/tcp", DEFAULT, 60, 1),
            ("203.0.113.77", "8080/tcp", DEFAULT, 86_400, 4),
            ("198.51.100.3", "8080/tcp", DEFAULT, 90_000, 9),
            ("198.51.100.4", "23/tcp", DEFAULT, 90_000, 9),
        ],
    )
    .await;
    let page = browser.get("/blocked?source=203.0.113.9").await;
    let let_in = page.attribute("#blocked td.act a[href$='/let-in']", "href").expect("a link");
    let page = browser.get(&let_in).await;
    assert_eq!(page.texts("h3"), ["Only this address", "Its network", "Everybody"], "{}", page.body);
    assert!(page.texts(".says")[0].starts_with("Allow 203.0.113.9 to reach 8080/tcp"));
    let cards = page.texts(".choice-card");
    assert!(cards[0].contains("Nobody else") && !cards[0].contains("203.0.113.77"), "{}", cards[0]);
    assert!(cards[1].contains("1 other source") && cards[1].contains("203.0.113.77"), "{}", cards[1]);
    assert!(cards[2].contains("2 other sources") && cards[2].contains("198.51.100.3"), "{}", cards[2]);
    assert!(!main(&page).contains("198.51.100.4"));
    let editor = page.attribute(".choice-card a.button", "href").expect("a link");
    let editor = browser.get(&editor).await;
    assert_eq!(editor.texts("#who"), ["203.0.113.9"]);
    assert_eq!(editor.texts("#to"), ["8080/tcp"]);
}

#[tokio::test]
async fn no_rule_is_offered_where_none_helps() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let deny = [("addresses", "203.0.113.9"), ("action", "deny"), ("span", "always"), ("to", ""), ("direction", "in")];
    browser.submit("/address/203.0.113.9", "/address/quick", &deny).await;
    note(&site, &[("203.0.113.9", "8080/tcp", "pr:deny-list:2:drop", 60, 1)]).await;
    let page = browser.get("/blocked").await;
    let let_in = page.attribute("#blocked td.act a[href$='/let-in']", "href").expect("a link");
    let page = browser.get(&let_in).await;
    assert!(page.texts(".choice-card")[0].contains("No rule helps: “The deny list”"), "{}", page.body);
    assert_eq!(page.attribute(".choice-card a.button", "href"), None);
}

#[tokio::test]
async fn files_hold_every_row_of_the_filter() {
    let site = Site::with_account().await;
    let sources: Vec<String> = (0..2_300).map(|number| format!("10.0.{}.{}", number / 250, number % 250)).collect();
    let rows: Vec<_> = sources.iter().map(|source| (source.as_str(), "23/tcp", DEFAULT, 60, 1)).collect();
    note(&site, &rows).await;
    note(&site, &[("192.0.2.9", "22/tcp", DEFAULT, 30, 6)]).await;
    let mut browser = site.signed_in().await;
    let csv = browser.get("/blocked.csv?port=23/tcp").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("blocked.csv"));
    assert_eq!(csv.body.lines().count(), 2_301);
    assert!(csv.body.starts_with("first,last,packets,source,"));
    let json = browser.get("/blocked.json").await;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json.body).expect("one document");
    assert_eq!((rows.len(), &rows[0]["source"], &rows[0]["packets"]), (2_301, &"192.0.2.9".into(), &6.into()));
    let none: Vec<serde_json::Value> = serde_json::from_str(&browser.get("/blocked.json?port=1").await.body).unwrap();
    assert_eq!(none.len(), 0);
}

#[tokio::test]
async fn a_filter_is_kept_under_a_name_for_its_user_alone() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let save = async |browser: &mut Browser<'_>, name: &str, query: &str| {
        browser.submit("/blocked", "/blocked/save", &[("name", name), ("query", query)]).await
    };
    let hostile = "?port=22%2Ftcp&x=%3Cscript%3E&source=nobody";
    save(&mut browser, "<b>SSH</b>", hostile).await.assert_leads_to("/blocked?port=22/tcp");
    let page = browser.get("/blocked?port=22/tcp").await;
    assert!(page.texts(".flash").concat().contains("The filter is saved"), "{}", page.body);
    assert_eq!(page.texts(".saved .chip a"), ["<b>SSH</b>"]);
    assert_eq!(page.attribute(".saved .chip a", "aria-current").as_deref(), Some("page"));
    save(&mut browser, " ", "").await;
    assert!(browser.get("/blocked").await.texts(".flash").concat().contains("give the filter a name"));
    for number in 0..30 {
        save(&mut browser, &format!("Filter {number}"), "?span=7d").await;
    }
    assert!(browser.get("/blocked").await.texts(".flash").concat().contains("there is room for 30"));
    assert_eq!(browser.get("/blocked").await.texts(".saved .chip a").len(), 30);
    browser.submit("/blocked", "/blocked/forget", &[("name", "<b>SSH</b>")]).await.assert_leads_to("/blocked");
    assert_eq!(browser.get("/blocked").await.texts(".saved .chip a").len(), 29);
}

#[tokio::test]
async fn who_goes_from_port_to_port_is_drawn() {
    let site = Site::with_account().await;
    let ports: Vec<String> = (1..=40).map(|port| format!("{}/tcp", port * 997)).collect();
    let rows: Vec<_> = ports.iter().map(|port| ("203.0.113.9", port.as_str(), DEFAULT, 60, 1)).collect();
    note(&site, &rows).await;
    note(&site, &[("198.51.100.1", "22/tcp", DEFAULT, 60, 500)]).await;
    let page = site.signed_in().await.get("/blocked/scans").await;
    assert_eq!(page.texts(".answer"), ["One source tried many ports in 24 h."]);
    assert_eq!(page.texts("#scans th a").first().map(String::as_str), Some("203.0.113.9"));
    assert!(page.texts(".spot").len() > 10, "{}", page.body);
}

/// The events of a reader.
struct Events {
    body: Body,
    text: String,
}

async fn ask(browser: &mut Browser<'_>, path: &str, last: Option<i64>) -> Response {
    let mut request = Request::get(path).header("accept", "text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    browser.open(request.body(Body::empty()).expect("a path")).await
}

impl Events {
    async fn start(browser: &mut Browser<'_>, path: &str, last: Option<i64>) -> Self {
        let response = ask(browser, path, last).await;
        assert_eq!(response.status(), StatusCode::OK);
        Self { body: response.into_body(), text: String::new() }
    }

    /// Reads until the text has come.
    async fn until(&mut self, wanted: &str) -> String {
        while !self.text.contains(wanted) {
            let next = poll_fn(|context| Pin::new(&mut self.body).poll_frame(context));
            let frame = timeout(Duration::from_secs(20), next).await;
            let frame = frame.unwrap_or_else(|_| panic!("{wanted:?} never came: {}", self.text));
            let Some(Ok(frame)) = frame else { panic!("the events ended before {wanted:?}: {}", self.text) };
            self.text.push_str(&String::from_utf8_lossy(frame.data_ref().expect("data")));
        }
        std::mem::take(&mut self.text)
    }
}

#[tokio::test]
async fn rows_come_as_they_are_stored_and_only_those_of_the_filter() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let mut events = Events::start(&mut browser, "/blocked/live/events?port=22/tcp", None).await;
    events.until("retry: ").await;
    note(&site, &[("198.51.100.1", "23/tcp", DEFAULT, 1, 1), ("203.0.113.9", "22/tcp", DEFAULT, 0, 3)]).await;
    let text = events.until("\"packets\":3}").await;
    assert!(text.contains("event: rows\nid: ") && text.contains("\"source\":\"203.0.113.9\""), "{text}");
    assert!(!text.contains("198.51.100.1"), "{text}");
}

#[tokio::test]
async fn a_reader_who_comes_back_gets_what_he_missed_or_learns_of_the_gap() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let now = site.panel.actions.now();
    let first = site.panel.actions.note_blocked(&[entry(now, "203.0.113.1", "22/tcp", DEFAULT, 60, 1)]).await.unwrap();
    note(&site, &[("203.0.113.2", "22/tcp", DEFAULT, 40, 1), ("203.0.113.3", "22/tcp", DEFAULT, 20, 1)]).await;
    let mut events = Events::start(&mut browser, "/blocked/live/events", Some(first[0].0)).await;
    let text = events.until("203.0.113.3").await;
    assert!(text.contains("203.0.113.2") && !text.contains("event: gap"), "{text}");
    let sources: Vec<String> = (0..250).map(|last| format!("10.0.0.{last}")).collect();
    let rows: Vec<_> = sources.iter().map(|source| (source.as_str(), "23/tcp", DEFAULT, 10, 1)).collect();
    note(&site, &rows).await;
    let mut events = Events::start(&mut browser, &format!("/blocked/live/events?after={}", first[0].0), None).await;
    let text = events.until("event: rows").await;
    assert!(text.contains("event: gap") && text.contains("More than 200 rows"), "{text}");
}

#[tokio::test]
async fn events_end_with_the_session_and_never_make_it_longer() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    site.panel.pass(20 * 60);
    let mut events = Events::start(&mut browser, "/blocked/live/events", None).await;
    events.until("still here").await;
    site.panel.pass(11 * 60);
    events.until("event: over").await;
    browser.assert_signed_in(false).await;
    assert_eq!(ask(&mut site.browser(), "/blocked/live/events", None).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn more_readers_than_there_is_room_for_are_asked_to_wait() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let mut held = Vec::new();
    for _ in 0..32 {
        held.push(Events::start(&mut browser, "/blocked/live/events", None).await);
    }
    assert_eq!(ask(&mut browser, "/blocked/live/events", None).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    held.clear();
    let mut tries = 0;
    while ask(&mut browser, "/blocked/live/events", None).await.status() != StatusCode::OK {
        tries += 1;
        assert!(tries < 100, "a reader who went gave his place back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_live_page_needs_no_script() {
    let site = Site::with_account().await;
    note(&site, &[("203.0.113.9", "22/tcp", DEFAULT, 60, 1), ("198.51.100.1", "23/tcp", DEFAULT, 30, 1)]).await;
    let page = site.signed_in().await.get("/blocked/live?port=22/tcp").await;
    assert_eq!(page.texts("#blocked th.source"), ["203.0.113.9"]);
    let reload = page.attribute("[data-live-reload]", "href");
    assert_eq!(reload.as_deref(), Some("/blocked/live?span=1h&port=22/tcp"));
    let events = page.attribute("[data-live-events]", "data-live-events");
    assert_eq!(events.as_deref(), Some("/blocked/live/events?span=1h&port=22/tcp"));
}
