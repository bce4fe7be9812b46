//! The record in a browser: rows that come while somebody looks, the histogram by keyboard, and all of it without scripts.

use std::sync::Arc;

use portreeve::{
    actions::Actions,
    firewall::Moment,
    web::{
        self,
        kit::{App, Names},
        server::{self, CertificateFiles, Identity, Seats, Server, Subject, make},
    },
};
use serde_json::json;
use tokio::{runtime::Runtime, sync::watch};

use super::{
    stage::{ENTER, look},
    webdriver::Browser,
};
use crate::{
    actions::panel::{NAME, PASSWORD, Panel},
    helper::running::wait_until,
    web::blocked::entry,
};

const ARROW_LEFT: &str = "\u{e012}";

/// A panel with its real server in this process, so that a test can store rows as the collector does.
struct Own {
    browser: Browser,
    actions: Actions,
    origin: String,
    runtime: Runtime,
    _panel: Panel,
    _stop: watch::Sender<bool>,
}

impl Own {
    fn start(scripts: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a panel of our own");
        let (panel, _) = runtime.block_on(Panel::with_account());
        let dir = panel.state.path();
        let subject = Subject { names: vec!["panel.example".to_owned()], addresses: [].into() };
        make(dir, &subject, Moment::from_millis(0)).expect("a panel of our own");
        let identity = Arc::new(Identity::load(CertificateFiles::self_made(dir)).expect("a panel of our own"));
        let (names, seats) = (Names::new([], Arc::clone(&identity)), Seats::default());
        let app = App::new(panel.actions.clone(), names.clone(), seats.clone(), "panel".to_owned());
        let (stop, stopped) = watch::channel(false);
        let commits = panel.actions.commits();
        let server =
            Server::new(web::router(app), names, seats, identity, commits, stopped).expect("a panel of our own");
        let listener = server::open("127.0.0.1:0".parse().expect("a panel of our own")).expect("a panel of our own");
        let origin = format!("https://{}", listener.local_addr().expect("a panel of our own"));
        runtime.spawn(async move {
            server.serve(tokio::net::TcpListener::from_std(listener).expect("a panel of our own")).await;
        });
        let browser = Browser::start();
        if !scripts {
            browser.forbid_scripts();
        }
        let own = Self { browser, actions: panel.actions.clone(), origin, runtime, _panel: panel, _stop: stop };
        own.sign_in();
        own
    }

    fn sign_in(&self) {
        self.open("/sign-in");
        self.browser.fill("#name", NAME);
        self.browser.fill("#password", PASSWORD);
        self.browser.click("main form button:not([type=button])");
        wait_until("signed in", || self.browser.address().ends_with("/overview"));
    }

    fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.origin));
    }

    /// Stores rows of these sources, all from one second.
    fn knock(&self, sources: &[&str], to: &str, ago: i64) {
        let now = self.actions.now();
        let rows: Vec<_> =
            sources.iter().map(|source| entry(now, source, to, "pr:default-in:41:drop", ago, 1)).collect();
        self.runtime.block_on(self.actions.note_blocked(&rows)).expect("rows are stored");
    }

    fn sources(&self) -> String {
        let script = "return [...document.querySelectorAll('#blocked th.source')].map((e) => e.textContent).join(' ')";
        self.browser.run(script, &[]).as_str().unwrap_or_default().trim().to_owned()
    }

    /// Visible or not.
    fn content(&self, css: &str) -> String {
        let script = "const e = document.querySelector(arguments[0]); return e && !e.hidden ? e.textContent : ''";
        self.browser.run(script, &[json!(css)]).as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn rows_come_by_themselves_and_never_move_under_pointer_or_focus() {
    let own = Own::start(true);
    own.knock(&["203.0.113.1", "203.0.113.2"], "22/tcp", 120);
    own.open("/blocked/live");
    wait_until("the events", || own.content("[data-live-state]") == "Live");
    assert_eq!(own.sources(), "203.0.113.2 203.0.113.1");
    own.knock(&["203.0.113.3"], "23/tcp", 0);
    wait_until("the row", || own.sources().starts_with("203.0.113.3 "));
    own.browser.press("p");
    own.knock(&["203.0.113.4", "203.0.113.5"], "23/tcp", 0);
    wait_until("two wait", || own.content("[data-live-show]") == "2 new: show");
    assert!(own.sources().starts_with("203.0.113.3 "), "nothing moved: {}", own.sources());
    own.browser.click("[data-live-show]");
    assert!(own.sources().starts_with("203.0.113.5 203.0.113.4 203.0.113.3 "), "{}", own.sources());
    own.browser.press("p");
    own.browser.run("document.querySelector('#blocked a').focus()", &[]);
    own.knock(&["203.0.113.6"], "23/tcp", 0);
    wait_until("one waits", || own.content("[data-live-show]") == "1 new: show");
    assert!(own.sources().starts_with("203.0.113.5 "), "nothing moved: {}", own.sources());
    let focus = "return document.activeElement.closest('#blocked') !== null";
    assert_eq!(own.browser.run(focus, &[]), json!(true));
    own.browser.run("document.activeElement.blur()", &[]);
    wait_until("the row", || own.sources().starts_with("203.0.113.6 "));
    wait_until("a summary", || own.content("[data-live-said]").contains("most at 23/tcp"));
    look(&own.browser, "blocked-live");
    assert_eq!(own.browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_histogram_is_cut_by_keyboard_and_the_page_can_be_read_by_all() {
    let own = Own::start(true);
    let many: Vec<String> = (0..60).map(|last| format!("198.51.100.{last}")).collect();
    for (index, ago) in [60, 7_000, 30_000, 80_000].into_iter().enumerate() {
        let sources: Vec<&str> = many.iter().skip(index * 7).map(String::as_str).collect();
        own.knock(&sources, ["22/tcp", "23/tcp", "445/tcp", "icmp/8"][index], ago);
    }
    own.open("/blocked");
    look(&own.browser, "blocked");
    own.browser.run("document.querySelectorAll('.sliders input')[1].focus()", &[]);
    own.browser.press(ARROW_LEFT);
    let until = own.browser.run("return document.getElementById('to').value", &[]);
    assert!(until.as_str().is_some_and(|until| !until.is_empty()), "the form follows the slider");
    own.browser.click("form.brush button");
    wait_until("the narrower time", || {
        own.browser.address().contains("from=") && own.browser.address().contains("to=")
    });
    own.browser.click("#blocked td.act a[href$='/let-in']");
    wait_until("the rule", || own.content(".choice-card .says").contains("Allow 198.51.100."));
    look(&own.browser, "blocked-let-in");
    assert_eq!(own.browser.complaints(), Vec::<String>::new());
}

#[test]
fn everything_of_the_record_works_without_scripts() {
    let own = Own::start(false);
    own.knock(&["203.0.113.1", "198.51.100.2"], "22/tcp", 120);
    own.open("/blocked");
    own.browser.fill("#source", "203.0.113.0/24");
    own.browser.press(ENTER);
    wait_until("one row", || own.sources() == "203.0.113.1");
    own.browser.click(".saved summary");
    own.browser.fill("#filter-name", "One network");
    own.browser.click(".saved form[action='/blocked/save'] button");
    wait_until("the filter", || own.content(".saved .chip a").contains("One network"));
    own.open("/blocked/live");
    assert_eq!(own.sources(), "198.51.100.2 203.0.113.1");
    own.knock(&["203.0.113.7"], "22/tcp", 0);
    own.browser.click("[data-live-reload]");
    wait_until("the new row", || own.sources().starts_with("203.0.113.7 "));
}
