//! Turning the firewall on for the first time.

use axum::http::StatusCode;

use super::{browser::Site, review::guarded_site};

#[tokio::test]
async fn before_anything_is_listed_the_page_says_so() {
    let site = Site::with_account().await;
    let reply = site.signed_in().await.get("/turn-on").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.texts("h2"), ["The list of ports isn’t there yet"]);
}

#[tokio::test]
async fn the_proposal_is_staged_with_the_doors_of_administrators_whatever_is_ticked() {
    let (site, _host) = guarded_site().await;
    site.panel.actions.refresh_listeners().await;
    let mut browser = site.signed_in().await;
    let page = browser.get("/turn-on").await;
    assert_eq!(page.texts("table.doors tbody th").concat(), "22/tcp8470/tcp", "{}", page.body);
    assert_eq!(page.texts("table.doors input[disabled]").len(), 2, "a way in can't be unticked");
    browser.submit("/turn-on", "/turn-on", &[("23/tcp", "yes"), ("x\"><b>", "yes")]).await.assert_leads_to("/review");
    let review = browser.get("/review").await;
    let changes = review.texts(".changes li").concat();
    assert!(changes.contains("ssh (22/tcp)") && changes.contains("portreeve (8470/tcp)"), "{changes}");
    assert!(!changes.contains("23/tcp"), "only doors that are there can be ticked: {changes}");
}
