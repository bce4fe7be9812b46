//! Which line decides a packet.

use axum::http::StatusCode;

use super::{
    browser::Site,
    review::{guarded_site, stage, turn_on},
};

#[tokio::test]
async fn with_the_firewall_off_everything_passes_and_the_page_says_so() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    let reply = browser.get("/explain?from=198.51.100.7&to=443").await;
    assert_eq!(reply.status, StatusCode::OK);
    let answer = reply.texts(".answer").concat();
    assert!(answer.starts_with("198.51.100.7 can reach 443/tcp on this host."), "{answer}");
    assert!(answer.contains("isn’t turned on"), "{answer}");
}

#[tokio::test]
async fn a_wrong_question_is_answered_beside_its_fields_and_kept() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let reply = browser.get("/explain?from=198.51.100.0/24&to=%3Cb%3E&dir=out").await;
    reply.assert_problem("from", "Give one address");
    reply.assert_problem("to", "ssh");
    assert_eq!(reply.attribute("#from", "value").as_deref(), Some("198.51.100.0/24"));
    assert_eq!(reply.attribute("#to", "value").as_deref(), Some("<b>"));
    assert_eq!(reply.attribute("#dir option[selected]", "value").as_deref(), Some("out"));
}

#[tokio::test]
async fn the_ruleset_in_force_is_asked_and_a_draft_that_decides_otherwise() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let reply = browser.get("/explain?from=198.51.100.7&to=8080").await;
    let answer = reply.texts(".answer").concat();
    assert!(answer.starts_with("198.51.100.7 can't reach 8080/tcp on this host."), "{answer}");
    assert_eq!(reply.texts(".way h2"), ["Revision 1, in force"]);
    assert!(reply.texts(".stop.deny").concat().contains("Everything else"), "{}", reply.body);
    let rule = reply.texts(".stop.passed").into_iter().find(|stop| stop.contains("Rule 1")).expect("the first rule");
    assert!(rule.contains("it is about portreeve (8470/tcp) or ssh (22/tcp)"), "{rule}");
    stage(&site, &browser, r#""action":"allow","direction":"in","to":["8080/tcp"]"#).await;
    let reply = browser.get("/explain?from=198.51.100.7&to=8080").await;
    assert_eq!(reply.texts(".way h2"), ["Revision 1, in force", "With your 1 staged change"]);
    assert!(reply.texts(".way .verdict").concat().starts_with("198.51.100.7 can reach 8080/tcp"), "{}", reply.body);
    let reply = browser.get("/explain?from=198.51.100.7&to=ssh").await;
    assert!(reply.texts("main").concat().contains("Your staged changes make no difference to this."));
}
