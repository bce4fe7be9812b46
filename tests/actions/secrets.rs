//! No password, token or hash shows up where people, logs or thieves look.

use std::fmt::Write;

use portreeve::{
    actions::{FirstAccount, SignInAttempt},
    store::{AddressPrefix, DATABASE_FILE, UserName},
};
use proptest::{prelude::*, test_runner::TestRunner};
use sha2::{Digest, Sha256};

use super::panel::{HOME, NAME, PASSWORD, Panel, origin};

const WRONG: &str = "not the password";
const NEW: &str = "brass heron 4 kites";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Does everything there is, collects all it can see and gives it with the secrets that were used.
async fn everything(panel: &Panel) -> (Vec<String>, Vec<String>) {
    let (actions, home, stranger) = (&panel.actions, origin(HOME), origin("203.0.113.9"));
    let setup_token = panel.setup_token().await;
    let account = FirstAccount { setup_token: &setup_token, name: NAME, password: PASSWORD };
    let mut seen = vec![format!("{account:?}")];
    let first = actions.create_first_account(account, &home).await.expect("it is allowed");
    let used = actions.create_first_account(account, &home).await.expect_err("it is refused");
    let wrong = SignInAttempt { name: NAME, password: WRONG };
    let refused = actions.sign_in(wrong, &stranger).await.expect_err("it is refused");
    let second =
        actions.sign_in(SignInAttempt { name: NAME, password: PASSWORD }, &stranger).await.expect("it is allowed");
    let denied = actions.change_password(&first.signed_in, WRONG, NEW, &home).await.expect_err("it is refused");
    let changed = actions.change_password(&first.signed_in, PASSWORD, NEW, &home).await.expect("it is allowed");
    let name = UserName::parse(NAME).expect("a name");
    let prefix = AddressPrefix::of(home.address);
    let credentials = actions.store().find_credentials(&name, prefix).await.expect("a database").expect("anna");
    seen.push(format!("{wrong:?} {used} {used:?} {refused} {refused:?} {denied} {denied:?}"));
    seen.push(format!("{first:?} {second:?} {changed:?} {credentials:?} {actions:?}"));
    seen.extend(panel.audit().await);
    let mut secrets = vec![PASSWORD.to_owned(), WRONG.to_owned(), NEW.to_owned()];
    let tokens = [setup_token, first.token.expose(), second.token.expose(), changed.token.expose()];
    for token in tokens {
        let bytes: Vec<u8> =
            (0..32).map(|i| u8::from_str_radix(&token[2 * i..2 * i + 2], 16).expect("digits")).collect();
        secrets.extend([hex(&Sha256::digest(&bytes)), format!("{bytes:?}"), token]);
    }
    (seen, secrets)
}

#[tokio::test]
async fn neither_the_log_nor_errors_nor_debug_output_hold_a_secret() {
    let panel = Panel::new().await;
    let (seen, secrets) = everything(&panel).await;
    for text in &seen {
        assert!(!text.contains("$argon2"), "{text}");
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn the_database_opens_nothing_for_who_steals_it() {
    let panel = Panel::new().await;
    let (_, secrets) = everything(&panel).await;
    let tokens: Vec<&str> = secrets.iter().map(String::as_str).filter(|secret| secret.len() == 64).collect();
    assert_eq!(tokens.len(), 8, "four tokens and what SHA-256 makes of them");
    for suffix in ["", "-wal"] {
        let bytes = std::fs::read(panel.state.path().join(format!("{DATABASE_FILE}{suffix}"))).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for secret in tokens.iter().chain(&[PASSWORD, NEW]) {
            assert!(!text.contains(secret));
        }
    }
}

#[test]
fn whatever_is_typed_stays_out_of_log_and_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (panel, _) = runtime.block_on(Panel::with_account());
    let names = prop_oneof!["[^ -~]{0,3}[!-~]{13,40}", "[a-z][a-z0-9.-]{13,30}"];
    let texts = (names, "\\PC{13,60}");
    let mut runner = TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() });
    let outcome = runner.run(&texts, |(name, password)| {
        runtime.block_on(async {
            panel.pass(6 * 3600);
            let attempt = SignInAttempt { name: &name, password: &password };
            let error = panel.actions.sign_in(attempt, &origin("203.0.113.9")).await.unwrap_err();
            let seen = format!("{error} {error:?} {attempt:?} {:?} {:?}", panel.audit().await, panel.actions);
            prop_assert!(!seen.contains(&name) && !seen.contains(&password));
            Ok(())
        })
    });
    outcome.unwrap();
}
