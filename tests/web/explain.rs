//! Which line decides a packet.

use axum::http::StatusCode;

use super::browser::Site;

#[tokio::test]
async fn with_the_firewall_off_everything_passes_and_the_page_says_so() {
    let site = Site::with_account().await;
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
