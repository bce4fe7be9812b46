//! The first account, sign-in, sign-out and passwords.

use portreeve::{
    actions::{ChangePasswordError, FirstAccount, FirstAccountError, PasswordProblem, SessionToken, SignInError},
    store::{NameProblem, Role, Theme},
};

use super::panel::{HOME, NAME, PASSWORD, Panel, origin};

#[tokio::test]
async fn the_setup_token_makes_one_administrator_who_is_signed_in() {
    let panel = Panel::new().await;
    assert!(panel.actions.needs_setup().await.unwrap());
    let token = panel.setup_token().await;
    let account = FirstAccount { setup_token: &token, name: NAME, password: PASSWORD };
    let session = panel.actions.create_first_account(account, &origin(HOME)).await.unwrap();
    assert_eq!(session.signed_in.user.role, Role::Administrator);
    assert!(!panel.actions.needs_setup().await.unwrap());
    let found = panel.actions.find_session(&session.token).await.unwrap().expect("the session lives");
    assert_eq!(found.user.name.as_str(), NAME);
    let again = panel.actions.create_first_account(account, &origin(HOME)).await;
    assert!(matches!(again, Err(FirstAccountError::Token)));
}

#[tokio::test]
async fn without_the_token_nobody_becomes_owner() {
    let panel = Panel::new().await;
    let stranger = origin("203.0.113.9");
    let guess = "0".repeat(64);
    let account = |setup_token| FirstAccount { setup_token, name: NAME, password: PASSWORD };
    assert!(matches!(
        panel.actions.create_first_account(account(&guess), &stranger).await,
        Err(FirstAccountError::Token)
    ));
    let old = panel.setup_token().await;
    let new = panel.setup_token().await;
    for wrong in ["", "x", &guess, &old, &new[1..]] {
        let result = panel.actions.create_first_account(account(wrong), &stranger).await;
        assert!(matches!(result, Err(FirstAccountError::Token)), "{wrong:?}");
    }
    assert!(panel.actions.needs_setup().await.unwrap());
    panel.actions.create_first_account(account(&new), &stranger).await.unwrap();
}

#[tokio::test]
async fn both_fields_are_judged_at_once_and_the_token_stays_good() {
    let panel = Panel::new().await;
    let token = panel.setup_token().await;
    let account = FirstAccount { setup_token: &token, name: "9", password: "short" };
    let Err(FirstAccountError::Fields { name, password }) =
        panel.actions.create_first_account(account, &origin(HOME)).await
    else {
        panic!("the fields are wrong");
    };
    assert_eq!(name, Some(NameProblem::NoLetterFirst));
    assert_eq!(password, Some(PasswordProblem::TooShort));
    let account = FirstAccount { setup_token: &token, name: NAME, password: PASSWORD };
    panel.actions.create_first_account(account, &origin(HOME)).await.unwrap();
}

#[tokio::test]
async fn of_two_who_use_the_token_at_once_exactly_one_wins() {
    let panel = Panel::new().await;
    let token = panel.setup_token().await;
    let make = async |name| {
        let account = FirstAccount { setup_token: &token, name, password: PASSWORD };
        panel.actions.create_first_account(account, &origin(HOME)).await
    };
    let (one, other) = tokio::join!(make("anna"), make("ben"));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|won| **won).count(), 1);
    let loser = if one.is_ok() { other } else { one };
    assert!(matches!(loser, Err(FirstAccountError::Token)));
}

#[tokio::test]
async fn there_is_no_setup_token_once_there_is_an_account() {
    let (panel, _) = Panel::with_account().await;
    assert!(panel.actions.issue_setup_token(portreeve::store::Actor::System).await.unwrap().is_none());
}

