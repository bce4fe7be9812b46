//! What holds for the panel as a whole: one page for each setting, and a list of them.

pub mod record;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{people, rules::VIEWER};
use crate::{
    store::Role,
    web::kit::{Frame, Page, Route, Section, Visit},
};

/// The page's address.
pub const PATH: &str = "/settings";

/// Every page of settings: its address, its name and what it decides.
const ENTRIES: [Entry; 3] = [
    Entry {
        path: people::USERS,
        name: "Users",
        about: "Who may use the panel, and what each of them may do.",
        role: Role::Administrator,
    },
    Entry {
        path: people::SIGN_IN,
        name: "Sign-in",
        about: "Who needs a second factor besides the password.",
        role: Role::Administrator,
    },
    Entry {
        path: record::PATH,
        name: "Record",
        about: "How long blocked connections are kept, and how much is stored.",
        role: Role::Viewer,
    },
];

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
    /// The lowest role that may open it.
    role: Role,
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

    /// What whoever looks may open.
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        let role = self.frame.viewer.as_ref().map(|viewer| viewer.role);
        self.entries.iter().filter(move |entry| role.is_some_and(|role| role >= entry.role))
    }
}
