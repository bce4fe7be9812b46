//! The administrator's browser as far as these tests need one: it keeps cookies and sends forms.

use std::process::Output;

use super::{
    command::{command, printed},
    machine::Machine,
    network::SERVER_TO_ADMINISTRATOR,
};
use tempfile::NamedTempFile;

/// The name and password of the first account.
const ACCOUNT: [(&str, &str); 2] = [("name", "anna"), ("password", "a long way to the harbour")];

/// A browser on the administrator's host.
pub struct Browser<'a> {
    machine: &'a Machine,
    cookies: NamedTempFile,
}

impl<'a> Browser<'a> {
    /// One without any cookie.
    pub fn new(machine: &'a Machine) -> Self {
        Self { machine, cookies: NamedTempFile::new().expect("a cookie jar") }
    }

    /// The page at the path, after any redirects.
    pub fn get(&self, path: &str) -> String {
        self.curl(path, &["--location"])
    }

    /// Whether somebody is signed in: then the account's page answers, otherwise the sign-in page.
    pub fn is_signed_in(&self) -> bool {
        self.get("/account").contains("You are signed in as")
    }

    /// Fills in and sends the form of the page at `form`.
    pub fn submit(&self, form: &str, action: &str, fields: &[(&str, &str)]) {
        printed(action, &self.try_submit(form, action, fields));
    }

    /// The same where it may be that nobody answers.
    pub fn try_submit(&self, form: &str, action: &str, fields: &[(&str, &str)]) -> Output {
        let page = self.get(form);
        let hidden = page.split(r#"name="csrf" value=""#).nth(1).and_then(|rest| rest.split('"').next());
        let csrf = format!("csrf={}", hidden.expect("a form with a token"));
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut arguments = vec!["--header", "Sec-Fetch-Site: same-origin", "--data-urlencode", &csrf];
        for field in &fields {
            arguments.extend(["--data-urlencode", field]);
        }
        self.run_curl(action, &arguments)
    }

    /// Makes the first account with the token of the setup link, which signs in.
    pub fn set_up(&self, token: &str) {
        let [name, (_, password)] = ACCOUNT;
        let fields = [("token", token), name, ("password", password), ("repeat", password)];
        self.submit(&format!("/setup?token={token}"), "/setup", &fields);
    }

    /// Signs in with the first account.
    pub fn sign_in(&self) {
        self.submit("/sign-in", "/sign-in", &ACCOUNT);
    }

    fn curl(&self, path: &str, arguments: &[&str]) -> String {
        printed(path, &self.run_curl(path, arguments))
    }

    fn run_curl(&self, path: &str, arguments: &[&str]) -> Output {
        let url = format!("https://{SERVER_TO_ADMINISTRATOR}:8470{path}");
        let mut curl = command("ip");
        curl.args(["netns", "exec", &self.machine.network.administrator, "curl", "--silent", "--show-error"]);
        curl.args(["--insecure", "--fail-with-body", "--max-time", "20", "--cookie-jar"]).arg(self.cookies.path());
        curl.arg("--cookie").arg(self.cookies.path()).args(arguments).arg(&url);
        curl.output().expect("iproute2 and curl")
    }
}

/// What follows `token=` in what the console said.
pub fn setup_token(console: &str) -> &str {
    let rest = console.split("/setup?token=").nth(1).expect("a setup link");
    rest.split_whitespace().next().unwrap_or_default()
}
