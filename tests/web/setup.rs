//! Making the first account.

use axum::http::StatusCode;

use super::browser::{Browser, Reply, Site};
use crate::actions::panel::PASSWORD;

async fn set_up(browser: &mut Browser<'_>, token: &str, name: &str, passwords: [&str; 2]) -> Reply {
    let fields = [("token", token), ("name", name), ("password", passwords[0]), ("repeat", passwords[1])];
    browser.submit(&format!("/setup?token={token}"), "/setup", &fields).await
}

#[tokio::test]
async fn the_link_makes_one_account_and_signs_it_in() {
    let site = Site::fresh().await;
    let token = site.panel.setup_token().await;
    let (mut browser, mut late) = (site.browser(), site.browser());
    let csrf = late.get("/setup").await.csrf();
    set_up(&mut browser, &token, "anna", [PASSWORD; 2]).await.assert_leads_to("/");
    browser.assert_signed_in(true).await;
    browser.get("/setup").await.assert_leads_to("/sign-in");
    let fields = [("csrf", &*csrf), ("token", &*token), ("name", "eve"), ("password", PASSWORD), ("repeat", PASSWORD)];
    late.post("/setup", &fields).await.assert_leads_to("/sign-in");
    late.sign_in("eve", PASSWORD).await.assert_problem("name", "wrong");
}

#[tokio::test]
async fn the_link_fills_in_the_token_and_without_it_the_token_can_be_typed() {
    let site = Site::fresh().await;
    let token = site.panel.setup_token().await;
    let page = site.browser().get(&format!("/setup?token={token}")).await;
    assert_eq!(page.attribute("input[name=token]", "value").as_deref(), Some(token.as_str()));
    let page = site.browser().get("/setup").await;
    assert_eq!(page.attribute("input[name=token]", "type").as_deref(), Some("text"));
}

#[tokio::test]
async fn nobody_becomes_owner_without_the_token() {
    let site = Site::fresh().await;
    let token = site.panel.setup_token().await;
    for wrong in ["", "x", &"0".repeat(64), &token[..63], &token.to_uppercase()] {
        let reply = set_up(&mut site.browser(), wrong, "eve", [PASSWORD; 2]).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        reply.assert_problem("token", "not valid");
        assert_eq!(reply.attribute("#name", "value").as_deref(), Some("eve"));
    }
    site.browser().get("/").await.assert_leads_to("/setup");
}

#[tokio::test]
async fn each_problem_is_told_next_to_its_field_and_no_password_is_kept() {
    let site = Site::fresh().await;
    let token = site.panel.setup_token().await;
    let mut browser = site.browser();
    let reply = set_up(&mut browser, &token, "<b>", ["brief"; 2]).await;
    reply.assert_problem("name", "letters from A to Z");
    reply.assert_problem("password", "12 characters");
    assert!(!reply.body.contains("brief") && !reply.body.contains("<b>\""), "{}", reply.body);
    set_up(&mut browser, &token, "anna", [PASSWORD, "other"]).await.assert_problem("repeat", "differ");
    set_up(&mut browser, &token, "anna", [PASSWORD; 2]).await.assert_leads_to("/");
}
