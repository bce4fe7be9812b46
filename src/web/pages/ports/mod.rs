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

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Redirect,
};
pub use bound::Bound;
pub use filter::Filter;
pub use view::{PortsView, Snapshot};

use crate::{
    actions::ListenersView,
    store::Role,
    web::kit::{Access, App, Page, Route, Section, Visit},
};

/// The page's address.
pub const PATH: &str = "/ports";

/// Has the list read anew.
const READ_AGAIN: &str = "/ports/read-again";
const VIEWER: Access = Access::Role(Role::Viewer);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, VIEWER, show), Route::post(READ_AGAIN, VIEWER, submit_read_again)]
}

/// The parameters of an address, as they stand there.
type Pairs = Query<Vec<(String, String)>>;

async fn show(State(app): State<App>, visit: Visit, Query(pairs): Pairs) -> Page<PortsView> {
    let ListenersView { listing, taken_at, fault } = app.listeners();
    let snapshot =
        Snapshot { listeners: &listing.listeners, omitted: listing.omitted, taken_at, fault: fault.as_deref() };
    let filter = Filter::from_pairs(&pairs);
    Page(StatusCode::OK, PortsView::new(visit.frame(Some(Section::Ports)), snapshot, filter, app.actions().now()))
}

/// Asks the helper and leads back to the list as it was filtered.
async fn submit_read_again(State(app): State<App>, Query(pairs): Pairs) -> Redirect {
    app.actions().refresh_listeners().await;
    Redirect::to(&Filter::from_pairs(&pairs).own_address())
}
