//! What listens on this host, from a real helper to the page.

use std::{net::TcpListener, os::unix::fs::symlink, time::Instant};

use axum::http::StatusCode;

use super::browser::{Browser, Reply, Site};
use crate::helper::running::{PATIENCE, Running};

/// A site whose panel asks a real helper.
async fn site_with_helper() -> (Site, Running) {
    let (site, helper) = (Site::with_account().await, Running::start());
    symlink(helper.socket(), site.panel.state.path().join("helper.sock")).expect("the panel finds the helper");
    (site, helper)
}

async fn read_again(browser: &mut Browser<'_>, query: &str) -> Reply {
    browser.submit("/ports", &format!("/ports/read-again{query}"), &[]).await
}

/// The texts of the cells of one column.
fn cells(reply: &Reply, column: &str) -> Vec<String> {
    reply.texts(&format!("#ports {column}"))
}

fn titles(reply: &Reply) -> String {
    reply.texts("h2").concat()
}

#[tokio::test]
async fn a_socket_that_this_process_opens_is_on_the_page_with_its_port_and_program() {
    let (site, _helper) = site_with_helper().await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mut browser = site.signed_in().await;
    read_again(&mut browser, "").await.assert_leads_to("/ports");
    let reply = browser.get(&format!("/ports?q={port}&from=host")).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(cells(&reply, "th.port").contains(&format!("{port}/tcp")), "{}", reply.body);
    assert!(reply.texts("#ports .program").concat().contains("integration"), "{}", reply.body);
    drop(listener);
    // The helper gives out one reading for half a second.
    let end = Instant::now() + PATIENCE;
    while cells(&browser.get(&format!("/ports?q={port}")).await, "th.port").contains(&format!("{port}/tcp")) {
        assert!(Instant::now() < end, "a closed port stays on the page");
        read_again(&mut browser, "").await;
    }
}

#[tokio::test]
async fn without_a_helper_the_page_says_what_that_means() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    assert!(titles(&browser.get("/ports").await).contains("haven't been read yet"));
    read_again(&mut browser, "").await.assert_leads_to("/ports");
    let reply = browser.get("/ports").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(titles(&reply).contains("helper doesn't answer"), "{}", reply.body);
}

#[tokio::test]
async fn a_helper_that_goes_away_leaves_the_last_list_marked_as_old() {
    let (site, helper) = site_with_helper().await;
    let _listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut browser = site.signed_in().await;
    read_again(&mut browser, "").await;
    let before = cells(&browser.get("/ports").await, "th.port").len();
    drop(helper);
    read_again(&mut browser, "").await;
    let reply = browser.get("/ports").await;
    assert!(before > 0 && cells(&reply, "th.port").len() == before);
    assert!(titles(&reply).contains("out of date"), "{}", reply.body);
}

#[tokio::test]
async fn the_filter_survives_reading_again_and_nonsense_in_the_address_is_said() {
    let (site, _helper) = site_with_helper().await;
    let mut browser = site.signed_in().await;
    let aimed = "?q=a&page=3&next=//evil.example";
    read_again(&mut browser, aimed).await.assert_leads_to("/ports?q=a&page=3");
    let query = "?q=a%26b%22%3E&need=unknown&sort=-port";
    read_again(&mut browser, query).await.assert_leads_to(&format!("/ports{query}"));
    for query in ["?sort=%00&page=x&from=%3Cscript%3E", "?page=99999999999999999999", "?q=%ff%fe", "?=&&=&page=0"] {
        let reply = browser.get(&format!("/ports{query}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{query}");
        assert!(!reply.body.contains("<script>"), "{query}");
    }
    let reply = browser.get("/ports?sort=colour").await;
    assert!(titles(&reply).contains("left out"), "{}", reply.body);
}
