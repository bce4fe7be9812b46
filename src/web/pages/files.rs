//! The shipped files, found by their whole address in a table: no path of a request ever touches a file system.

use axum::{
    http::{Uri, header},
    response::{IntoResponse, Response},
};
use tower_http::compression::CompressionLayer;

use crate::web::kit::{Access, Fault, Route, assets::ASSETS};

/// The address holds a hash of the content, so what is under it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(super) fn routes() -> Vec<Route> {
    // Only here: compressing a page that holds a secret together with words of a stranger would tell the secret (BREACH).
    vec![Route::get("/static/{*file}", Access::Anyone, serve).map(|handler| handler.layer(CompressionLayer::new()))]
}

async fn serve(uri: Uri) -> Response {
    match ASSETS.iter().find(|asset| asset.url == uri.path()) {
        Some(asset) => {
            ([(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, FOR_EVER)], asset.bytes).into_response()
        }
        None => Fault::NotFound.into_response(),
    }
}
