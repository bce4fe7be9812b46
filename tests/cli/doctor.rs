//! `portreeve doctor`.

use std::fs;

use portreeve::{
    actions::Clock,
    store::Store,
    web::server::{Subject, make},
};
use serde_json::Value;
use tempfile::TempDir;

use super::portreeve;
use crate::helper::guarded::{Guarded, apply, opens};

const DAY: i64 = 24 * 60 * 60;

/// The state of a panel that has been started once, with a certificate that was made so many days ago.
fn state_of(days_ago: i64) -> TempDir {
    let state = tempfile::tempdir().unwrap();
    let subject = Subject { names: vec!["localhost".to_owned()], addresses: [].into() };
    make(state.path(), &subject, Clock::system().now().plus_seconds(-days_ago * DAY)).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { Store::open(state.path()).await.unwrap().close().await });
    state
}

fn state() -> TempDir {
    state_of(0)
}

/// What it says about one thing: how that is, and the words.
fn told(host: &Guarded, state: &TempDir, about: &str) -> Vec<(String, String)> {
    let run = portreeve(host, &["doctor", "--json", "--state-dir", state.path().to_str().unwrap()]);
    let findings: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.code == Some(1), findings.iter().any(|finding| finding["health"] == "bad"), "{}", run.error);
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let meant = findings.iter().filter(|finding| finding["about"] == about);
    meant.map(|finding| (text(finding, "health"), text(finding, "found") + " " + &text(finding, "advice"))).collect()
}

fn one(host: &Guarded, state: &TempDir, about: &str) -> (String, String) {
    let mut told = told(host, state, about);
    assert_eq!(told.len(), 1, "{about}: {told:?}");
    told.remove(0)
}

#[test]
fn a_healthy_host_is_well_and_what_is_not_is_told_with_what_to_do() {
    let (host, state) = (Guarded::confirmed(), state());
    for about in
        ["helper", "kernel", "firewall", "table", "nft", "others", "containers", "certificate", "database", "IPv6"]
    {
        assert_eq!(one(&host, &state, about).0, "good", "{about}: {:?}", one(&host, &state, about));
    }
    let (health, words) = one(&host, &state, "panel");
    assert_eq!((health.as_str(), words.contains("systemctl start portreeve")), ("look", true), "{words}");

    host.nft("add rule inet portreeve incoming accept");
    let (health, words) = one(&host, &state, "table");
    assert_eq!((health.as_str(), words.contains("changed it in 1 place")), ("look", true), "{words}");
    host.state(&apply(opens(80), 2, Some(1)));
    assert!(one(&host, &state, "firewall").1.contains("portreeve confirm keeps it"));
}

#[test]
fn other_firewalls_are_named() {
    let (host, state) = (Guarded::confirmed(), state());
    assert_eq!(one(&host, &state, "others").0, "good");
    host.nft("add table ip filter; add chain ip filter ufw-user-input; add table inet f2b-table");
    let told = told(&host, &state, "others");
    assert!(told.iter().any(|(health, words)| health == "look" && words.contains("ufw disable")), "{told:?}");
    assert!(told.iter().any(|(health, words)| health == "good" && words.contains("fail2ban")), "{told:?}");
}

#[test]
fn a_certificate_is_told_before_it_ends_and_after() {
    let host = Guarded::new();
    let (health, words) = one(&host, &state_of(810), "certificate");
    assert_eq!((health.as_str(), words.contains("days. systemctl restart portreeve")), ("look", true), "{words}");
    let (health, words) = one(&host, &state_of(900), "certificate");
    assert_eq!((health.as_str(), words.contains("has ended")), ("bad", true), "{words}");
}

#[test]
fn settings_that_stop_the_panel_and_a_missing_certificate_are_told() {
    let (host, state) = (Guarded::new(), state());
    let file = state.path().join("portreeve.toml");
    let told = |settings: &str| {
        fs::write(&file, settings).unwrap();
        let (state, file) = (state.path().to_str().unwrap(), file.to_str().unwrap());
        portreeve(&host, &["doctor", "--state-dir", state, "--config", file]).out
    };
    assert!(told("hots = []").contains("did you mean `hosts`?"));
    assert!(told("").contains("good  settings"));
    let out = told("certificate = \"/nonexistent/chain.pem\"\nkey = \"/nonexistent/key.pem\"\n");
    assert!(out.contains("BAD   certificate    /nonexistent/key.pem can't be used"), "{out}");
}

#[test]
fn what_does_not_work_fails_the_command() {
    let (host, state) = (Guarded::bare(), state());
    let (health, words) = one(&host, &state, "helper");
    assert_eq!((health.as_str(), words.contains("systemctl start portreeve-helper")), ("bad", true), "{words}");
    let run = portreeve(&host, &["doctor", "--state-dir", "/nonexistent"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("BAD   database"), "{}", run.out);
    assert_eq!(run.error, "portreeve: 2 things don't work\n");
}
