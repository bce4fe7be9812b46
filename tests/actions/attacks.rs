//! Strangers at the door: what they can't do to the administrator, the disk or the server.

use std::time::{Duration, Instant};

use portreeve::{
    actions::{SignInAttempt, SignInError},
    store::AddressPrefix,
};
use tokio::{task::JoinSet, time::timeout};

use super::panel::{HOME, NAME, PASSWORD, Panel, origin};

#[tokio::test]
async fn an_attack_on_an_account_never_delays_its_user_at_home() {
    let (panel, _) = Panel::with_account().await;
    for number in 0..30 {
        panel.fail(NAME, &format!("203.0.113.{number}")).await;
    }
    assert!(matches!(panel.fail(NAME, HOME).await, SignInError::Wrong));
    panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
}

#[tokio::test]
async fn an_administrator_at_a_new_address_gets_through_an_attack() {
    let (panel, _) = Panel::with_account().await;
    for number in 0..30 {
        panel.fail(NAME, &format!("203.0.113.{number}")).await;
    }
    assert!(matches!(panel.fail(NAME, "198.51.100.7").await, SignInError::Wrong));
    let soon = panel.sign_in(NAME, PASSWORD, "198.51.100.7").await;
    assert!(matches!(soon, Err(SignInError::Wait { seconds: 60 })));
    panel.pass(60);
    panel.sign_in(NAME, PASSWORD, "198.51.100.7").await.unwrap();
}

#[tokio::test]
async fn an_address_is_known_for_thirty_days_after_a_sign_in() {
    let (panel, _) = Panel::with_account().await;
    panel.pass(30 * 24 * 3600 - 1);
    for _ in 0..4 {
        assert!(matches!(panel.fail(NAME, HOME).await, SignInError::Wrong));
    }
    panel.pass(24 * 3600);
    for _ in 0..3 {
        assert!(matches!(panel.fail(NAME, HOME).await, SignInError::Wrong));
    }
    assert!(matches!(panel.fail(NAME, HOME).await, SignInError::Wait { .. }));
}

#[tokio::test]
async fn seats_are_kept_for_the_addresses_known_for_thirty_days() {
    let (panel, _) = Panel::with_account().await;
    panel.fail(NAME, "203.0.113.9").await;
    panel.sign_in(NAME, PASSWORD, "2001:db8::7").await.unwrap();
    let known = async || panel.actions.known_addresses().await.unwrap();
    let mut homes = [HOME, "2001:db8::"].map(|address| AddressPrefix::of(address.parse().unwrap()));
    homes.sort_unstable();
    let mut found = known().await;
    found.sort_unstable();
    assert_eq!(found, homes);
    panel.pass(30 * 24 * 3600);
    assert!(known().await.is_empty());
}

#[tokio::test]
async fn hanging_up_does_not_save_a_failure_from_being_counted_and_written_down() {
    let (panel, _) = Panel::with_account().await;
    let address = "203.0.113.9";
    let before = panel.audit().await.len();
    for number in 1..=3 {
        panel.pass(60);
        let (actions, from) = (panel.actions.clone(), origin(address));
        let request = tokio::spawn(async move {
            let attempt = SignInAttempt { name: NAME, password: "not the password" };
            actions.sign_in(attempt, &from).await.map(|_| ())
        });
        tokio::task::yield_now().await;
        request.abort();
        assert!(request.await.is_err_and(|error| error.is_cancelled()));
        let written = async {
            while panel.audit().await.len() < before + number {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(30), written).await.expect("the guess is written down");
    }
    assert!(matches!(panel.fail(NAME, address).await, SignInError::Wait { seconds: 2 }));
}

#[tokio::test]
async fn hanging_up_on_a_change_of_password_neither_hides_the_guess_nor_locks_the_door() {
    let (panel, session) = Panel::with_account().await;
    let (home, new) = (origin(HOME), "brass heron 4 kites");
    let mut change = Box::pin(panel.actions.change_password(&session.signed_in, "not the password", new, &home));
    assert!(timeout(Duration::ZERO, &mut change).await.is_err(), "it was over before it could be cut off");
    drop(change);
    let written = async {
        while !panel.audit().await.iter().any(|row| row.contains("change_password")) {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), written).await.expect("the guess is written down");
    panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_strangers_fills_its_own_lane_and_no_more() {
    let (panel, _) = Panel::with_account().await;
    let mut crowd = JoinSet::new();
    for number in 0..200_u8 {
        let actions = panel.actions.clone();
        crowd.spawn(async move {
            let attempt = SignInAttempt { name: NAME, password: "not the password" };
            actions.sign_in(attempt, &origin(&format!("203.0.113.{number}"))).await.map(|_| ())
        });
    }
    panel.sign_in(NAME, PASSWORD, HOME).await.expect("the lane of known addresses is free");
    let answers = crowd.join_all().await;
    let busy = answers.iter().filter(|answer| matches!(answer, Err(SignInError::Busy))).count();
    let wrong = answers.iter().filter(|answer| matches!(answer, Err(SignInError::Wrong))).count();
    assert_eq!(busy + wrong, 200);
    assert!(busy > 0, "the queue has no end");
}

#[tokio::test]
async fn a_flood_of_failures_writes_few_rows_and_says_how_many_there_were() {
    let (panel, _) = Panel::with_account().await;
    let before = panel.audit().await.len();
    for _ in 0..500 {
        panel.fail(NAME, "203.0.113.9").await;
    }
    assert_eq!(panel.audit().await[before..], ["stranger 203.0.113.9 sign_in anna refused 1 attempt"]);
    panel.pass(60);
    panel.actions.forget_expired().await.unwrap();
    let rows = panel.audit().await;
    assert_eq!(rows[before + 1..], ["stranger 203.0.113.9 sign_in anna refused 499 more within a minute"]);
}

#[tokio::test]
async fn what_strangers_type_is_not_written_down() {
    let (panel, _) = Panel::with_account().await;
    for typed in [PASSWORD, "hunter2-hunter2", "<script>", "x\ny"] {
        panel.fail(typed, "203.0.113.9").await;
        panel.pass(3600);
    }
    panel.actions.forget_expired().await.unwrap();
    for row in panel.audit().await {
        for typed in [PASSWORD, "hunter2", "script", "x\ny"] {
            assert!(!row.contains(typed), "{row}");
        }
    }
}

/// Names are tried in turn, each from an address of its own, so that whatever else the machine does slows all alike; and
/// the middle one of each name's times is compared, so that a pause in one try doesn't count.
#[tokio::test]
async fn the_time_of_a_refusal_does_not_tell_who_has_an_account() {
    let (panel, _) = Panel::with_account().await;
    let names = [NAME, "nobody", "no such name!"];
    let mut times = [const { Vec::new() }; 3];
    for round in 0..15_u8 {
        for (times, (name, net)) in times.iter_mut().zip(names.into_iter().zip(["203.0.113", "198.51.100", "192.0.2"]))
        {
            let begun = Instant::now();
            assert!(matches!(panel.fail(name, &format!("{net}.{}", round + 100)).await, SignInError::Wrong));
            times.push(begun.elapsed());
        }
    }
    let middle = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    let (least, most) = (middle.iter().min().expect("three"), middle.iter().max().expect("three"));
    // Without the work of a hash where there is no account, the least would be a hundredth of the most.
    assert!(*most < *least * 2, "{middle:?}");
}
