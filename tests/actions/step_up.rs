//! Dangerous acts take a proof that is at most five minutes old.

use portreeve::{
    actions::{ConfirmError, FactorError, OpenPort, PeopleError, QuickError, SignedIn, UserChange},
    firewall::{Peer, Text, listener::Transport},
    store::Role,
};

use super::{
    panel::{HOME, PASSWORD, origin},
    rulesets::Stage,
};

/// Every act that takes one, called for real; whether it was refused for want of it.
async fn unproved(stage: &Stage, by: &SignedIn) -> Vec<(&'static str, bool)> {
    let (actions, home, own) = (&stage.panel.actions, &origin(HOME), by.user.id);
    let open = |who| OpenPort { port: 8080, transport: Transport::Tcp, who, seconds: None, note: Text::empty() };
    let people = |outcome: Result<(), PeopleError>| matches!(outcome, Err(PeopleError::Unproved));
    let somebody = vec![Peer::parse("198.51.100.7").expect("an address")];
    let promote = UserChange::Role(Role::Administrator);
    vec![
        ("new administrator", people(actions.add_user(by, "ben", Role::Administrator, home).await.map(drop))),
        ("promotion", people(actions.change_user(by, own, promote, home).await)),
        ("new password", people(actions.renew_password(by, own, home).await.map(drop))),
        ("factor of a role", people(actions.require_factor(by, &[], home).await)),
        ("factor of somebody", people(actions.remove_factor_of(by, own, home).await)),
        ("to the world", matches!(actions.open_port(by, open(Vec::new()), home).await, Err(QuickError::Unproved))),
        ("off", matches!(actions.turn_off(by, 1, home).await, Err(ConfirmError::Unproved))),
        ("a viewer", !people(actions.add_user(by, "carl", Role::Viewer, home).await.map(drop))),
        ("to one", !matches!(actions.open_port(by, open(somebody), home).await, Err(QuickError::Unproved))),
    ]
}

#[tokio::test]
async fn what_could_open_the_server_takes_a_young_proof() {
    let stage = Stage::set().await;
    stage.turn_on().await;
    stage.panel.pass(300);
    for (act, is_refused) in unproved(&stage, &stage.anna).await {
        assert!(is_refused, "{act}");
    }
}

#[tokio::test]
async fn a_proof_counts_for_five_minutes_and_for_one_session() {
    let stage = Stage::set().await;
    let actions = &stage.panel.actions;
    let mut other = stage.panel.sign_in("anna", PASSWORD, HOME).await.unwrap();
    stage.panel.pass(300);
    assert!(matches!(actions.step_up(&stage.anna, "wrong", &origin(HOME)).await, Err(FactorError::Password)));
    actions.step_up(&stage.anna, PASSWORD, &origin(HOME)).await.unwrap();
    let token = &other.token;
    other.signed_in = actions.find_session(token).await.unwrap().expect("it lives");
    assert!(!other.signed_in.is_fresh(actions.now()), "it was another session's proof");
    let proved: Vec<i64> = sqlx::query_scalar("select proved_at from session order by proved_at desc")
        .fetch_all(&mut stage.panel.connection().await)
        .await
        .unwrap();
    assert_eq!(proved[0], actions.now().as_millis());
    assert!(proved[1..].iter().all(|at| *at < proved[0]));
}

#[tokio::test]
async fn opening_to_everybody_by_the_rules_takes_one_and_closing_does_not() {
    let stage = Stage::set().await;
    stage.turn_on().await;
    stage.panel.pass(300);
    stage.add(r#""to":["http"]"#).await;
    let refused = stage.apply().await;
    assert!(matches!(refused, Err(portreeve::actions::ApplyError::Unproved)), "{refused:?}");
    stage.panel.actions.discard_draft(&stage.anna, &origin(HOME)).await.unwrap();
    stage.add(r#""who":["198.51.100.7"],"to":["http"]"#).await;
    stage.apply().await.expect("one address is not everybody");
}

#[tokio::test]
async fn guesses_at_a_proof_wait_like_those_at_the_door() {
    let stage = Stage::set().await;
    let guess = async || stage.panel.actions.step_up(&stage.anna, "wrong", &origin(HOME)).await;
    for _ in 0..5 {
        assert!(matches!(guess().await, Err(FactorError::Password)));
    }
    assert!(matches!(guess().await, Err(FactorError::Wait { seconds: 2 })));
}
