//! A panel and its helper as they run on a server, and a browser in front of them.

use std::{fs, os::unix::fs::symlink, path::Path};

use serde_json::json;

use super::{axe, webdriver::Browser};
use crate::{
    helper::running::{Running, wait_until},
    look::pictures::overflow,
    web::serve::process::{Serving, own_dir},
};

pub const NAME: &str = "anna";
pub const PASSWORD: &str = "four tin lanterns";

/// Keys as WebDriver sends them.
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";

pub struct Stage {
    pub browser: Browser,
    panel: Serving,
    _helper: Running,
}

impl Stage {
    pub fn set() -> Self {
        let (helper, dir) = (Running::start(), own_dir());
        symlink(helper.socket(), dir.path().join("helper.sock")).expect("the panel finds the helper");
        Self { browser: Browser::start(), panel: Serving::start_in(dir, &[]), _helper: helper }
    }

    /// The one-time link as the console shows it.
    pub fn setup_link(&self) -> &str {
        let link = self.panel.said.iter().find(|line| line.contains("/setup?token="));
        link.expect("a setup link").trim()
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.panel.address)
    }

    pub fn path(&self) -> String {
        self.browser.address().replace(&self.url(""), "")
    }

    /// Waits until the browser is on a page.
    pub fn arrive(&self, path: &str) {
        wait_until(path, || self.path() == path);
    }

    /// Goes through setup, up to the list of ports with something in it.
    pub fn settle(&self) {
        self.browser.open(self.setup_link());
        make_account(&self.browser);
        self.arrive("/overview");
        self.wait_for_ports();
    }

    /// Loads the list again until the helper has given one.
    pub fn wait_for_ports(&self) {
        wait_until("ports are listed", || {
            self.browser.open(&self.url("/ports"));
            self.count("#ports th.port") > 0
        });
    }

    pub fn count(&self, css: &str) -> u64 {
        let found = self.browser.run("return document.querySelectorAll(arguments[0]).length", &[json!(css)]);
        found.as_u64().expect("a number")
    }

    /// Waits until the page has an element that matches.
    pub fn wait_for(&self, css: &str) {
        wait_until(css, || self.count(css) > 0);
    }
}

/// Fills in the setup form that is open.
pub fn make_account(browser: &Browser) {
    browser.fill("#name", NAME);
    browser.fill("#password", PASSWORD);
    browser.fill("#repeat", PASSWORD);
    browser.click("main form button:not([type=button])");
}

/// Looks at the open page as people with other screens and other eyes do: nothing sticks out sideways, axe-core finds no
/// barrier. The pictures stay in `target/pictures` for a person.
pub fn look(browser: &Browser, name: &str) {
    for (width, scheme) in
        [(1280, "light"), (1280, "dark"), (768, "light"), (768, "dark"), (360, "light"), (360, "dark")]
    {
        browser.dress(width, 800, scheme);
        photograph(browser, &format!("{name}-{width}-{scheme}"));
        assert_eq!(overflow(browser), None, "{name} at {width}");
        assert_eq!(axe::barriers(browser), Vec::<String>::new(), "{name} at {width} in {scheme}");
    }
    browser.dress(1280, 800, "light");
}

/// Keeps a picture of the page as it is.
pub fn photograph(browser: &Browser, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    fs::create_dir_all(&folder).expect("target is writable");
    fs::write(folder.join(format!("{name}.png")), browser.picture()).expect("a picture is written");
}
