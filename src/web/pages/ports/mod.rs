//! What listens on this host: every port with what it is for, who holds it and what it is bound to.
//!
//! The page knows addresses and not yet firewalls, so it says "bound to" and never "reachable from".

mod answer;
mod bound;
mod choices;
mod entry;
mod facts;
mod filter;
mod row;
mod view;

pub use bound::Bound;
pub use filter::Filter;
pub use view::{PortsView, Snapshot};

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Redirect,
};

use crate::{
    store::Role,
    web::kit::{Access, App, Page, Route, Section, Visit},
};

/// The page's address.
pub const PATH: &str = "/ports";
/// Has the list read anew.
const READ_AGAIN: &str = "/ports/read-again";
const VIEWERS: Access = Access::Role(Role::Viewer);

type Pairs = Query<Vec<(String, String)>>;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, VIEWERS, show), Route::post(READ_AGAIN, VIEWERS, submit_read_again)]
}

async fn show(State(app): State<App>, visit: Visit, Query(pairs): Pairs) -> Page<PortsView> {
    let view = app.listeners();
    let snapshot = Snapshot { listeners: &view.listeners, taken_at: view.taken_at, fault: view.fault.as_deref() };
    let frame = visit.frame(Some(Section::Ports));
    Page(StatusCode::OK, PortsView::new(frame, snapshot, Filter::from_pairs(&pairs), app.actions().now()))
}

/// Comes back to the same part of the list.
async fn submit_read_again(State(app): State<App>, Query(pairs): Pairs) -> Redirect {
    app.actions().refresh_listeners().await;
    let filter = Filter::from_pairs(&pairs);
    Redirect::to(&filter.address(filter.page))
}
