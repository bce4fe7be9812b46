//! From the setup link to signing out: with scripts, without them, and by keyboard.

use std::net::TcpListener;

use super::stage::{ENTER, NAME, PASSWORD, Stage, TAB, look, photograph};

#[test]
fn a_person_sets_up_looks_at_the_ports_and_signs_out() {
    let stage = Stage::set();
    let browser = &stage.browser;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();

    browser.open(&stage.url("/"));
    stage.arrive("/setup");
    browser.open(stage.setup_link());
    look(browser, "setup");
    browser.fill("#name", "9 lives");
    browser.fill("#password", "short");
    browser.fill("#repeat", "short");
    browser.click("main form button:not([type=button])");
    stage.wait_for("#name[aria-invalid=true]");
    assert_eq!(browser.run("return document.getElementById('name').value", &[]), "9 lives", "what was typed is kept");
    assert_eq!(browser.run("return document.getElementById('password').value", &[]), "", "but no password");
    look(browser, "setup-problems");

    stage.settle();
    browser.open(&stage.url(&format!("/ports?q={port}")));
    let ports = "return [...document.querySelectorAll('#ports th.port b')].map((port) => port.textContent)";
    let ports = browser.run(ports, &[]);
    assert!(
        ports.as_array().is_some_and(|ports| ports.iter().any(|found| found.as_str() == Some(&port.to_string()))),
        "{ports}"
    );
    browser.open(&stage.url("/ports"));
    look(browser, "ports");
    browser.open(&stage.url("/ports?q=nothing-is-called-this"));
    look(browser, "ports-too-narrow");
    browser.open(&stage.url("/account"));
    look(browser, "account");
    browser.open(&stage.url("/nowhere"));
    look(browser, "not-found");
    browser.open(&stage.url("/ports"));
    browser.click("details.menu summary");
    photograph(browser, "menu");
    browser.click("form[action='/sign-out'] button");
    stage.arrive("/sign-in");
    look(browser, "sign-in");
    browser.open(&stage.url("/ports"));
    stage.arrive("/sign-in?next=/ports");
    // The one thing a browser may complain of here is the page that doesn't exist.
    let complaints: Vec<String> = browser
        .complaints()
        .into_iter()
        .filter(|line| !line.contains("/nowhere"))
        .filter(|line| !line.contains("422"))
        .collect();
    assert_eq!(complaints, Vec::<String>::new());
}

#[test]
fn everything_works_without_scripts() {
    let stage = Stage::set();
    stage.browser.forbid_scripts();
    stage.settle();
    let browser = &stage.browser;
    browser.fill("#q", "nothing-is-called-this");
    browser.click("form.filter button");
    stage.arrive("/ports?q=nothing-is-called-this&from=&protocol=&need=&use=");
    browser.open(&stage.url("/ports"));
    browser.click(".page-head form button");
    stage.arrive("/ports");
    browser.click("#ports tr.more summary");
    assert!(browser.text("#ports tr.more dl").contains("User"));
    browser.click("details.menu summary");
    browser.click("details.menu button[value=dark]");
    stage.wait_for("html[data-theme=dark]");
    browser.click("details.menu summary");
    browser.click("form[action='/sign-out'] button");
    stage.arrive("/sign-in");
    browser.fill("#name", NAME);
    browser.fill("#password", PASSWORD);
    browser.click("main form button:not([type=button])");
    stage.arrive("/overview");
}

#[test]
fn a_keyboard_is_enough_and_the_focus_can_always_be_seen() {
    let stage = Stage::set();
    stage.settle();
    let browser = &stage.browser;
    browser.click("details.menu summary");
    browser.click("form[action='/sign-out'] button");
    stage.arrive("/sign-in");
    browser.open(&stage.url("/sign-in"));
    press_until(&stage, "name");
    browser.press(NAME);
    press_until(&stage, "password");
    browser.press(PASSWORD);
    browser.press(ENTER);
    stage.arrive("/overview");
    browser.open(&stage.url("/ports"));
    browser.press(TAB);
    let skip = "return document.activeElement.className + ' ' + document.activeElement.getBoundingClientRect().width";
    let skip = browser.run(skip, &[]);
    assert!(skip.as_str().is_some_and(|skip| skip.starts_with("skip ") && !skip.ends_with(" 1")), "{skip}");
    browser.press(ENTER);
    assert_eq!(browser.run("return document.activeElement.id", &[]), "main");
    walk_the_page(&stage);
}

/// Tabs on until the element with that id has the focus.
fn press_until(stage: &Stage, id: &str) {
    for _ in 0..20 {
        if stage.browser.run("return document.activeElement.id", &[]) == id {
            return;
        }
        stage.browser.press(TAB);
    }
    panic!("the keyboard never gets to {id}");
}

/// Every stop of the tab key shows where it is.
fn walk_the_page(stage: &Stage) {
    let seen = "const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
        const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        const shadowed = style.boxShadow !== 'none';
        return box.width >= 24 && box.height >= 16 && (outlined || shadowed) ? '' : e.outerHTML.slice(0, 200);";
    for _ in 0..30 {
        stage.browser.press(TAB);
        if stage.browser.run("return document.activeElement === document.body", &[]) == true {
            return;
        }
        assert_eq!(stage.browser.run(seen, &[]), "", "the focus can't be seen here");
    }
}
