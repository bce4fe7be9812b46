//! Signing in.

use axum::http::StatusCode;

use super::browser::{Reply, SESSION, Site};
use crate::actions::panel::{NAME, PASSWORD};

#[tokio::test]
async fn the_right_password_opens_a_session_and_leads_on() {
    let site = Site::with_account().await;
    let mut browser = site.browser();
    browser.sign_in(NAME, PASSWORD).await.assert_leads_to("/");
    browser.assert_signed_in(true).await;
    browser.get("/sign-in?next=/account").await.assert_leads_to("/account");
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_get_the_same_answer() {
    let site = Site::with_account().await;
    let mut answers = Vec::new();
    for (name, password) in [(NAME, "wrong"), ("nobody", PASSWORD), ("<b>", "x"), ("", "")] {
        let mut browser = site.browser();
        browser.address = format!("203.0.113.{}", answers.len()).parse().unwrap();
        let reply = browser.sign_in(name, password).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN);
        reply.assert_problem("name", "The name or the password is wrong.");
        assert_eq!(reply.attribute("#name", "value").as_deref(), Some(name), "the name is kept");
        assert_eq!(reply.attribute("#password", "value").unwrap_or_default(), "", "the password is not");
        assert!(!browser.cookies.contains_key(SESSION));
        answers.push(reply.texts("main"));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

#[tokio::test]
async fn too_many_attempts_have_to_wait_and_are_told_how_long() {
    let site = Site::with_account().await;
    let mut browser = site.browser();
    for _ in 0..20 {
        let reply = browser.sign_in(NAME, "wrong").await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            let seconds: u32 = reply.header("retry-after").parse().unwrap();
            reply.assert_problem("name", &format!("Wait {seconds} s"));
            return;
        }
    }
    panic!("nobody was asked to wait");
}

#[tokio::test]
async fn next_leads_only_to_our_own_pages() {
    let site = Site::with_account().await;
    let cases = [
        ("/account", "/account"),
        ("/ports?q=ssh&sort=port", "/ports?q=ssh&sort=port"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ];
    for (next, expected) in cases {
        let fields = [("name", NAME), ("password", PASSWORD), ("next", next)];
        site.browser().submit("/sign-in", "/sign-in", &fields).await.assert_leads_to(expected);
    }
}

#[tokio::test]
async fn next_survives_the_page_and_a_failure() {
    let site = Site::with_account().await;
    let mut browser = site.browser();
    let next = |reply: &Reply| reply.attribute("input[name=next]", "value").unwrap();
    assert_eq!(next(&browser.get("/sign-in?next=%2Fports%3Fq%3D1").await), "/ports?q=1");
    let fields = [("name", NAME), ("password", "wrong"), ("next", "/ports?q=1")];
    assert_eq!(next(&browser.submit("/sign-in", "/sign-in", &fields).await), "/ports?q=1");
    for hostile in ["//evil.example", "%2f%5cevil.example", "%ff%00", "/a&next=/b", "/x%0d%0aSet-Cookie:a=b"] {
        assert_eq!(next(&browser.get(&format!("/sign-in?next={hostile}")).await), "/", "{hostile}");
    }
}

#[tokio::test]
async fn a_token_planted_before_is_not_taken_over() {
    let site = Site::with_account().await;
    let planted = "ab".repeat(32);
    let mut browser = site.thief(&planted);
    browser.sign_in(NAME, PASSWORD).await.assert_leads_to("/");
    assert_ne!(browser.token(), planted);
    site.thief(&planted).assert_signed_in(false).await;
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let before = browser.token();
    let fields = [("name", NAME), ("password", PASSWORD)];
    browser.submit("/account", "/sign-in", &fields).await.assert_leads_to("/");
    site.thief(&before).assert_signed_in(false).await;
    browser.assert_signed_in(true).await;
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_without_use() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    for (minutes, is_alive) in [(29, true), (29, true), (31, false)] {
        site.panel.pass(minutes * 60);
        browser.assert_signed_in(is_alive).await;
    }
}

#[tokio::test]
async fn without_an_account_there_is_nothing_to_sign_in_to() {
    Site::fresh().await.browser().get("/sign-in").await.assert_leads_to("/setup");
}
