//! The files of `static/`, built into the program and served under an address that changes with their content.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::hex;

/// One shipped file.
#[derive(Debug)]
pub struct Asset {
    /// The name below `static/`.
    pub name: &'static str,
    /// The media type it is served with.
    pub media_type: &'static str,
    /// The file.
    pub bytes: &'static [u8],
    /// `/static/HASH/NAME`, immutable.
    pub url: String,
}

macro_rules! embed {
    ($($name:literal: $media_type:literal,)*) => {
        [$(($name, $media_type, include_bytes!(concat!("../../../static/", $name)).as_slice())),*]
    };
}

/// Every shipped file. `tests/mirror.rs` compares the list with the folder.
pub static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let files = embed! {
        "css/base.css": "text/css; charset=utf-8",
        "css/blocked.css": "text/css; charset=utf-8",
        "css/explain.css": "text/css; charset=utf-8",
        "css/frame.css": "text/css; charset=utf-8",
        "css/kit.css": "text/css; charset=utf-8",
        "css/overview.css": "text/css; charset=utf-8",
        "css/ports.css": "text/css; charset=utf-8",
        "css/print.css": "text/css; charset=utf-8",
        "css/review.css": "text/css; charset=utf-8",
        "css/rules.css": "text/css; charset=utf-8",
        "css/table.css": "text/css; charset=utf-8",
        "css/tokens.css": "text/css; charset=utf-8",
        "icons/favicon.svg": "image/svg+xml",
        "icons/sprite.svg": "image/svg+xml",
        "js/ago.js": "text/javascript; charset=utf-8",
        "js/blocked-brush.js": "text/javascript; charset=utf-8",
        "js/blocked-live.js": "text/javascript; charset=utf-8",
        "js/countdown.js": "text/javascript; charset=utf-8",
        "js/live.js": "text/javascript; charset=utf-8",
        "js/menu.js": "text/javascript; charset=utf-8",
        "js/proof.js": "text/javascript; charset=utf-8",
        "js/preview.js": "text/javascript; charset=utf-8",
        "js/reveal.js": "text/javascript; charset=utf-8",
    };
    files
        .into_iter()
        .map(|(name, media_type, bytes)| Asset { name, media_type, bytes, url: url_of(name, bytes) })
        .collect()
});

fn url_of(name: &str, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("/static/{}/{name}", hex::encode(digest.into_iter().take(8)))
}

/// The address of a shipped file, for templates.
///
/// # Panics
/// When no such file is shipped; a test renders every template, so a release can't.
#[must_use]
pub fn url(name: &str) -> &'static str {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    &asset.unwrap_or_else(|| panic!("static/{name} is not shipped")).url
}
