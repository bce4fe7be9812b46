//! A server with its helper on one host and a browser on another, joined by a wire: turning the firewall on, and a rule
//! that cuts that very browser off.

use std::{
    net::{SocketAddr, TcpStream},
    os::unix::fs::symlink,
    sync::Arc,
    time::Duration,
};

use serde_json::json;

use super::{
    stage::{look, make_account},
    webdriver::Browser,
};
use crate::{
    helper::running::{Running, open_dir, wait_until},
    netns::host::Host,
    web::serve::process::{Serving, own_dir},
};

/// Where the panel is, and where the browser.
const PANEL: &str = "192.0.2.1:8470";
const OFFICE: &str = "192.0.2.2";

fn url(path: &str) -> String {
    format!("https://{PANEL}{path}")
}

pub struct Wire {
    pub browser: Browser,
    panel: Serving,
    office: Arc<Host>,
    _helper: Running,
    pub server: Host,
}

impl Wire {
    pub fn lay() -> Self {
        let (server, office) = Host::pair();
        // A browser gives up what it is loading when an address of its host changes.
        let has_settled = |host: &Host| host.run("ip", &["-6", "address", "show", "tentative"]).is_empty();
        wait_until("the wire has settled", || has_settled(&server) && has_settled(&office));
        let office = Arc::new(office);
        let helper = Running::start_in(open_dir(), server.command(env!("CARGO_BIN_EXE_portreeve-helper")));
        let dir = own_dir();
        symlink(helper.socket(), dir.path().join("helper.sock")).expect("the panel finds the helper");
        let panel = Serving::start_on(&server, dir, PANEL);
        Self { browser: Browser::start_on(&office), panel, office, _helper: helper, server }
    }

    pub fn open(&self, path: &str) {
        self.browser.open(&url(path));
    }

    pub fn arrive(&self, path: &str) {
        wait_until(path, || self.browser.address() == url(path));
    }

    /// Scrolls to a button, from under the change bar, and clicks it.
    pub fn press(&self, css: &str) {
        let script = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
        self.browser.run(script, &[json!(css)]);
        self.browser.click(css);
    }

    /// The text of an element of a page that may be about to change; empty while there is none.
    pub fn text(&self, css: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        self.browser.run(script, &[json!(css)]).as_str().unwrap_or_default().to_owned()
    }

    pub fn has(&self, css: &str) -> bool {
        let script = "return document.querySelector(arguments[0]) !== null";
        self.browser.run(script, &[json!(css)]) == true
    }

    pub fn set_up(&self) {
        let link = self.panel.said.iter().find(|line| line.contains("/setup?token=")).expect("a setup link");
        self.browser.open(link.trim());
        make_account(&self.browser);
        self.arrive("/overview");
    }

    /// Turns the firewall on as the assistant proposes it.
    pub fn turn_on(&self, looks: impl Fn(&Browser, &str)) {
        wait_until("the assistant knows the ports", || {
            self.open("/turn-on");
            self.has("form[action='/turn-on'] button")
        });
        self.press("form[action='/turn-on'] button");
        self.arrive("/review");
        looks(&self.browser, "review");
        self.press("form[action='/review/apply'] button");
        self.arrive("/review/applied");
        assert!(self.kernel_has_table());
        wait_until("a new connection is proven", || {
            self.text("[data-proof-words]").contains("new connection got through")
        });
        looks(&self.browser, "applied");
        self.press("[data-proof-confirm]");
        self.arrive("/history");
    }

    /// Whether a new connection from the office gets through to the panel.
    fn is_open(&self) -> bool {
        self.reaches(PANEL)
    }

    /// Whether a new connection from the office gets through to an address of the server.
    pub fn reaches(&self, address: &str) -> bool {
        let address: SocketAddr = address.parse().expect("an address");
        self.office.within(|| TcpStream::connect_timeout(&address, Duration::from_millis(500)).is_ok())
    }

    fn kernel_has_table(&self) -> bool {
        self.server.run("nft", &["-j", "-t", "list", "ruleset"]).contains("\"portreeve\"")
    }
}

#[test]
fn a_browser_that_cuts_itself_off_is_let_in_again_by_itself() {
    let wire = Wire::lay();
    let browser = &wire.browser;
    wire.set_up();
    assert!(wire.text(".firewall").contains("not turned on"));

    wire.turn_on(look);
    assert!(wire.text(".firewall").contains("Enforcing revision 1"), "{}", wire.text(".firewall"));
    look(browser, "history");

    wire.open("/rules/new");
    browser.run("document.getElementById('action').value = 'drop'", &[]);
    for (field, text) in [("who", OFFICE), ("to", "portreeve"), ("position", "1")] {
        browser.fill(&format!("#{field}"), text);
    }
    wire.press("button[value=stage]");
    wait_until("the rule is staged", || wire.has(".bar.staged"));
    wire.open("/review");
    assert!(wire.text(".turns.loss").contains("8470/tcp"), "who loses what: {}", wire.text("main"));
    look(browser, "review-locked");
    let phrase = browser.text("form[action='/review/apply'] .notice b");
    browser.fill("#consent", &phrase);
    browser.run("document.getElementById('window').value = '60'", &[]);
    wire.press("form[action='/review/apply'] button");
    wire.arrive("/review/applied");
    wait_until("the page says that nothing gets through", || {
        wire.text("[data-proof-words]").contains("No new connection gets through")
    });
    assert!(!wire.is_open(), "the rule cuts off");
    super::stage::photograph(browser, "cut-off");
    wait_until("the rules from before are back", || wire.is_open());
    wait_until("the page comes back by itself", || wire.text("h1").contains("Nothing waits"));
    let told = wire.text(".bar.told");
    assert!(told.contains("Revision 2 was rolled back because nobody confirmed it"), "{told}");
    assert!(told.contains("still staged"), "{told}");
    look(browser, "rolled-back");
}
