//! A host is tidied up from the page, in a browser: what a stranger's scan finds before and after, over a reboot, and
//! undone.

use serde_json::json;

use super::{
    browser::setup_token,
    closing::{OPEN, untidy},
    machine::Machine,
    network::{SERVER_TO_ADMINISTRATOR, SERVER_TO_STRANGER},
    ports::{nmap, wait_for_open},
    services::settled,
};
use crate::{
    browser::{stage, webdriver::Browser},
    helper::running::wait_until,
};

/// What the list leaves alone because it may be needed: closed one by one.
const MORE: [&str; 3] = ["110/tcp", "25/tcp", "7007/tcp"];

/// What is left of a web server.
const TIDY: [u64; 3] = [22, 80, 8470];

/// The list's ports, each with what is done.
const CANDIDATES: &str = "return [...document.querySelectorAll('table.needless tbody tr')].map((row) =>
    row.querySelector('.port').textContent.trim() + ': ' + row.querySelector('td:last-child').textContent.trim())";

fn url(path: &str) -> String {
    format!("https://{SERVER_TO_ADMINISTRATOR}:8470{path}")
}

#[test]
fn a_host_is_tidied_up_from_the_page_and_undo_brings_all_back() {
    let machine = untidy();
    let before = settled(&machine);
    report(&machine, "before");
    let browser = machine.network.as_administrator(|| {
        let browser = sign_up(&machine);
        close_needless(&browser);
        for port in MORE {
            close(&browser, port);
        }
        browser
    });
    wait_for_open(&machine, TIDY, "tidied up");
    report(&machine, "after");
    machine.reboot();
    machine.main_pid("portreeve-helper.service");
    wait_for_open(&machine, TIDY, "tidied up and started again");
    report(&machine, "after a reboot");

    machine.network.as_administrator(|| {
        wait_until("the panel answers again", || open(&browser, "/ports").contains("Closed lately"));
        for _ in 0..=MORE.len() {
            // The last is opened first.
            press(&browser, "table.closures form[action='/ports/undo'] button");
            wait_until("the page says so", || text(&browser, ".flash").contains("as it was before"));
            open(&browser, "/ports");
        }
        stage::look(&browser, "host-undone");
        drop(browser);
    });
    wait_for_open(&machine, OPEN, "undone");
    report(&machine, "undone");
    assert_eq!(settled(&machine), before);
}

fn sign_up(machine: &Machine) -> Browser {
    let browser = Browser::start();
    browser.open(&url(&format!("/setup?token={}", setup_token(&machine.run("portreeve setup-link")))));
    stage::make_account(&browser);
    wait_until("it is known from where the ports are reached", || {
        let ports = open(&browser, "/ports");
        ports.contains("dovecot") && !ports.contains("not looked at yet")
    });
    stage::look(&browser, "host-ports");
    browser
}

/// Leaves ticked what the page ticks.
fn close_needless(browser: &Browser) {
    open(browser, "/ports/needless");
    tell(&browser.run(CANDIDATES, &[]).to_string());
    stage::look(browser, "host-needless");
    press(browser, "main form[action='/ports/needless'] .actions button");
    wait_until("the list says what was closed", || browser.address().contains("/ports?closed="));
    tell(&text(browser, ".just"));
    stage::look(browser, "host-closed");
}

/// Stops what listens and keeps it from starting, by the sheet of the port.
fn close(browser: &Browser, port: &str) {
    let sheet = format!("/ports/close?port={port}");
    tell(&open(browser, &sheet));
    press(browser, "#level-disable");
    press(browser, "form[action='/ports/close'] button");
    wait_until("the list says what was closed", || browser.address().contains("/ports?closed="));
    tell(&text(browser, ".just"));
}

/// Loads a page and gives its text.
fn open(browser: &Browser, path: &str) -> String {
    browser.open(&url(path));
    text(browser, "main")
}

fn text(browser: &Browser, css: &str) -> String {
    let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
    browser.run(script, &[json!(css)]).as_str().unwrap_or_default().to_owned()
}

/// Scrolls to a button and clicks it.
fn press(browser: &Browser, css: &str) {
    browser.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", &[json!(css)]);
    browser.click(css);
}

/// What a stranger's scan prints.
fn report(machine: &Machine, when: &str) {
    let scan = nmap(machine, &format!("--open -p- {}", SERVER_TO_STRANGER[0]));
    let lines: Vec<&str> = scan.lines().filter(|line| line.contains("/tcp") || line.contains("Not shown")).collect();
    tell(&format!("{when}:\n{}", lines.join("\n")));
}

#[expect(clippy::print_stderr, reason = "the scans are worth reading")]
fn tell(text: &str) {
    eprintln!("{text}");
}
