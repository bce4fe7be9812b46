//! How long a session lives.

use portreeve::actions::NewSession;

use super::panel::{HOME, NAME, PASSWORD, Panel};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

async fn lives(panel: &Panel, session: &NewSession) -> bool {
    panel.actions.find_session(&session.token).await.expect("a database").is_some()
}

#[tokio::test]
async fn a_session_ends_half_an_hour_after_its_last_use() {
    let (panel, session) = Panel::with_account().await;
    panel.pass(29 * MINUTE);
    assert!(lives(&panel, &session).await);
    panel.pass(29 * MINUTE);
    assert!(lives(&panel, &session).await);
    panel.pass(30 * MINUTE);
    assert!(!lives(&panel, &session).await);
}

#[tokio::test]
async fn a_session_in_constant_use_ends_after_twelve_hours() {
    let (panel, session) = Panel::with_account().await;
    for _ in 0..(12 * HOUR - MINUTE) / (20 * MINUTE) {
        panel.pass(20 * MINUTE);
        assert!(lives(&panel, &session).await);
    }
    panel.pass(19 * MINUTE);
    assert!(lives(&panel, &session).await);
    panel.pass(MINUTE);
    assert!(!lives(&panel, &session).await);
}

#[tokio::test]
async fn a_use_is_noted_once_a_minute() {
    let (panel, session) = Panel::with_account().await;
    let seen = async || {
        let seen: i64 = sqlx::query_scalar("select last_seen_at from session")
            .fetch_one(&mut panel.connection().await)
            .await
            .unwrap();
        seen
    };
    let start = seen().await;
    panel.pass(59);
    assert!(lives(&panel, &session).await);
    assert_eq!(seen().await, start);
    panel.pass(1);
    assert!(lives(&panel, &session).await);
    assert_eq!(seen().await, start + 60_000);
}

#[tokio::test]
async fn a_clock_set_far_back_ends_sessions_and_a_small_step_does_not() {
    let (panel, session) = Panel::with_account().await;
    panel.pass(-5 * MINUTE);
    assert!(lives(&panel, &session).await);
    panel.pass(-MINUTE);
    assert!(!lives(&panel, &session).await);
}

#[tokio::test]
async fn the_fifty_first_session_ends_the_oldest() {
    let (panel, oldest) = Panel::with_account().await;
    let second = panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
    for _ in 0..48 {
        panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
    }
    assert!(lives(&panel, &oldest).await);
    panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
    assert!(!lives(&panel, &oldest).await);
    assert!(lives(&panel, &second).await);
}

#[tokio::test]
async fn what_is_over_is_forgotten() {
    let (panel, session) = Panel::with_account().await;
    let count = async |table| {
        let count: i64 = match table {
            "session" => sqlx::query_scalar("select count(*) from session"),
            _ => sqlx::query_scalar("select count(*) from known_address"),
        }
        .fetch_one(&mut panel.connection().await)
        .await
        .unwrap();
        count
    };
    panel.pass(29 * MINUTE);
    panel.actions.forget_expired().await.unwrap();
    assert!(lives(&panel, &session).await);
    panel.pass(30 * MINUTE);
    panel.actions.forget_expired().await.unwrap();
    assert_eq!((count("session").await, count("known_address").await), (0, 1));
    panel.pass(30 * 24 * HOUR);
    panel.actions.forget_expired().await.unwrap();
    assert_eq!(count("known_address").await, 0);
}
