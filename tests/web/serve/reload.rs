//! Settings that are read again while the panel runs.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
};

use rustix::process::Signal;

use super::process::{Serving, own_dir, until};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn start(settings: &str) -> Serving {
    let dir = own_dir();
    let file = dir.path().join("portreeve.toml");
    fs::write(&file, settings).expect("a file");
    Serving::start_in(dir, &["--config", file.to_str().expect("a plain path")])
}

fn change(serving: &Serving, settings: &str) {
    fs::write(serving.dir.path().join("portreeve.toml"), settings).expect("a file");
    serving.signal(Signal::HUP);
}

fn ask(serving: &Serving, host: &str, path: &str, more: &str) -> String {
    serving.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n"))
}

#[test]
fn another_name_is_answered_after_a_reload_and_mistakes_change_nothing() {
    // The certificate is made out to the names of the first start, which are answered ever after.
    let serving = start("");
    let is_answered = |host: &str| !ask(&serving, host, "/sign-in", "").starts_with("HTTP/1.1 421 ");
    assert!(!is_answered("one.example") && !is_answered("two.example"));
    change(&serving, "hosts = [\"one.example\"]\n");
    until("the first name is answered", || is_answered("one.example").then_some(()));
    change(&serving, "hosts = [\"two.example\"]\n");
    until("the second name is answered", || is_answered("two.example").then_some(()));
    assert!(!is_answered("one.example"));
    change(&serving, "hosts = [\"one.example\"]\nhots = []\n");
    serving.signal(Signal::HUP);
    assert!(is_answered("two.example") && !is_answered("one.example"));
    change(&serving, "hosts = [\"three.example\"]\n");
    until("the third name is answered", || is_answered("three.example").then_some(()));
}

#[test]
fn figures_are_there_once_a_token_is_chosen_and_only_for_who_shows_it() {
    let serving = start("");
    let metrics = |token: &str| ask(&serving, "localhost", "/metrics", &format!("Authorization: Bearer {token}\r\n"));
    assert!(metrics(TOKEN).starts_with("HTTP/1.1 404 "));
    let file = serving.dir.path().join("token");
    fs::write(&file, format!("{TOKEN}\n")).unwrap();
    chown(&file, Some(65534), Some(65534)).unwrap();
    let settings = format!("metrics_token = \"{}\"\n", file.display());
    change(&serving, &settings);
    assert!(metrics(TOKEN).starts_with("HTTP/1.1 404 "), "a token that others can read opens nothing");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    serving.signal(Signal::HUP);
    let page = until("the figures are there", || Some(metrics(TOKEN)).filter(|page| page.starts_with("HTTP/1.1 200 ")));
    assert!(page.contains("portreeve_info{version="), "{page}");
    let stranger = metrics("0123456789abcdef0123456789abcdeF");
    assert!(stranger.starts_with("HTTP/1.1 401 ") && !stranger.contains("portreeve_info"), "{stranger}");
    change(&serving, "");
    until("the figures are gone", || metrics(TOKEN).starts_with("HTTP/1.1 404 ").then_some(()));
}

#[test]
fn the_host_itself_may_ask_whether_the_panel_is_well() {
    let serving = start("");
    let answer = ask(&serving, "localhost", "/healthz", "");
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.ends_with("the helper doesn't answer\n"), "{answer}");
}
