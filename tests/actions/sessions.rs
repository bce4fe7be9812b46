//! How long a session lives.

use portreeve::actions::NewSession;

use super::panel::{HOME, NAME, PASSWORD, Panel, origin};

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

#[tokio::test]
async fn a_user_sees_and_ends_his_own_sessions_and_no_others() {
    let (panel, anna) = Panel::with_account().await;
    let (second, third) =
        (panel.sign_in(NAME, PASSWORD, HOME).await.unwrap(), panel.sign_in(NAME, PASSWORD, HOME).await.unwrap());
    sqlx::query("insert into user values (2, 'ben', '$argon2id$x', 'viewer', 'dark', 1, 1, null, 0)")
        .execute(&mut panel.connection().await)
        .await
        .unwrap();
    panel.actions.reset_password("ben", PASSWORD, 0).await.unwrap();
    let ben = panel.sign_in("ben", PASSWORD, HOME).await.unwrap();

    let sessions = panel.actions.list_sessions(&anna.signed_in).await.unwrap();
    assert_eq!(sessions.len(), 3);
    let of_ben = panel.actions.list_sessions(&ben.signed_in).await.unwrap()[0].id;
    panel.actions.end_session(&anna.signed_in, of_ben, &origin(HOME)).await.unwrap();
    assert!(lives(&panel, &ben).await);

    let of_second = sessions.iter().find(|session| second.signed_in.is_by(session.id)).unwrap().id;
    panel.actions.end_session(&anna.signed_in, of_second, &origin(HOME)).await.unwrap();
    assert!(!lives(&panel, &second).await && lives(&panel, &third).await);
    panel.actions.end_other_sessions(&anna.signed_in, &origin(HOME)).await.unwrap();
    assert!(!lives(&panel, &third).await && lives(&panel, &anna).await && lives(&panel, &ben).await);
}
