//! The figures.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use super::browser::{Reply, Site};

async fn metrics(site: &Site, token: &str) -> Reply {
    let request = Request::get("/metrics").header(header::AUTHORIZATION, format!("Bearer {token}"));
    site.browser().send(request.body(Body::empty()).expect("a path")).await
}

#[tokio::test]
async fn there_is_no_such_page_until_a_token_is_chosen() {
    let site = Site::with_account().await;
    assert_eq!(metrics(&site, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.signed_in().await.get("/metrics").await.status, StatusCode::NOT_FOUND);
    site.app().metrics_key().set(Some("the token"));
    assert_eq!(site.signed_in().await.get("/metrics").await.status, StatusCode::UNAUTHORIZED);
    let reply = metrics(&site, "a token").await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert_eq!(metrics(&site, "the token").await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_figure_says_what_it_is_and_none_comes_twice() {
    let site = Site::with_account().await;
    site.app().metrics_key().set(Some("the token"));
    site.panel.actions.refresh_firewall().await;
    let reply = metrics(&site, "the token").await;
    assert!(reply.header("content-type").starts_with("text/plain; version=0.0.4"), "{}", reply.header("content-type"));
    assert!(reply.body.contains("\nportreeve_helper_up 0\n"), "{}", reply.body);
    let mut seen = Vec::new();
    for line in reply.body.lines().filter(|line| !line.starts_with('#')) {
        let (sample, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let family = sample.split('{').next().unwrap();
        for mark in ["# HELP", "# TYPE"] {
            assert_eq!(reply.body.matches(&format!("{mark} {family} ")).count(), 1, "{mark} {family}");
        }
        assert!(!seen.contains(&sample), "{sample} comes twice");
        seen.push(sample);
    }
    assert!(seen.len() > 12, "{seen:?}");
}
