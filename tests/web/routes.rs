//! Walks the table of routes against the real router.

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use portreeve::{
    store::Role,
    web::{
        self,
        kit::{Access, Route},
    },
};

use super::browser::{Browser, Site, encode, form};

/// A path that the route matches, with a word in the place of each parameter.
fn sample(route: &Route) -> String {
    let (fixed, parameters) = route.path.split_once('{').unwrap_or((route.path, ""));
    let rest = parameters.split_once('}').map(|(_, rest)| format!("nothing{rest}")).unwrap_or_default();
    format!("{fixed}{rest}")
}

fn bare(method: &Method, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).expect("a path")
}

#[tokio::test]
async fn methods_that_a_path_does_not_have_are_refused() {
    let site = Site::with_account().await;
    let mut signed_in = site.signed_in().await;
    let routes = web::routes();
    for path in routes.iter().map(sample) {
        let has = |method: &Method| routes.iter().any(|route| sample(route) == path && route.method == method);
        let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
        for method in methods.iter().filter(|method| !has(method)) {
            let reply = signed_in.send(bare(method, &path)).await;
            assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert!(!reply.header("allow").is_empty(), "{method} {path} names no allowed method");
        }
    }
}

#[tokio::test]
async fn strangers_are_led_to_the_sign_in_page_and_change_nothing() {
    let site = Site::with_account().await;
    let mut watch = site.watch().await;
    for route in web::routes().into_iter().filter(|route| route.access != Access::Anyone) {
        let mut stranger = site.browser();
        let path = sample(&route);
        if route.method == Method::GET {
            stranger.get(&path).await.assert_leads_to(&format!("/sign-in?next={path}"));
        } else {
            let csrf = stranger.get("/sign-in").await.csrf();
            let reply = stranger.post(&path, &[("csrf", &csrf)]).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(reply.texts("h1"), ["Your session has ended"], "{path}");
        }
        watch.assert_unchanged(&path).await;
    }
}

#[tokio::test]
async fn reading_changes_nothing() {
    let site = Site::with_account().await;
    let mut signed_in = site.signed_in().await;
    // That somebody looks at the ports is noted once in a while, like the use of a session, to tell what is new then.
    signed_in.get("/ports").await;
    let mut watch = site.watch().await;
    for route in web::routes().iter().filter(|route| route.method == Method::GET) {
        for method in [Method::GET, Method::HEAD] {
            signed_in.send(bare(&method, &sample(route))).await;
            site.browser().send(bare(&method, &sample(route))).await;
            watch.assert_unchanged(route.path).await;
        }
    }
}

/// The ways in which a form can come from somebody else.
fn forgeries(path: &str, csrf: &str) -> Vec<(&'static str, Request<Body>)> {
    let with = |name: &'static str, value: &'static str| {
        let mut request = form(path, &[("csrf", csrf)]);
        request.headers_mut().insert(name, HeaderValue::from_static(value));
        request
    };
    let mut without_origin = form(path, &[("csrf", csrf)]);
    without_origin.headers_mut().remove(header::ORIGIN);
    without_origin.headers_mut().remove("sec-fetch-site");
    vec![
        ("no token", form(path, &[])),
        ("an empty token", form(path, &[("csrf", "")])),
        ("a wrong token", form(path, &[("csrf", &"0".repeat(64))])),
        ("two tokens", form(path, &[("csrf", csrf), ("csrf", csrf)])),
        ("the token in the address", form(&format!("{path}?{}", encode(&[("csrf", csrf)])), &[])),
        ("another content type", with("content-type", "text/plain")),
        ("another site", with("sec-fetch-site", "cross-site")),
        ("a sister site", with("sec-fetch-site", "same-site")),
        ("a foreign origin", with("origin", "https://evil.example")),
        ("an origin without TLS", with("origin", "http://panel.example:8470")),
        ("a hidden origin", with("origin", "null")),
        ("another port of this host", with("host", "panel.example:9")),
        ("no word of the browser", without_origin),
    ]
}

async fn assert_refuses_forgeries(site: &Site, browser: &mut Browser<'_>, path: &str, csrf: &str) {
    let mut watch = site.watch().await;
    for (forgery, request) in forgeries(path, csrf) {
        let reply = browser.send(request).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path} with {forgery}: {}", reply.body);
        watch.assert_unchanged(&format!("{path} with {forgery}")).await;
    }
}

#[tokio::test]
async fn every_change_needs_a_form_of_this_session_from_this_site() {
    let site = Site::with_account().await;
    let of_another_session = site.signed_in().await.get("/account").await.csrf();
    let mut signed_in = site.signed_in().await;
    let csrf = signed_in.get("/account").await.csrf();
    for route in web::routes().iter().filter(|route| route.method != Method::GET) {
        assert_refuses_forgeries(&site, &mut signed_in, &sample(route), &csrf).await;
        let reply = signed_in.post(&sample(route), &[("csrf", &of_another_session)]).await;
        assert_eq!(reply.texts("h1"), ["This form is out of date"], "{}", route.path);
    }
}

#[tokio::test]
async fn forms_for_strangers_are_bound_to_their_browser() {
    let site = Site::fresh().await;
    let mut stranger = site.browser();
    let csrf = stranger.get("/setup").await.csrf();
    for path in ["/setup", "/sign-in"] {
        assert_refuses_forgeries(&site, &mut stranger, path, &csrf).await;
        let reply = site.browser().post(path, &[("csrf", &csrf)]).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path} from another browser");
    }
}

fn table_with_a_vault() -> Vec<Route> {
    let for_administrators = Access::Role(Role::Administrator);
    let mut table = web::routes();
    table.push(Route::get("/vault", for_administrators, async || "gold"));
    table.push(Route::post("/vault", for_administrators, async || "gold"));
    table
}

#[tokio::test]
async fn a_route_above_ones_role_is_refused() {
    for (role, is_enough) in [("viewer", false), ("operator", false), ("administrator", true)] {
        let site = Site::with_table(table_with_a_vault()).await;
        let mut browser = site.signed_in().await;
        let csrf = browser.get("/account").await.csrf();
        let mut connection = site.panel.connection().await;
        sqlx::query("update user set role = ?").bind(role).execute(&mut connection).await.unwrap();
        for reply in [browser.get("/vault").await, browser.post("/vault", &[("csrf", &csrf)]).await] {
            let expected = if is_enough { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!((reply.status, reply.body.contains("gold")), (expected, is_enough), "{role}");
        }
    }
}
