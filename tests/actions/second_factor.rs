//! Codes of an app, recovery codes, and what somebody who has the password can't do without them.

use portreeve::{
    actions::{CodeError, FactorError, NewSession, RecoveryCodes, Right, SignInError},
    firewall::Moment,
    store::{Role, UserName},
};
use ring::hmac;

use super::panel::{HOME, NAME, PASSWORD, Panel, origin};

const FAR: &str = "203.0.113.9";

/// An app that makes codes, written a second time from the standard.
#[derive(Clone)]
pub struct App(Vec<u8>);

impl App {
    pub fn of(secret: &str) -> Self {
        let digit = |c: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("a digit");
        let bits: Vec<String> = secret.chars().filter(|c| *c != ' ').map(|c| format!("{:05b}", digit(c))).collect();
        let bits = bits.concat();
        let byte = |at: usize| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits");
        Self((0..20).map(byte).collect())
    }

    pub fn code(&self, now: Moment) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let step = u64::try_from(now.as_millis() / 30_000).expect("after 1970");
        let tag = hmac::sign(&key, &step.to_be_bytes()).as_ref().to_vec();
        let at = usize::from(tag[19] & 15);
        let word = u32::from_be_bytes(tag[at..at + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }

    /// A code that is wrong at any time around now.
    pub fn wrong(&self, now: Moment) -> String {
        let right: Vec<String> = (-40..=40).map(|step| self.code(now.plus_seconds(step * 30))).collect();
        (0..1000).map(|number| format!("{number:06}")).find(|code| !right.contains(code)).expect("one of a thousand")
    }
}

/// Gives the account a second factor.
async fn enrol(panel: &Panel, session: &NewSession) -> (App, RecoveryCodes) {
    let secret = panel.actions.new_factor_secret();
    let app = App::of(&secret);
    let code = app.code(panel.actions.now());
    let given = (secret.as_str(), code.as_str(), PASSWORD);
    let codes = panel.actions.add_second_factor(&session.signed_in, given, &origin(HOME)).await.expect("it is right");
    panel.pass(30);
    (app, codes)
}

async fn ticket(panel: &Panel, address: &str) -> String {
    match panel.sign_in(NAME, PASSWORD, address).await {
        Err(SignInError::Code { ticket }) => ticket.expose(),
        other => panic!("{other:?}"),
    }
}

async fn code(panel: &Panel, ticket: &str, code: &str, address: &str) -> Result<NewSession, CodeError> {
    panel.actions.sign_in_with_code(ticket, code, &origin(address)).await
}

#[tokio::test]
async fn the_password_alone_opens_nothing_any_more() {
    let (panel, anna) = Panel::with_account().await;
    let other = panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
    let (app, _) = enrol(&panel, &anna).await;
    assert!(panel.actions.find_session(&other.token).await.unwrap().is_none(), "older sessions had no code");
    assert!(panel.actions.find_session(&anna.token).await.unwrap().is_some());
    let ticket = ticket(&panel, FAR).await;
    let session = code(&panel, &ticket, &app.code(panel.actions.now()), FAR).await.unwrap();
    assert!(panel.actions.find_session(&session.token).await.unwrap().is_some());
}

#[tokio::test]
async fn a_code_works_once_and_no_older_one_after_it() {
    let (panel, anna) = Panel::with_account().await;
    let (app, _) = enrol(&panel, &anna).await;
    let (before, now) = (panel.actions.now().plus_seconds(-30), panel.actions.now());
    let next = now.plus_seconds(30);
    // The code that turned it on was of the step before.
    assert!(matches!(code(&panel, &ticket(&panel, HOME).await, &app.code(before), HOME).await, Err(CodeError::Wrong)));
    code(&panel, &ticket(&panel, HOME).await, &app.code(next), HOME).await.expect("a clock a little ahead");
    for used in [next, now] {
        let again = code(&panel, &ticket(&panel, HOME).await, &app.code(used), HOME).await;
        assert!(matches!(again, Err(CodeError::Wrong)), "{again:?}");
    }
}

#[tokio::test]
async fn of_two_who_use_a_code_at_once_exactly_one_wins() {
    let (panel, anna) = Panel::with_account().await;
    let (app, _) = enrol(&panel, &anna).await;
    let (one, other) = (ticket(&panel, HOME).await, ticket(&panel, HOME).await);
    let text = app.code(panel.actions.now());
    let (first, second) = tokio::join!(code(&panel, &one, &text, HOME), code(&panel, &other, &text, HOME));
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|won| **won).count(), 1);
}

