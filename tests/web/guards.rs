//! What holds for every request: names, cookies, headers, limits.

use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
};

use super::browser::{Site, form};
use crate::actions::panel::{NAME, PASSWORD};

async fn status_for_host(site: &Site, host: &'static [u8]) -> StatusCode {
    let mut request = Request::get("/sign-in").body(Body::empty()).expect("a path");
    request.headers_mut().insert(header::HOST, HeaderValue::from_bytes(host).expect("a value"));
    site.browser().send(request).await.status
}

#[tokio::test]
async fn only_our_own_names_and_addresses_are_answered() {
    let site = Site::with_account().await;
    let own: [&[u8]; 6] = [
        b"panel.example:8470",
        b"PANEL.example",
        b"panel.example.",
        b"localhost:1",
        b"192.0.2.1",
        b"[2001:db8::1]:8470",
    ];
    for host in own {
        assert_eq!(status_for_host(&site, host).await, StatusCode::OK, "{}", host.escape_ascii());
    }
    let foreign: [&[u8]; 7] =
        [b"evil.example", b"", b"panel.example.evil.example", b"a@panel.example", b"panel.example:x", b"x y", b"\xff"];
    for host in foreign {
        assert_eq!(status_for_host(&site, host).await, StatusCode::MISDIRECTED_REQUEST, "{}", host.escape_ascii());
    }
}

#[tokio::test]
async fn a_foreign_name_gets_nothing_of_ours() {
    let site = Site::with_account().await;
    let request = Request::get("/sign-in").header(header::HOST, "evil.example").body(Body::empty()).unwrap();
    let reply = site.signed_in().await.send(request).await;
    assert_eq!(reply.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(!reply.body.contains("Portreeve") && !reply.body.contains("evil"), "{}", reply.body);
    assert!(reply.headers.get(header::SET_COOKIE).is_none());
}

#[tokio::test]
async fn two_hosts_in_one_request_are_refused() {
    let site = Site::with_account().await;
    let in_address = Request::get("https://panel.example/sign-in").header(header::HOST, "localhost");
    let twice = Request::get("/sign-in").header(header::HOST, "localhost").header(header::HOST, "localhost");
    for request in [in_address, twice] {
        let reply = site.browser().send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, StatusCode::MISDIRECTED_REQUEST);
    }
}

#[tokio::test]
async fn cookies_are_host_bound_secure_hidden_from_scripts_and_strict() {
    let site = Site::with_account().await;
    let mut browser = site.browser();
    let replies = [browser.get("/sign-in").await, browser.sign_in(NAME, PASSWORD).await];
    let cookies: Vec<_> = replies.iter().flat_map(|reply| reply.headers.get_all(header::SET_COOKIE)).collect();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in cookies {
        let cookie = cookie.to_str().unwrap();
        let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
        assert!(cookie.starts_with("__Host-portreeve-") && !cookie.contains("Domain"), "{cookie}");
        for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(attributes.contains(&attribute), "{cookie} lacks {attribute}");
        }
    }
}

#[tokio::test]
async fn every_response_is_hardened() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let needed = [
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ];
    for path in ["/", "/sign-in", "/account", "/nothing", "/static/nothing"] {
        let reply = browser.get(path).await;
        let policy: Vec<&str> = reply.header("content-security-policy").split("; ").collect();
        assert_eq!(policy.first(), Some(&"default-src 'none'"), "{path}");
        assert!(needed.iter().all(|part| policy.contains(part)), "{path}: {policy:?}");
        assert!(policy.iter().all(|part| !part.contains("unsafe") && !part.contains("data:")), "{path}: {policy:?}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert!(reply.headers.get("server").is_none() && reply.headers.get("strict-transport-security").is_none());
    }
}

#[tokio::test]
async fn a_stranger_learns_no_version() {
    let site = Site::with_account().await;
    let reply = site.browser().get("/sign-in").await;
    assert!(!reply.body.contains(env!("CARGO_PKG_VERSION")), "{}", reply.body);
    assert!(!format!("{:?}", reply.headers).contains(env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_huge_form_is_refused() {
    let site = Site::with_account().await;
    let mut browser = site.browser();
    let csrf = browser.get("/sign-in").await.csrf();
    let reply = browser.post("/sign-in", &[("csrf", &csrf), ("name", &"x".repeat(70_000)), ("password", "x")]).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reply.texts("h1"), ["That was too much at once"]);
}

#[tokio::test]
async fn a_form_that_lacks_a_field_or_is_no_form_is_refused() {
    let site = Site::with_account().await;
    let mut browser = site.browser();
    let csrf = browser.get("/sign-in").await.csrf();
    assert_eq!(browser.post("/sign-in", &[("csrf", &csrf)]).await.status, StatusCode::BAD_REQUEST);
    let mut request = form("/sign-in", &[]);
    *request.body_mut() = Body::from(vec![0xff_u8; 100]);
    assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_hostile_name_of_a_browser_is_shown_as_text_and_cut() {
    let site = Site::with_account().await;
    let mut browser = site.browser();
    let csrf = browser.get("/sign-in").await.csrf();
    let mut request = form("/sign-in", &[("csrf", &csrf), ("name", NAME), ("password", PASSWORD)]);
    let name = [b"<script>alert(1)</script>\t\xff".as_slice(), &[b'x'; 1000]].concat();
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_bytes(&name).unwrap());
    browser.send(request).await;
    let page = browser.get("/account").await;
    assert!(page.texts("script").iter().all(|script| !script.contains("alert")));
    let shown = page.texts("bdi").into_iter().find(|text| text.contains("alert")).expect("the browser's name");
    assert!(shown.starts_with("<script>alert(1)</script>") && shown.chars().count() <= 256, "{shown}");
}
