//! One's own account.

use axum::http::StatusCode;

use super::browser::{Browser, Reply, Site};
use crate::actions::panel::{NAME, PASSWORD};

const NEW: &str = "nine copper herons";

async fn change(browser: &mut Browser<'_>, current: &str, new: &str, repeat: &str) -> Reply {
    let fields = [("current", current), ("new", new), ("repeat", repeat)];
    browser.submit("/account", "/account/password", &fields).await
}

#[tokio::test]
async fn a_changed_password_renews_this_session_and_ends_the_others() {
    let site = Site::with_account().await;
    let (mut browser, mut other) = (site.signed_in().await, site.signed_in().await);
    let before = browser.token();
    change(&mut browser, PASSWORD, NEW, NEW).await.assert_leads_to("/account");
    browser.assert_signed_in(true).await;
    site.thief(&before).assert_signed_in(false).await;
    other.assert_signed_in(false).await;
    assert_eq!(site.browser().sign_in(NAME, PASSWORD).await.status, StatusCode::FORBIDDEN);
    site.browser().sign_in(NAME, NEW).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_password_that_stays_says_why_at_its_field() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    change(&mut browser, "wrong", NEW, NEW).await.assert_problem("current", "wrong");
    change(&mut browser, PASSWORD, "short", "short").await.assert_problem("new", "12 characters");
    change(&mut browser, PASSWORD, NEW, "other").await.assert_problem("repeat", "differ");
    browser.assert_signed_in(true).await;
}

#[tokio::test]
async fn colours_are_chosen_for_all_pages() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    for theme in ["dark", "light", "system"] {
        browser.submit("/account", "/account/theme", &[("theme", theme)]).await.assert_leads_to("/account");
        assert_eq!(browser.get("/nothing").await.attribute("html", "data-theme").as_deref(), Some(theme));
    }
    let reply = browser.submit("/account", "/account/theme", &[("theme", "\"><script>")]).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}

async fn sessions(browser: &mut Browser<'_>) -> usize {
    browser.get("/account").await.texts("tbody tr").len()
}

#[tokio::test]
async fn own_sessions_are_listed_and_one_or_all_others_ended() {
    let site = Site::with_account().await;
    let mut others = [site.signed_in().await, site.signed_in().await, site.signed_in().await];
    let mut browser = site.signed_in().await;
    let before = sessions(&mut browser).await;
    let id = browser.get("/account").await.attribute("input[name=session]", "value").unwrap();
    browser.submit("/account", "/account/sessions/end", &[("session", &id)]).await.assert_leads_to("/account");
    assert_eq!(sessions(&mut browser).await, before - 1);
    browser.submit("/account", "/account/sessions/end-others", &[]).await.assert_leads_to("/account");
    assert_eq!(sessions(&mut browser).await, 1);
    for other in &mut others {
        other.assert_signed_in(false).await;
    }
}

#[tokio::test]
async fn a_session_of_somebody_else_is_neither_seen_nor_ended() {
    let site = Site::with_account().await;
    let (mut browser, mut victim) = (site.signed_in().await, site.signed_in().await);
    let mut connection = site.panel.connection().await;
    let eve =
        "insert into user select 77, 'eve', password_hash, 'viewer', theme, created_at, password_changed_at, null, 0
               from user";
    sqlx::query(eve).execute(&mut connection).await.unwrap();
    let newest: i64 = sqlx::query_scalar("select max(id) from session").fetch_one(&mut connection).await.unwrap();
    sqlx::query("update session set user_id = 77 where id = ?").bind(newest).execute(&mut connection).await.unwrap();
    let id = newest.to_string();
    browser.submit("/account", "/account/sessions/end", &[("session", &id)]).await.assert_leads_to("/account");
    victim.assert_signed_in(true).await;
    assert_eq!(sessions(&mut victim).await, 1);
}