#[tokio::test]
async fn each_recovery_code_works_once_however_it_is_typed() {
    let (panel, anna) = Panel::with_account().await;
    let (_, codes) = enrol(&panel, &anna).await;
    let first = codes.expose()[0].to_uppercase().replace('-', " ");
    code(&panel, &ticket(&panel, HOME).await, &first, HOME).await.unwrap();
    let again = code(&panel, &ticket(&panel, HOME).await, &codes.expose()[0], HOME).await;
    assert!(matches!(again, Err(CodeError::Wrong)));
    assert_eq!(panel.actions.factor_of(&anna.signed_in).await.unwrap().codes_left, 9);
    let mut connection = panel.connection().await;
    let hashes: Vec<Vec<u8>> =
        sqlx::query_scalar("select code_hash from recovery_code").fetch_all(&mut connection).await.unwrap();
    assert!(hashes.iter().all(|hash| hash.len() == 32));
}

#[tokio::test]
async fn a_ticket_counts_for_five_minutes_where_the_password_was_typed_and_dies_with_it() {
    let (panel, anna) = Panel::with_account().await;
    let (app, _) = enrol(&panel, &anna).await;
    let of_home = ticket(&panel, HOME).await;
    let now = || app.code(panel.actions.now());
    assert!(matches!(code(&panel, &of_home, &now(), FAR).await, Err(CodeError::Ended)));
    assert!(matches!(code(&panel, &"0".repeat(64), &now(), HOME).await, Err(CodeError::Ended)));
    panel.pass(300);
    assert!(matches!(code(&panel, &of_home, &now(), HOME).await, Err(CodeError::Ended)));
    let fresh = ticket(&panel, HOME).await;
    panel.actions.reset_password(NAME, "brass heron 4 kites", 0).await.unwrap();
    assert!(matches!(code(&panel, &fresh, &now(), HOME).await, Err(CodeError::Ended)));
}

