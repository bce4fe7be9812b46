//! The way through a proof to a dangerous act, without losing what was typed and without doing it by itself.

use axum::http::StatusCode;

use super::browser::{Browser, Reply, Site};
use crate::actions::panel::PASSWORD;

async fn ask_for_an_administrator(browser: &mut Browser<'_>) -> Reply {
    let fields = [("name", "ben"), ("role", "administrator")];
    browser.submit("/settings/users", "/settings/users/add", &fields).await
}

fn hidden(page: &Reply, form: &str) -> Vec<(String, String)> {
    let names = ["csrf", "to", "act-name", "act-role", "name", "role"];
    let value = |name: &&str| {
        let value = page.attribute(&format!("form[action='{form}'] input[type=hidden][name='{name}']"), "value")?;
        Some(((*name).to_owned(), value))
    };
    names.iter().filter_map(value).collect()
}

async fn send(browser: &mut Browser<'_>, page: &Reply, form: &str, more: &[(&str, &str)]) -> Reply {
    let fields = hidden(page, form);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(form, &[&fields, more].concat()).await
}

#[tokio::test]
async fn the_act_is_carried_through_the_proof_and_done_by_a_press_of_its_own() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    site.panel.pass(301);
    let asked = ask_for_an_administrator(&mut anna).await;
    assert_eq!((asked.status, asked.texts("h1")), (StatusCode::FORBIDDEN, vec!["Show that it is you".to_owned()]));
    let wrong = send(&mut anna, &asked, "/step-up", &[("proof", "wrong")]).await;
    wrong.assert_problem("proof", "wrong");
    let proved = send(&mut anna, &wrong, "/step-up", &[("proof", PASSWORD)]).await;
    assert_eq!((proved.status, proved.texts("h1")), (StatusCode::OK, vec!["Go on?".to_owned()]));
    assert!(!anna.get("/settings/users").await.body.contains("ben"), "nothing was done by itself");
    assert!(!proved.body.contains(PASSWORD));
    let done = send(&mut anna, &proved, "/settings/users/add", &[]).await;
    assert_eq!((done.status, done.texts("h1")), (StatusCode::OK, vec!["Link for ben".to_owned()]));
}

#[tokio::test]
async fn a_stolen_session_that_is_old_opens_nothing() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    site.panel.pass(301);
    let mut thief = site.thief(&anna.token());
    let asked = ask_for_an_administrator(&mut thief).await;
    for guess in ["", "password", "anna"] {
        let reply = send(&mut thief, &asked, "/step-up", &[("proof", guess)]).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{guess}");
    }
    assert_eq!(ask_for_an_administrator(&mut thief).await.status, StatusCode::FORBIDDEN);
    assert!(!anna.get("/settings/users").await.body.contains("ben"));
}

#[tokio::test]
async fn the_proof_leads_to_no_other_site() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    let csrf = anna.get("/account").await.csrf();
    for to in ["https://evil.example/", "//evil.example", "/\\evil.example", ""] {
        let reply = anna.post("/step-up", &[("csrf", &*csrf), ("to", to), ("proof", PASSWORD)]).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{to}");
    }
    let hostile = [("csrf", &*csrf), ("to", "/\"><script>"), ("act-\"><b>", "\"><i>"), ("proof", PASSWORD)];
    let reply = anna.post("/step-up", &hostile).await;
    assert!(!reply.body.contains("<script>") && !reply.body.contains("<i>"), "{}", reply.body);
}
