//! The Ports page through the router. What it shows of a list is tested in `tests/look`.

use axum::http::StatusCode;

use super::browser::Site;

#[tokio::test]
async fn without_a_helper_it_says_so_and_stays_up() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    assert_eq!(browser.get("/ports").await.texts("#listing h2"), ["The ports haven't been read yet"]);
    browser.submit("/ports", "/ports/read-again", &[]).await.assert_leads_to("/ports");
    assert_eq!(browser.get("/ports").await.texts("#listing h2"), ["The helper doesn't answer"]);
}

#[tokio::test]
async fn reading_again_comes_back_to_the_same_part_of_the_list() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let reply =
        browser.submit("/ports", "/ports/read-again?q=a%2F%2Fb&bound=host&page=3&next=//evil.example", &[]).await;
    reply.assert_leads_to("/ports?q=a//b&bound=host&page=3");
}

#[tokio::test]
async fn an_odd_address_is_answered_with_a_note() {
    let site = Site::with_account().await;
    let reply = site.signed_in().await.get("/ports?bound=moon&page=1e9&q=%FF%00&&=&sort").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.texts(".notice li").len(), 2, "{}", reply.body);
}
