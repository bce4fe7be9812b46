//! Signing out.

use axum::http::StatusCode;

use super::browser::{SESSION, Site};

const FLASH: &str = "__Host-portreeve-flash";

#[tokio::test]
async fn it_ends_the_session_on_the_server_and_says_so_once() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let token = browser.token();
    browser.submit("/account", "/sign-out", &[]).await.assert_leads_to("/sign-in");
    assert!(!browser.cookies.contains_key(SESSION), "the browser forgets the token");
    assert!(browser.cookies.contains_key(FLASH));
    browser.get("/sign-in").await;
    assert!(!browser.cookies.contains_key(FLASH), "said once");
    site.thief(&token).assert_signed_in(false).await;
}

#[tokio::test]
async fn a_link_or_a_picture_signs_nobody_out() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    assert_eq!(browser.get("/sign-out").await.status, StatusCode::METHOD_NOT_ALLOWED);
    browser.assert_signed_in(true).await;
}

#[tokio::test]
async fn who_is_signed_out_already_is_told_so() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let csrf = browser.get("/account").await.csrf();
    site.thief(&browser.token()).submit("/account", "/sign-out", &[]).await.assert_leads_to("/sign-in");
    let reply = browser.post("/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(reply.texts("h1"), ["Your session has ended"]);
}