#[tokio::test]
async fn a_name_signs_in_in_any_case_and_each_sign_in_has_its_own_token() {
    let (panel, first) = Panel::with_account().await;
    let second = panel.sign_in("ANNA", PASSWORD, HOME).await.unwrap();
    assert_ne!(first.token.expose(), second.token.expose());
    assert_eq!(second.signed_in.user.name.as_str(), NAME);
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_get_the_same_answer() {
    let (panel, _) = Panel::with_account().await;
    for name in [NAME, "nobody", "", "no such name!", "anna\0"] {
        let address = format!("198.51.100.{}", name.len());
        for answer in ["wrong", "wrong", "wrong", "wait 2"] {
            let given = match panel.fail(name, &address).await {
                SignInError::Wrong => "wrong".to_owned(),
                SignInError::Wait { seconds } => format!("wait {seconds}"),
                other => format!("{other:?}"),
            };
            assert_eq!(given, answer, "{name:?}");
        }
    }
}

#[tokio::test]
async fn a_sign_out_ends_the_session_on_the_server() {
    let (panel, session) = Panel::with_account().await;
    panel.actions.sign_out(&session.signed_in, &origin(HOME)).await.unwrap();
    assert!(panel.actions.find_session(&session.token).await.unwrap().is_none());
    panel.actions.sign_out(&session.signed_in, &origin(HOME)).await.unwrap();
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_rotates_this_one() {
    let (panel, first) = Panel::with_account().await;
    let other = panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
    let new = "brass heron 4 kites";
    let changed = panel.actions.change_password(&first.signed_in, PASSWORD, new, &origin(HOME)).await.unwrap();
    for ended in [&first.token, &other.token] {
        assert!(panel.actions.find_session(ended).await.unwrap().is_none());
    }
    assert!(panel.actions.find_session(&changed.token).await.unwrap().is_some());
    assert!(matches!(panel.sign_in(NAME, PASSWORD, HOME).await, Err(SignInError::Wrong)));
    panel.sign_in(NAME, new, HOME).await.unwrap();
    let stale = panel.actions.change_password(&first.signed_in, new, "copper goose 7 doors", &origin(HOME)).await;
    assert!(matches!(stale, Err(ChangePasswordError::SessionEnded)));
}

#[tokio::test]
async fn a_borrowed_session_can_not_guess_the_password() {
    let (panel, session) = Panel::with_account().await;
    let guess = async |current| {
        let new = "brass heron 4 kites";
        panel.actions.change_password(&session.signed_in, current, new, &origin(HOME)).await.map(|_| ())
    };
    for _ in 0..5 {
        assert!(matches!(guess("not the password").await, Err(ChangePasswordError::WrongCurrent)));
    }
    let refused = "user anna change_password anna refused the current password was wrong";
    assert_eq!(panel.audit().await.iter().filter(|row| *row == refused).count(), 5);
    assert!(matches!(guess(PASSWORD).await, Err(ChangePasswordError::Wait { seconds: 2 })));
    panel.pass(2);
    let same = panel.actions.change_password(&session.signed_in, PASSWORD, PASSWORD, &origin(HOME)).await;
    assert!(matches!(same, Err(ChangePasswordError::New(PasswordProblem::Unchanged))));
    guess(PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_theme_is_kept() {
    let (panel, session) = Panel::with_account().await;
    panel.actions.set_theme(&session.signed_in, Theme::Dark, &origin(HOME)).await.unwrap();
    let found = panel.actions.find_session(&session.token).await.unwrap().unwrap();
    assert_eq!(found.user.theme, Theme::Dark);
}

#[tokio::test]
async fn a_token_nobody_issued_opens_nothing() {
    let (panel, _) = Panel::with_account().await;
    let guess = SessionToken::parse(&"0".repeat(64)).unwrap();
    assert!(panel.actions.find_session(&guess).await.unwrap().is_none());
}

#[tokio::test]
async fn each_act_is_in_the_audit_log() {
    let (panel, session) = Panel::with_account().await;
    panel.fail(NAME, "203.0.113.9").await;
    panel.fail("nobody", "203.0.113.9").await;
    panel.sign_in(NAME, PASSWORD, "2001:db8::7").await.unwrap();
    panel.actions.set_theme(&session.signed_in, Theme::Dark, &origin(HOME)).await.unwrap();
    let new = "brass heron 4 kites";
    let session = panel.actions.change_password(&session.signed_in, PASSWORD, new, &origin(HOME)).await.unwrap();
    panel.actions.sign_out(&session.signed_in, &origin(HOME)).await.unwrap();
    panel.actions.reset_password(NAME, PASSWORD, 0).await.unwrap();
    let expected = [
        "system - issue_setup_token first account done",
        "user anna create_first_account anna done with the setup link",
        "stranger 203.0.113.9 sign_in anna refused 1 attempt",
        "stranger 203.0.113.9 sign_in no such account refused 1 attempt",
        "user anna sign_in anna done from a new address",
        "user anna set_theme anna done",
        "user anna change_password anna done other sessions ended: 1",
        "user anna sign_out anna done",
        "console 0 reset_password anna done sessions ended: 0",
    ];
    assert_eq!(panel.audit().await, expected);
}

#[tokio::test]
async fn a_new_password_forgets_every_other_address() {
    let (panel, session) = Panel::with_account().await;
    panel.sign_in(NAME, PASSWORD, "203.0.113.9").await.unwrap();
    let addresses = async || {
        let prefixes: Vec<String> = sqlx::query_scalar("select prefix from known_address order by prefix")
            .fetch_all(&mut panel.connection().await)
            .await
            .unwrap();
        prefixes
    };
    assert_eq!(addresses().await, [HOME, "203.0.113.9"]);
    let new = "brass heron 4 kites";
    panel.actions.change_password(&session.signed_in, PASSWORD, new, &origin(HOME)).await.unwrap();
    assert_eq!(addresses().await, [HOME]);
    panel.actions.reset_password(NAME, PASSWORD, 0).await.unwrap();
    assert!(addresses().await.is_empty());
}
