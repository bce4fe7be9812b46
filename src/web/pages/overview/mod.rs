//! The first page: how the firewall stands in one sentence, what needs somebody, and the rest at a glance.
//!
//! All of it is in memory already or a cheap question to the store: looking at it costs the host nothing.

mod attention;
mod gather;
mod held;
mod knocked;
mod sentence;
mod sessions;
mod trend;
mod view;

pub use attention::{Ending, Need};
use axum::{extract::State, http::StatusCode};
pub use knocked::Knocked;
pub use sessions::Seat;
use tokio::task::spawn_blocking;
pub use trend::Trend;
pub use view::{Glance, OverviewView};

use super::rules::VIEWER;
use crate::web::kit::{App, Fault, Page, Route, Section, Session, Visit};

/// The page's address.
pub const PATH: &str = "/overview";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, VIEWER, show)]
}

async fn show(State(app): State<App>, visit: Visit, session: Session) -> Result<Page<OverviewView>, Fault> {
    let facts = gather::Facts::gather(&app, &session).await?;
    let frame = visit.frame(Some(Section::Overview));
    // A list may have a million entries, and some of them an end.
    let view = spawn_blocking(move || OverviewView::new(frame, &facts.glance(), facts.now));
    Ok(Page(StatusCode::OK, view.await.map_err(|error| Fault::internal(&error))?))
}
