//! How the sentence that is said once travels over a redirect: its key in a cookie, never the sentence.

use axum::{
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};

use super::{Flash, cookies};

/// Sends the browser on after a change, so that reloading the next page doesn't repeat it.
#[must_use]
pub fn see_other(path: &str, flash: Flash) -> Response {
    let mut response = Redirect::to(path).into_response();
    cookies::set(response.headers_mut(), cookies::FLASH, flash.key());
    response
}

pub(super) fn read(headers: &HeaderMap) -> Option<Flash> {
    let key = cookies::read(headers, cookies::FLASH)?;
    Flash::ALL.into_iter().find(|flash| flash.key() == key)
}
