//! A port is closed from the list and opened again, with a keyboard alone, while somebody knocks from outside.

use std::net::TcpListener;

use serde_json::json;

use super::{
    cut_off::Wire,
    stage::{ENTER, TAB, look},
};
use crate::helper::running::wait_until;

const DOOR: &str = "192.0.2.1:995";

/// Brings the focus to an element as a person does who tabs, beginning at another one.
fn tab_to(wire: &Wire, start: &str, css: &str) {
    wire.browser.run("document.querySelector(arguments[0]).focus()", &[json!(start)]);
    for _ in 0..40 {
        if wire.browser.run("return document.activeElement.matches(arguments[0])", &[json!(css)]) == true {
            return;
        }
        wire.browser.press(TAB);
    }
    panic!("the keyboard never gets to {css}");
}

fn press(wire: &Wire, start: &str, css: &str) {
    tab_to(wire, start, css);
    wire.browser.press(ENTER);
}

#[test]
fn a_port_is_closed_and_opened_again_with_the_keyboard() {
    let wire = Wire::lay();
    let _pop3s = wire.server.within(|| TcpListener::bind("0.0.0.0:995")).expect("the port is free");
    wire.set_up();
    wire.turn_on(|_, _| {});
    assert!(wire.reaches(DOOR), "the assistant proposes to leave it open");

    let close = "a[href='/ports/close?port=995/tcp']";
    wait_until("it is known from where the port is reached", || {
        wire.open("/ports?q=995");
        let reached = wire.text("#ports .reached");
        !reached.is_empty() && !reached.contains("not looked at yet")
    });
    // The office is in the server's own network, and there is no way to the world.
    assert!(wire.text("#ports .reached").contains("My networks"), "{}", wire.text("#ports"));
    look(&wire.browser, "ports-open");
    press(&wire, "#q", close);
    wire.arrive("/ports/close?port=995/tcp");
    look(&wire.browser, "ports-close");
    press(&wire, "#level-block", "form[action='/ports/close'] button");
    wire.arrive("/ports?closed=1");
    assert!(wire.text(".just").contains("995/tcp"), "{}", wire.text(".just"));
    assert!(!wire.reaches(DOOR), "a stranger still gets in");
    look(&wire.browser, "ports-closed");
    press(&wire, "main", ".just button");
    wire.arrive("/ports");
    assert!(wire.text(".flash").contains("as it was before"), "{}", wire.text("main"));
    assert!(wire.reaches(DOOR), "Undo opens it again");
    assert_eq!(wire.browser.complaints(), Vec::<String>::new());
}
