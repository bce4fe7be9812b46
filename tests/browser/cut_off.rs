//! A server with its helper on one host and a browser on another, joined by a wire: turning the firewall on, and a rule
//! that cuts that very browser off.

use std::{os::unix::fs::symlink, sync::Arc};

use super::{stage::make_account, webdriver::Browser};
use crate::{
    helper::running::{Running, helper, open_dir, wait_until},
    netns::host::Host,
    web::serve::process::{Serving, own_dir},
};

/// Where the panel is.
const PANEL: &str = "192.0.2.1:8470";

struct Wire {
    browser: Browser,
    panel: Serving,
    _helper: Running,
    _server: Host,
}

impl Wire {
    fn lay() -> Self {
        let (server, office) = Host::pair();
        let office = Arc::new(office);
        let mut command = server.command(env!("CARGO_BIN_EXE_portreeve-helper"));
        command.env_clear();
        let helper = Running::start_in(open_dir(), command);
        let dir = own_dir();
        symlink(helper.socket(), dir.path().join("helper.sock")).expect("the panel finds the helper");
        let panel = Serving::start_on(&server, dir, PANEL);
        Self { browser: Browser::start_on(&office), panel, _helper: helper, _server: server }
    }

    fn url(&self, path: &str) -> String {
        format!("https://{PANEL}{path}")
    }
}

#[test]
fn smoke() {
    let wire = Wire::lay();
    let link = wire.panel.said.iter().find(|line| line.contains("/setup?token=")).expect("a setup link");
    wire.browser.open(link.trim());
    make_account(&wire.browser);
    wait_until("signed in", || wire.browser.address() == wire.url("/ports"));
    eprintln!("{}", wire.browser.text("body"));
}
