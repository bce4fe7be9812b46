//! The four cookies, and how each is set.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::actions::SessionToken;

/// Holds the session token.
pub(super) const SESSION: &str = "__Host-portreeve-session";

/// Holds a random value that ties the forms of somebody who isn't signed in to his browser.
pub(super) const VISITOR: &str = "__Host-portreeve-visitor";

/// Names the sentence that the next page says once.
pub(super) const FLASH: &str = "__Host-portreeve-flash";

/// The number of the revision whose roll back was taken note of.
pub(super) const NOTED: &str = "__Host-portreeve-noted";

/// Reads one cookie of a request.
pub(super) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    CookieJar::from_headers(headers).get(name).map(|cookie| cookie.value().to_owned())
}

/// Sets a cookie until the browser is closed.
///
/// `__Host-` makes browsers refuse it from a subdomain, from plain HTTP and for a part of the paths, so nobody else can
/// plant one. `Strict`, because no other site has business linking into the panel: a request that another site starts
/// arrives without a session, also a GET. The price is that a link in a mail leads to the sign-in page once.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    append(headers, &build(name, value));
}

/// Makes the browser forget a cookie.
pub(super) fn clear(headers: &mut HeaderMap, name: &'static str) {
    let mut cookie = build(name, "");
    cookie.make_removal();
    append(headers, &cookie);
}

fn build(name: &'static str, value: &str) -> Cookie<'static> {
    Cookie::build((name, value.to_owned())).path("/").secure(true).http_only(true).same_site(SameSite::Strict).build()
}

fn append(headers: &mut HeaderMap, cookie: &Cookie<'static>) {
    match HeaderValue::try_from(cookie.to_string()) {
        Ok(value) => drop(headers.append(header::SET_COOKIE, value)),
        Err(error) => tracing::error!(%error, "a cookie could not be set"),
    }
}

/// Hands the token of a new session to the browser.
pub fn begin_session(headers: &mut HeaderMap, token: &SessionToken) {
    set(headers, SESSION, &token.expose());
}

/// Makes the browser forget its session.
pub fn end_session(headers: &mut HeaderMap) {
    clear(headers, SESSION);
}

/// Has the browser remember that the roll back of a revision was taken note of.
pub fn note_roll_back(headers: &mut HeaderMap, revision: u64) {
    set(headers, NOTED, &revision.to_string());
}
