//! What the panel never writes to its log, whatever it is told to log.

use super::{
    account::{PASSWORD, session},
    process::{Serving, own_dir, until},
};
use crate::web::browser::encode;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn no_secret_is_in_the_log_even_when_everything_is_logged() {
    let serving = Serving::start_logging(own_dir());
    let setup = serving.said.iter().find_map(|line| line.split_once("token=")).unwrap().1.to_owned();
    let session = session(&serving);
    let csrf_page = serving.get("/sign-in");
    let csrf = csrf_page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let body = encode(&[("csrf", csrf), ("name", "anna"), ("password", "wrong horse 7 tins")]);
    for request in [
        format!(
            "POST /sign-in HTTP/1.1\r\nContent-Length: {}\r\nContent-Type: application/x-www-form-urlencoded",
            body.len()
        ),
        format!("GET /ports HTTP/1.1\r\nCookie: {session}"),
        format!("GET /metrics HTTP/1.1\r\nAuthorization: Bearer {TOKEN}"),
        format!("GET /setup?token={setup} HTTP/1.1\r\nX: y"),
        format!("NONSENSE {PASSWORD}"),
    ] {
        serving.exchange(&format!("{request}\r\nHost: {}\r\nConnection: close\r\n\r\n{body}", serving.address));
    }
    let written = until("something is logged", || Some(serving.log()).filter(|written| written.lines().count() > 20));
    let (_, cookie) = session.split_once('=').unwrap();
    for secret in [setup.as_str(), cookie, csrf, PASSWORD, "wrong horse 7 tins", TOKEN] {
        assert!(!written.contains(secret), "{secret} is in the log:\n{written}");
        assert!(!written.contains(&secret.replace(' ', "%20")), "{secret} is in the log:\n{written}");
    }
}
