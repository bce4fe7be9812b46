//! Writing rules in a browser: the sentence that follows what is typed, and everything by plain forms.

use serde_json::json;

use super::stage::{Stage, look, photograph};
use crate::helper::running::wait_until;

/// Names that are markup, in every field that takes free text.
const MARKUP: &str = "\"><img src=x onerror=alert(1)><b>";

/// What the form would do. It may be replaced at any moment, so it is read in one go.
fn effect(stage: &Stage) -> String {
    let text = stage.browser.run("return document.getElementById('effect').textContent", &[]);
    text.as_str().unwrap_or_default().to_owned()
}

/// Brings an element out from under the change bar and clicks it.
fn press(stage: &Stage, css: &str) {
    let show = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
    stage.browser.run(show, &[json!(css)]);
    stage.browser.click(css);
}

#[test]
fn the_sentence_follows_what_is_typed() {
    let stage = Stage::set();
    stage.settle();
    let browser = &stage.browser;
    browser.open(&stage.url("/rules"));
    look(browser, "rules-fresh");
    browser.open(&stage.url("/rules/new"));
    browser.fill("#to", "80/tcp");
    wait_until("the sentence", || effect(&stage).contains("Allow everybody to reach 80/tcp."));
    assert!(effect(&stage).contains("Everybody can now reach 80/tcp"), "{}", effect(&stage));
    browser.fill("#note", MARKUP);
    browser.fill("#who", MARKUP);
    wait_until("the problem", || effect(&stage).contains("isn't an IPv4 or IPv6 address"));
    assert_eq!(browser.run("return document.activeElement.id", &[]), "who", "the reader stays where he types");
    browser.fill("#who", "203.0.113.0/24");
    wait_until("the sentence", || effect(&stage).contains("Allow 203.0.113.0/24 to reach 80/tcp."));
    look(browser, "rule-new");
    press(&stage, "button[value=stage]");
    stage.wait_for("#r1");
    assert!(browser.text("#r1").contains(MARKUP));
    photograph(browser, "rules");
    assert_eq!(stage.count("main img"), 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn rules_and_lists_need_no_scripts() {
    let stage = Stage::set();
    stage.browser.forbid_scripts();
    stage.settle();
    let browser = &stage.browser;
    for port in ["80/tcp", "443/tcp"] {
        browser.open(&stage.url("/rules/new"));
        browser.fill("#to", port);
        press(&stage, "button[value=preview]");
        stage.wait_for("#effect .says");
        assert!(effect(&stage).contains(&format!("everybody to reach {port}.")));
        press(&stage, "button[value=stage]");
        stage.wait_for("#rules");
    }
    browser.open(&stage.url("/rules"));
    press(&stage, "#r1 button[value='down r1']");
    stage.arrive("/rules#r1");
    assert_eq!(browser.text("#r1 .place b"), "2");
    browser.open(&stage.url("/rules"));
    press(&stage, "#r2 .switch");
    stage.arrive("/rules#r2");
    assert_eq!(browser.text("#r2 .switch"), "Off");
    press(&stage, "#r2 .pick input");
    press(&stage, ".bulk button[value=remove]");
    stage.arrive("/rules");
    assert_eq!(stage.count("#rules tr.rule"), 1);
    browser.open(&stage.url("/lists/deny"));
    browser.fill("#entries", "198.51.100.66\n192.0.2.0/24");
    press(&stage, "form[action$='/add'] button");
    stage.wait_for("#members");
    press(&stage, "#members .pick input");
    press(&stage, ".bulk button");
    wait_until("one entry is left", || stage.count("#members tbody tr") == 1);
}
