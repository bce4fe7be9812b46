//! Every revision there was, and the ways back.

use std::{net::TcpListener, time::Duration};

use axum::http::StatusCode;

use super::{
    browser::{Browser, Reply, Site},
    review::{guarded_site, stage, turn_on},
};
use crate::helper::passage::inside;

#[tokio::test]
async fn without_revisions_the_page_says_what_will_stand_there() {
    let site = Site::with_account().await;
    let reply = site.signed_in().await.get("/history").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.texts("h2"), ["No revision yet"]);
}

#[tokio::test]
async fn a_revision_is_listed_with_its_author_and_outcome_and_shows_what_it_changed() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let list = browser.get("/history").await;
    let row = list.texts("#revisions tbody tr").concat();
    assert!(row.contains("anna") && row.contains("Confirmed") && row.contains("In force"), "{row}");
    assert!(list.texts(".answer").concat().contains("Revision 1 is confirmed and in force."));
    let page = browser.get("/history/1").await;
    assert!(page.texts("#rules + ol li, ol.changes li").concat().contains("portreeve"), "{}", page.body);
    assert!(page.texts(".turns").concat().contains("can"), "{}", page.body);
    assert!(page.texts(".nft pre").concat().contains("\"table\""), "{}", page.body);
    for missing in ["/history/99", "/history/x", "/history/99999999999999999999999"] {
        assert_eq!(browser.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn numbers_that_are_no_revisions_are_told_and_kept() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let reply = browser.get("/history/compare?from=1&to=%3Cb%3E").await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(reply.texts("[role=alert]").concat().contains("There is no revision “<b>”"), "{}", reply.body);
    assert_eq!(reply.attribute("#to", "value").as_deref(), Some("<b>"));
    let same = browser.get("/history/compare?from=1&to=1").await;
    assert!(same.texts(".answer").concat().contains("Nobody gains or loses access"), "{}", same.body);
}

#[tokio::test]
async fn undoing_a_change_and_returning_to_a_revision_stage_the_way_back() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    browser.submit("/history/1", "/history/1/undo", &[]).await.assert_leads_to("/review");
    let review = browser.get("/review").await;
    assert_eq!(review.texts(".changes li").len(), 1, "{}", review.body);
    browser.submit("/review", "/review/discard", &[]).await;
    stage(&site, &browser, r#""action":"allow","direction":"in","to":["http"]"#).await;
    browser.submit("/history/1", "/history/1/return", &[]).await.assert_leads_to("/review");
}

/// What stands below "What that changes".
async fn turned(site: &Site, browser: &mut Browser<'_>) -> (Reply, Vec<String>) {
    site.panel.actions.refresh_firewall().await;
    site.panel.actions.refresh_listeners().await;
    site.panel.actions.refresh_surroundings().await;
    site.panel.actions.refresh_exposures(Duration::ZERO).await;
    let page = browser.get("/history").await;
    let told = page.texts(".turned li");
    (page, told)
}

#[tokio::test]
async fn what_another_program_changes_in_our_table_is_told_as_who_is_reached_differently() {
    let (site, host) = guarded_site().await;
    for line in [
        "link add eth0 type veth peer name eth1",
        "link set eth0 up",
        "link set eth1 up",
        "address add 198.18.0.2/24 dev eth0",
    ] {
        host.execute(&["ip"].into_iter().chain(line.split(' ')).collect::<Vec<_>>());
    }
    host.execute(&["ip", "route", "add", "default", "via", "198.18.0.1"]);
    let _database = inside(&host.name, || TcpListener::bind("0.0.0.0:3306").expect("a free port"));
    let _secure_shell = inside(&host.name, || TcpListener::bind("0.0.0.0:22").expect("a free port"));
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    assert!(turned(&site, &mut browser).await.1.is_empty());

    host.nft("add chain inet portreeve theirs");
    let (page, told) = turned(&site, &mut browser).await;
    assert!(told.is_empty() && page.texts("#drift").concat().contains("exactly those the rules let in"), "{told:?}");

    host.nft("insert rule inet portreeve input tcp dport 3306 accept");
    let (_, told) = turned(&site, &mut browser).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("3306/tcp (") && told[0].ends_with("from the world; the rules say this host only."),
        "{told:?}"
    );

    host.nft("insert rule inet portreeve input tcp dport 22 drop");
    let (_, told) = turned(&site, &mut browser).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.concat().contains("from this host only; the rules say the world."), "{told:?}");

    host.nft("delete table inet portreeve");
    let (_, told) = turned(&site, &mut browser).await;
    assert!(told.len() == 1 && told[0].starts_with("3306/tcp ("), "without a table everything is open: {told:?}");

    browser.submit("/history", "/review/put-back", &[]).await.assert_leads_to("/history");
    let (page, told) = turned(&site, &mut browser).await;
    assert!(told.is_empty() && page.texts("#drift").is_empty(), "{told:?}");
}