#[tokio::test]
async fn who_has_the_password_and_many_addresses_gets_a_guess_a_minute() {
    let (panel, anna) = Panel::with_account().await;
    let (app, _) = enrol(&panel, &anna).await;
    let wrong = app.wrong(panel.actions.now());
    let mut waits = Vec::new();
    for number in 0..20 {
        let address = format!("203.0.113.{number}");
        let ticket = ticket(&panel, &address).await;
        match code(&panel, &ticket, &wrong, &address).await {
            Err(CodeError::Wrong) => waits.push(0),
            Err(CodeError::Wait { seconds }) => {
                waits.push(seconds);
                panel.pass(i64::from(seconds));
                let late = code(&panel, &ticket, &app.wrong(panel.actions.now()), &address).await;
                assert!(matches!(late, Err(CodeError::Wrong)), "{late:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waits[..10], [0; 10]);
    assert_eq!(waits[16..], [60; 4], "{waits:?}");
}

#[tokio::test]
async fn wrong_codes_delay_their_address_like_wrong_passwords() {
    let (panel, anna) = Panel::with_account().await;
    let (app, _) = enrol(&panel, &anna).await;
    let ticket = ticket(&panel, FAR).await;
    let wrong = app.wrong(panel.actions.now());
    for _ in 0..3 {
        assert!(matches!(code(&panel, &ticket, &wrong, FAR).await, Err(CodeError::Wrong)));
    }
    assert!(matches!(code(&panel, &ticket, &wrong, FAR).await, Err(CodeError::Wait { seconds: 2 })));
    assert!(matches!(panel.sign_in(NAME, PASSWORD, FAR).await, Err(SignInError::Wait { seconds: 2 })));
}

#[tokio::test]
async fn it_is_turned_on_by_a_right_code_and_the_password_alone() {
    let (panel, anna) = Panel::with_account().await;
    let secret = panel.actions.new_factor_secret();
    let (app, now) = (App::of(&secret), panel.actions.now());
    let add = async |code: String, password: &str| {
        let given = (secret.as_str(), code.as_str(), password);
        panel.actions.add_second_factor(&anna.signed_in, given, &origin(HOME)).await
    };
    let ahead = add(app.code(now.plus_seconds(120)), PASSWORD).await;
    assert!(matches!(ahead, Err(FactorError::Code { skew: Some(120) })), "{ahead:?}");
    assert!(ahead.unwrap_err().to_string().contains("120 s ahead of this server"));
    assert!(matches!(add(app.wrong(now), PASSWORD).await, Err(FactorError::Code { skew: None })));
    assert!(matches!(add(app.code(now), "not the password").await, Err(FactorError::Password)));
    panel.sign_in(NAME, PASSWORD, HOME).await.expect("none of it turned it on");
    add(app.code(now), PASSWORD).await.unwrap();
    assert!(matches!(add(app.code(now), PASSWORD).await, Err(FactorError::Changed)));
}

#[tokio::test]
async fn it_is_removed_with_a_code_unless_the_role_needs_it() {
    let (panel, anna) = Panel::with_account().await;
    let (app, codes) = enrol(&panel, &anna).await;
    let (actions, home) = (&panel.actions, origin(HOME));
    let remove = async |code: &str| actions.remove_second_factor(&anna.signed_in, code, &home).await;
    assert!(matches!(remove(&app.wrong(actions.now())).await, Err(FactorError::Code { .. })));
    actions.require_factor(&anna.signed_in, &[Role::Administrator], &home).await.unwrap();
    assert!(matches!(remove(&codes.expose()[0]).await, Err(FactorError::Required)));
    assert_eq!(actions.factor_of(&anna.signed_in).await.unwrap().codes_left, 10, "no code was lost to it");
    actions.require_factor(&anna.signed_in, &[], &home).await.unwrap();
    remove(&codes.expose()[0]).await.unwrap();
    panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
}

#[tokio::test]
async fn new_recovery_codes_void_the_old_ones() {
    let (panel, anna) = Panel::with_account().await;
    let (app, old) = enrol(&panel, &anna).await;
    let now = app.code(panel.actions.now());
    panel.actions.renew_recovery_codes(&anna.signed_in, &now, &origin(HOME)).await.unwrap();
    let void = code(&panel, &ticket(&panel, HOME).await, &old.expose()[0], HOME).await;
    assert!(matches!(void, Err(CodeError::Wrong)));
}

#[tokio::test]
async fn a_role_that_needs_one_can_do_nothing_without_it() {
    let (panel, anna) = Panel::with_account().await;
    panel.actions.require_factor(&anna.signed_in, &[Role::Administrator], &origin(HOME)).await.unwrap();
    let found = panel.actions.find_session(&anna.token).await.unwrap().unwrap().clone();
    let rights = |signed_in: &portreeve::actions::SignedIn| {
        Right::ALL.into_iter().filter(|right| signed_in.may(*right)).collect::<Vec<_>>()
    };
    assert!(found.owes_factor());
    assert_eq!(rights(&found), [Right::OwnAccount]);
    let begun = panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
    assert_eq!(rights(&begun.signed_in), [Right::OwnAccount]);
    enrol(&panel, &anna).await;
    let found = panel.actions.find_session(&anna.token).await.unwrap().unwrap();
    assert_eq!(rights(&found), Right::ALL);
}

#[tokio::test]
async fn the_console_and_an_administrator_take_a_lost_one_away() {
    let (panel, anna) = Panel::with_account().await;
    let name = UserName::parse(NAME).unwrap();
    assert!(!panel.actions.remove_factor_on_console(&name, 0).await.unwrap(), "there is none yet");
    enrol(&panel, &anna).await;
    assert!(panel.actions.remove_factor_on_console(&name, 0).await.unwrap());
    assert!(panel.actions.find_session(&anna.token).await.unwrap().is_none());
    let again = panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
    enrol(&panel, &again).await;
    panel.actions.remove_factor_of(&again.signed_in, again.signed_in.user.id, &origin(HOME)).await.unwrap();
    panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
}

#[tokio::test]
async fn a_link_for_a_new_password_does_not_go_round_the_code() {
    let (panel, anna) = Panel::with_account().await;
    let (actions, home) = (&panel.actions, origin(HOME));
    let invitation = actions.add_user(&anna.signed_in, "ben", Role::Administrator, &home).await.unwrap();
    let ben = actions.accept_invitation(&invitation.token.expose(), PASSWORD, &home).await.unwrap().unwrap();
    let (app, _) = enrol(&panel, &ben).await;
    let forced = actions.renew_password(&anna.signed_in, ben.signed_in.user.id, &home).await.unwrap();
    let chosen = actions.accept_invitation(&forced.token.expose(), "brass heron 4 kites", &home).await.unwrap();
    assert!(chosen.is_none(), "the password alone opens nothing");
    let Err(SignInError::Code { ticket }) = panel.sign_in("ben", "brass heron 4 kites", HOME).await else {
        panic!("a code is asked for");
    };
    code(&panel, &ticket.expose(), &app.code(actions.now()), HOME).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_gets_the_same_answer_whether_there_is_a_second_factor_or_not() {
    let (panel, anna) = Panel::with_account().await;
    enrol(&panel, &anna).await;
    for name in [NAME, "nobody"] {
        assert!(matches!(panel.fail(name, FAR).await, SignInError::Wrong), "{name}");
    }
}
