//! Whether the panel is well.

use axum::http::StatusCode;

use super::browser::Site;

#[tokio::test]
async fn only_the_host_itself_is_told() {
    let site = Site::with_account().await;
    for (address, expected) in [
        ("127.0.0.1", StatusCode::OK),
        ("::1", StatusCode::OK),
        ("127.9.9.9", StatusCode::OK),
        ("198.51.100.7", StatusCode::NOT_FOUND),
        ("2001:db8::1", StatusCode::NOT_FOUND),
        ("169.254.1.1", StatusCode::NOT_FOUND),
    ] {
        let mut browser = site.browser();
        browser.address = address.parse().unwrap();
        assert_eq!(browser.get("/healthz").await.status, expected, "{address}");
    }
}

#[tokio::test]
async fn a_helper_that_does_not_answer_and_a_broken_database_are_told() {
    let site = Site::with_account().await;
    let mut browser = site.browser();
    browser.address = "127.0.0.1".parse().unwrap();
    assert_eq!(browser.get("/healthz").await.body, "ok\n");
    site.panel.actions.refresh_firewall().await;
    let reply = browser.get("/healthz").await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "the helper doesn't answer\n"));
    let mut connection = site.panel.connection().await;
    sqlx::query("alter table revision rename to lost").execute(&mut connection).await.unwrap();
    assert!(browser.get("/healthz").await.body.starts_with("the database can't be read\n"));
}
