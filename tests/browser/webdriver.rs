//! A small WebDriver client: starts chromedriver and drives one headless Chromium.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{helper::running::program, netns::host::Host};

const DRIVER: &str = "/usr/bin/chromedriver";
const CHROMIUM_FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// A browser with one window. Dropping it ends the browser and its driver.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: TempDir,
    host: Option<Arc<Host>>,
}

impl Browser {
    /// Starts a browser with a fresh profile. It accepts self-made certificates.
    pub fn start() -> Self {
        Self::start_by(program(DRIVER), None)
    }

    /// The same on another host.
    pub fn start_on(host: &Arc<Host>) -> Self {
        Self::start_by(host.command(DRIVER), Some(Arc::clone(host)))
    }

    fn start_by(mut command: Command, host: Option<Arc<Host>>) -> Self {
        let profile = tempfile::tempdir().expect("a directory for the profile");
        let mut driver = command
            .arg("--port=0")
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts: is chromium-driver installed?");
        let port = port_of(&mut driver);
        let mut browser = Self { driver, port, session: String::new(), profile, host };
        browser.session = browser.open_session();
        browser
    }

    fn open_session(&self) -> String {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let flags: Vec<&str> = CHROMIUM_FLAGS.iter().copied().chain([profile.as_str()]).collect();
        let wanted = json!({"alwaysMatch": {
            "acceptInsecureCerts": true,
            "goog:chromeOptions": {"args": flags},
            "goog:loggingPrefs": {"browser": "ALL"},
        }});
        let answer = self.send("POST", "/session", &json!({ "capabilities": wanted }));
        answer["sessionId"].as_str().expect("a session id").to_owned()
    }

    /// Opens an address and waits until it has loaded.
    pub fn open(&self, address: &str) {
        self.command("POST", "/url", &json!({ "url": address }));
    }

    /// Where the browser is.
    pub fn address(&self) -> String {
        self.command("GET", "/url", &json!({})).as_str().expect("an address").to_owned()
    }

    /// From the next page on, scripts of pages don't run.
    pub fn forbid_scripts(&self) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    }

    /// Clicks the first element that matches, as a mouse would.
    pub fn click(&self, css: &str) {
        let element = self.element(css);
        self.command("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// Puts text into a field in place of what is there.
    pub fn fill(&self, css: &str, text: &str) {
        let element = self.element(css);
        self.command("POST", &format!("/element/{element}/clear"), &json!({}));
        self.command("POST", &format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Presses keys one after the other, wherever the focus is.
    pub fn press(&self, keys: &str) {
        let stroke = |key: char| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key }));
        let strokes: Vec<Value> = keys.chars().flat_map(stroke).collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.command("POST", "/actions", &actions);
    }

    /// The visible text of the first element that matches.
    pub fn text(&self, css: &str) -> String {
        let element = self.element(css);
        let text = self.command("GET", &format!("/element/{element}/text"), &json!({}));
        text.as_str().expect("a text").to_owned()
    }

    fn element(&self, css: &str) -> String {
        let query = json!({ "using": "css selector", "value": css });
        let found = self.command("POST", "/element", &query);
        let id = found.as_object().and_then(|reference| reference.values().next()?.as_str());
        id.expect("an element").to_owned()
    }

    /// Runs a function body in the page and returns what it returns.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.command("POST", "/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Runs a function body that calls its last argument when it is done.
    pub fn run_async(&self, script: &str, arguments: &[Value]) -> Value {
        self.command("POST", "/execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// Sends a command of the Chrome Developer Tools protocol.
    pub fn devtools(&self, method: &str, parameters: &Value) -> Value {
        self.command("POST", "/goog/cdp/execute", &json!({ "cmd": method, "params": parameters }))
    }

    /// Sets the size of the page in CSS pixels and the colour scheme the system asks for. Scrollbars take no room.
    pub fn dress(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        self.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// A picture of the whole page, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let size = &self.devtools("Page.getLayoutMetrics", &json!({}))["cssContentSize"];
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let wanted = json!({ "captureBeyondViewport": true, "clip": clip });
        let answer = self.devtools("Page.captureScreenshot", &wanted);
        STANDARD.decode(answer["data"].as_str().expect("a picture")).expect("base64")
    }

    /// A picture of what a window shows without scrolling, as PNG.
    pub fn viewport(&self) -> Vec<u8> {
        let answer = self.devtools("Page.captureScreenshot", &json!({}));
        STANDARD.decode(answer["data"].as_str().expect("a picture")).expect("base64")
    }

    /// What the browser has complained about since it was last asked.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", &json!({ "type": "browser" }));
        log.as_array().into_iter().flatten().filter_map(|line| line["message"].as_str().map(str::to_owned)).collect()
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.send(method, &format!("/session/{}{path}", self.session), body)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let connect = || TcpStream::connect(("127.0.0.1", self.port)).expect("chromedriver listens");
        let mut stream = self.host.as_ref().map_or_else(connect, |host| host.within(connect));
        let (port, length) = (self.port, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .expect("chromedriver reads");
        let mut answer: Value = serde_json::from_str(&read_body(stream)).expect("chromedriver answers in JSON");
        let value = answer["value"].take();
        assert!(value.get("error").is_none(), "{method} {path}: {value:#}");
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser is a child of its driver and in the same group.
        let _ = kill_process_group(Pid::from_child(&self.driver), Signal::KILL);
        let _ = self.driver.wait();
    }
}

fn port_of(driver: &mut Child) -> u16 {
    let lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
    let started = lines.map_while(Result::ok).find(|line| line.contains("successfully on port"));
    let line = started.expect("chromedriver says its port");
    let digits = line.trim_end_matches('.').rsplit(' ').next().unwrap_or_default();
    digits.parse().expect("a port")
}

/// Chromedriver keeps the connection open whatever it was asked, so the length says where the answer ends.
fn read_body(stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    String::from_utf8(body).expect("UTF-8")
}
