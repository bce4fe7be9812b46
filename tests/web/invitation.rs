//! The link with which somebody chooses the password of his account.

use axum::http::StatusCode;
use portreeve::store::Role;

use super::browser::{Browser, Reply, Site};
use crate::actions::panel::{HOME, NAME, PASSWORD, origin};

const NEW: &str = "nine copper herons";

async fn invite(site: &Site, name: &str) -> String {
    let anna = site.panel.sign_in(NAME, PASSWORD, HOME).await.expect("she signs in").signed_in;
    let added = site.panel.actions.add_user(&anna, name, Role::Viewer, &origin(HOME)).await;
    added.expect("an account").token.expose()
}

async fn choose(browser: &mut Browser<'_>, token: &str, passwords: [&str; 2]) -> Reply {
    let csrf = browser.get(&format!("/invitation?token={token}")).await.csrf();
    let fields = [("csrf", &*csrf), ("token", token), ("password", passwords[0]), ("repeat", passwords[1])];
    browser.post("/invitation", &fields).await
}

#[tokio::test]
async fn the_link_signs_its_holder_in_once() {
    let site = Site::with_account().await;
    let token = invite(&site, "ben").await;
    let mut browser = site.browser();
    choose(&mut browser, &token, [NEW, "other"]).await.assert_problem("repeat", "differ");
    choose(&mut browser, &token, ["benbenbenben"; 2]).await.assert_problem("password", "easy to guess");
    choose(&mut browser, &token, [NEW; 2]).await.assert_leads_to("/");
    browser.assert_signed_in(true).await;
    let page = browser.get(&format!("/invitation?token={token}")).await;
    assert_eq!((page.status, page.texts("h1")), (StatusCode::FORBIDDEN, vec!["This link is void".to_owned()]));
    site.browser().sign_in("ben", NEW).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_guess_gets_the_same_page_whatever_it_looks_like() {
    let site = Site::with_account().await;
    let token = invite(&site, "ben").await;
    for wrong in ["", "x", &"0".repeat(64), &token[1..], &token.to_uppercase()] {
        let page = site.browser().get(&format!("/invitation?token={wrong}")).await;
        assert_eq!((page.status, page.texts("h1")), (StatusCode::FORBIDDEN, vec!["This link is void".to_owned()]));
    }
}

#[tokio::test]
async fn a_session_that_the_browser_had_before_ends() {
    let site = Site::with_account().await;
    let token = invite(&site, "ben").await;
    let mut browser = site.signed_in().await;
    let before = browser.token();
    choose(&mut browser, &token, [NEW; 2]).await.assert_leads_to("/");
    assert_ne!(browser.token(), before);
    site.thief(&before).assert_signed_in(false).await;
}
