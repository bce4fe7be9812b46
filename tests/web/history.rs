//! Every revision there was, and the ways back.

use axum::http::StatusCode;

use super::{
    browser::Site,
    review::{guarded_site, stage, turn_on},
};

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
