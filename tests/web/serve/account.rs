//! The first account, made over the wire.

use super::process::Serving;
use crate::web::browser::encode;

pub const PASSWORD: &str = "tin otter 9 lamps";

/// Follows the printed link, fills the form in, and gives back the whole answer.
pub fn make_first(serving: &Serving) -> String {
    let link = serving.said.iter().find(|line| line.contains("/setup?token=")).expect("a setup link");
    let (_, token) = link.split_once("token=").expect("a token");
    let page = serving.get(&format!("/setup?token={token}"));
    let after = |mark: &str, end: char| page.split(mark).nth(1).and_then(|rest| rest.split(end).next());
    let csrf = after("name=\"csrf\" value=\"", '"').expect("a form");
    let body =
        encode(&[("csrf", csrf), ("token", token), ("name", "anna"), ("password", PASSWORD), ("repeat", PASSWORD)]);
    serving.exchange(&format!(
        "POST /setup HTTP/1.1\r\nHost: {address}\r\nOrigin: https://{address}\r\nCookie: {}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        after("set-cookie: ", ';').expect("a cookie"),
        body.len(),
        address = serving.address,
    ))
}

/// The cookie of a session of the first account.
pub fn session(serving: &Serving) -> String {
    let answer = make_first(serving);
    let cookie = answer.split("set-cookie: ").find(|rest| rest.starts_with("__Host-portreeve-session="));
    cookie.and_then(|rest| rest.split(';').next()).expect("a session").to_owned()
}
