//! What holds for the panel as a whole: one page for each setting, and a list of them.

pub mod record;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::rules::VIEWER;
use crate::web::kit::{Frame, Page, Route, Section, Visit};

/// The page's address.
pub const PATH: &str = "/settings";

/// Every page of settings: its address, its name and what it decides.
const ENTRIES: [Entry; 1] = [Entry {
    path: record::PATH,
    name: "Record",
    about: "How long blocked connections are kept, and how much is stored.",
}];

/// The list of settings.
#[derive(Debug, Template)]
#[template(path = "pages/settings/settings.html")]
pub struct SettingsView {
    frame: Frame,
    entries: &'static [Entry],
}

#[derive(Debug)]
struct Entry {
    path: &'static str,
    name: &'static str,
    about: &'static str,
}

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![Route::get(PATH, VIEWER, show)];
    routes.extend(record::routes());
    routes
}

async fn show(visit: Visit) -> Response {
    Page(StatusCode::OK, SettingsView::new(visit.frame(Some(Section::Settings)))).into_response()
}

impl SettingsView {
    /// Lays the page out.
    #[must_use]
    pub const fn new(frame: Frame) -> Self {
        Self { frame, entries: &ENTRIES }
    }
}
