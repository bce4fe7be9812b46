//! The few scripts, in a browser and under the policy that forbids what they must not do.

use std::time::{Duration, Instant};

use serde_json::json;

use super::server;
use crate::browser::webdriver::Browser;

/// Waits until a function body returns true.
fn wait_for(browser: &Browser, script: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while browser.run(script, &[]) != json!(true) {
        assert!(Instant::now() < deadline, "never came true: {script}");
    }
}

#[test]
fn the_list_follows_what_is_typed_without_leaving_the_field() {
    let (origin, browser) = (server::start(), Browser::start());
    browser.open(&format!("{origin}/ports"));
    let script = "document.getElementById('listing').dataset.old = 'yes';
        const field = document.getElementById('q');
        field.focus(); field.value = 'nginx';
        field.dispatchEvent(new Event('input', { bubbles: true }));";
    browser.run(script, &[]);
    wait_for(&browser, "return !document.getElementById('listing').dataset.old");
    assert_eq!(browser.run("return location.search", &[]), json!("?q=nginx"));
    assert_eq!(browser.run("return document.activeElement.id", &[]), json!("q"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_open_menu_closes_on_escape_and_gives_the_focus_back() {
    let (origin, browser) = (server::start(), Browser::start());
    browser.open(&format!("{origin}/ports"));
    let script = "const menu = document.querySelector('details.menu');
        menu.open = true; menu.querySelector('a').focus();
        menu.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
        return [menu.open, document.activeElement.tagName];";
    assert_eq!(browser.run(script, &[]), json!([false, "SUMMARY"]));
}

#[test]
fn a_password_can_be_shown_and_hidden() {
    let (origin, browser) = (server::start(), Browser::start());
    browser.open(&format!("{origin}/form"));
    let press = "const button = document.querySelector('[data-reveal]');
        button.click();
        return [button.hidden, button.getAttribute('aria-pressed'), document.getElementById('password').type];";
    assert_eq!(browser.run(press, &[]), json!([false, "true", "text"]));
    assert_eq!(browser.run(press, &[]), json!([false, "false", "password"]));
}

#[test]
fn young_times_grow_older_on_an_open_page() {
    let (origin, browser) = (server::start(), Browser::start());
    browser.open(&format!("{origin}/ports"));
    wait_for(&browser, "return document.querySelector('.page-head time').textContent !== '12 s ago'");
    let words = browser.run("return document.querySelector('.page-head time').textContent", &[]);
    assert!(words.as_str().is_some_and(|words| words.ends_with(" s ago")), "{words}");
}

#[test]
fn the_time_left_to_confirm_runs_and_is_said_aloud() {
    let (origin, browser) = (server::start(), Browser::start());
    browser.open(&format!("{origin}/bar-pending-late"));
    wait_for(&browser, "return document.querySelector('[data-countdown]').textContent === '59 s left'");
    let said = browser.run("return document.querySelector('[data-countdown-said]').textContent", &[]);
    assert_eq!(said, json!("60 seconds left to confirm revision 42."));
    browser.open(&format!("{origin}/bar-pending-over"));
    wait_for(&browser, "return !document.querySelector('[data-reload]').hidden");
    assert!(browser.text("[data-countdown]").contains("time is up"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_page_after_apply_says_when_no_new_connection_gets_through() {
    let (origin, browser) = (server::start(), Browser::start());
    browser.open(&format!("{origin}/applied-proven"));
    wait_for(&browser, "return !document.getElementById('proof').classList.contains('good')");
    let words = browser.text("[data-proof-words]");
    assert!(words.contains("No new connection gets through") && words.contains("19:29:40 UTC"), "{words}");
}
