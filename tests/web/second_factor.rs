//! The second factor on the pages: turning it on, signing in with it, and a role that needs it.

use axum::http::StatusCode;

use super::browser::{Browser, Reply, Site};
use crate::actions::{
    panel::{NAME, PASSWORD},
    second_factor::App,
};

const PATH: &str = "/account/second-factor";

/// Turns it on and gives the app and the recovery codes.
async fn turn_on(site: &Site, browser: &mut Browser<'_>) -> (App, Vec<String>) {
    let page = browser.get(PATH).await;
    let app = App::of(&page.texts("#secret").concat());
    let secret = page.attribute("input[name=secret]", "value").expect("a secret");
    let code = app.code(site.panel.actions.now());
    let fields = [("csrf", &*page.csrf()), ("secret", &secret), ("code", &code), ("password", PASSWORD)];
    let reply = browser.post("/account/second-factor/add", &fields).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    site.panel.pass(30);
    (app, reply.texts("#codes li"))
}

/// Types the password and gives the page that asks for the code.
async fn password(browser: &mut Browser<'_>) -> Reply {
    let csrf = browser.get("/sign-in?next=/ports").await.csrf();
    let fields = [("csrf", &*csrf), ("name", NAME), ("password", PASSWORD), ("next", "/ports")];
    let reply = browser.post("/sign-in", &fields).await;
    assert_eq!((reply.status, reply.texts("h1")), (StatusCode::OK, vec!["Second step".to_owned()]));
    reply
}

async fn code(browser: &mut Browser<'_>, page: &Reply, code: &str) -> Reply {
    let value = |name: &str| page.attribute(&format!("input[name={name}]"), "value").expect("a field");
    let (csrf, ticket, next) = (value("csrf"), value("ticket"), value("next"));
    let fields = [("csrf", &*csrf), ("ticket", &ticket), ("next", &next), ("code", code)];
    browser.post("/sign-in/code", &fields).await
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_password_and_leads_where_one_wanted_to() {
    let site = Site::with_account().await;
    let (app, codes) = turn_on(&site, &mut site.signed_in().await).await;
    assert_eq!(codes.len(), 10);
    let mut browser = site.browser();
    let page = password(&mut browser).await;
    browser.assert_signed_in(false).await;
    let again = code(&mut browser, &page, &app.wrong(site.panel.actions.now())).await;
    again.assert_problem("code", "wrong");
    code(&mut browser, &again, &app.code(site.panel.actions.now())).await.assert_leads_to("/ports");
    browser.assert_signed_in(true).await;
    let mut other = site.browser();
    let page = password(&mut other).await;
    code(&mut other, &page, &codes[3]).await.assert_leads_to("/ports");
}

#[tokio::test]
async fn a_ticket_is_worthless_in_another_browser_at_another_address() {
    let site = Site::with_account().await;
    let (app, _) = turn_on(&site, &mut site.signed_in().await).await;
    let mut browser = site.browser();
    let page = password(&mut browser).await;
    let ticket = page.attribute("input[name=ticket]", "value").expect("a field");
    let mut thief = site.browser();
    thief.address = [203, 0, 113, 9].into();
    let csrf = thief.get("/sign-in").await.csrf();
    let now = app.code(site.panel.actions.now());
    let fields = [("csrf", &*csrf), ("ticket", &ticket), ("code", &now)];
    thief.post("/sign-in/code", &fields).await.assert_problem("code", "Sign in again");
    thief.assert_signed_in(false).await;
}

#[tokio::test]
async fn the_picture_holds_the_secret_and_nothing_is_drawn_from_elsewhere() {
    let site = Site::with_account().await;
    let page = site.signed_in().await.get(PATH).await;
    let shown = page.attribute("svg.qr", "viewbox").or_else(|| page.attribute("svg.qr", "viewBox"));
    let modules: usize =
        shown.expect("a picture").split(' ').next_back().and_then(|side| side.parse().ok()).expect("a size");
    assert!(modules > 40, "{modules}");
    assert!(page.attribute("svg.qr path", "d").expect("a path").starts_with('M'));
    let other = site.signed_in().await.get(PATH).await;
    assert_ne!(page.texts("#secret"), other.texts("#secret"), "each look makes a new one");
}

#[tokio::test]
async fn whoever_needs_one_is_led_to_it_and_let_nowhere_else() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    let fields = [("administrator", "yes")];
    anna.submit("/settings/sign-in", "/settings/sign-in", &fields).await.assert_leads_to("/settings/sign-in");
    for path in ["/ports", "/settings/users", "/history", "/blocked"] {
        anna.get(path).await.assert_leads_to(PATH);
    }
    let csrf = anna.get("/account").await.csrf();
    let reply = anna.post("/settings/users/add", &[("csrf", &*csrf), ("name", "eve"), ("role", "viewer")]).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    turn_on(&site, &mut anna).await;
    assert_eq!(anna.get("/ports").await.status, StatusCode::OK);
    let page = anna.get(PATH).await;
    assert!(page.body.contains("can’t be removed") && page.texts(".danger").is_empty());
}

#[tokio::test]
async fn a_wrong_password_or_code_says_so_at_its_field_and_keeps_the_secret() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    let page = anna.get(PATH).await;
    let secret = page.attribute("input[name=secret]", "value").expect("a secret");
    let code = App::of(&secret).code(site.panel.actions.now());
    let fields = [("csrf", &*page.csrf()), ("secret", &secret), ("code", &code), ("password", "wrong")];
    let reply = anna.post("/account/second-factor/add", &fields).await;
    reply.assert_problem("password", "wrong");
    assert_eq!(reply.attribute("input[name=secret]", "value"), Some(secret));
    let fields = [("csrf", &*page.csrf()), ("secret", "<b>hostile</b>"), ("code", &code), ("password", PASSWORD)];
    let reply = anna.post("/account/second-factor/add", &fields).await;
    assert!(reply.status == StatusCode::UNPROCESSABLE_ENTITY && !reply.body.contains("hostile"), "{}", reply.body);
}
