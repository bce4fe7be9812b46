//! The headers that every response carries.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// From nothing upward: own style sheets, scripts, images and live data; forms that post to us; nobody may frame us or
/// move the base of our links. Trusted Types shut the DOM's string sinks for our own scripts too.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    // Not `no-referrer`: with it browsers send `Origin: null` along with our own forms, and the check of the origin would
    // be lost. Other sites learn nothing from this value either.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

// No `Strict-Transport-Security`: it counts for the host's name on every port, so it would break each plain-HTTP site that
// the same server has; and with a self-made certificate browsers ignore it. The panel's port never serves a page without TLS.

/// Adds the headers, and `no-store` where nothing else was said.
pub(in crate::web) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
