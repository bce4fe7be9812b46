//! The shipped files.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use portreeve::web::kit::assets;

use super::browser::Site;

#[tokio::test]
async fn every_shipped_file_is_served_for_ever_with_its_type() {
    let site = Site::with_account().await;
    for asset in assets::ASSETS.iter() {
        let reply = site.browser().get(&asset.url).await;
        assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, asset.media_type));
        assert_eq!(reply.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(reply.body.as_bytes(), asset.bytes);
        assert!(reply.headers.get(header::SET_COOKIE).is_none());
    }
}

#[tokio::test]
async fn style_sheets_are_compressed_and_pages_are_not() {
    let site = Site::with_account().await;
    let sheet =
        assets::ASSETS.iter().filter(|asset| asset.name.starts_with("css/")).max_by_key(|asset| asset.bytes.len());
    for (path, encoding) in [(sheet.expect("a style sheet").url.as_str(), "gzip"), ("/sign-in", "")] {
        let request = Request::get(path).header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
        assert_eq!(site.browser().send(request).await.header("content-encoding"), encoding, "{path}");
    }
}

#[tokio::test]
async fn nothing_else_is_found_below_static() {
    let site = Site::with_account().await;
    let asset = &assets::ASSETS[0];
    let (real, name) = (asset.url.as_str(), asset.name);
    let tricks = [
        "/static/x".to_owned(),
        real.replace("/static/", "/static/0"),
        real.replace(name, &format!("x/../{name}")),
        real.replace(name, &name.replace('/', "%2f")),
        real.replace(name, &format!("/{name}")),
        format!("{real}/"),
        format!("{real}%00"),
        real.replace(name, &name.to_uppercase()),
        "/static/../../../../etc/passwd".to_owned(),
        "/static/..%2f..%2f..%2f..%2fetc%2fpasswd".to_owned(),
        "/static/%2e%2e/%2e%2e/etc/passwd".to_owned(),
        "/static/....//....//etc/passwd".to_owned(),
    ];
    for path in tricks {
        let reply = site.browser().get(&path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!reply.body.contains("root:"), "{path}");
    }
}
