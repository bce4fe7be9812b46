//! HTTP: the pages and the kit they are made of.
//!
//! Neighbours: uses `actions` for every change, `store` for reads, `firewall` and `detect` for values. Never `host`,
//! `boundary` or `helper`: a page request runs no probe.
//!
//! Invariant: every route is declared with its method and who may call it, and every change is a POST with a token.

pub mod kit;
pub mod pages;
pub mod server;

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use kit::{App, Fault, Route, headers, route, visit};
use server::limits;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;

/// Every route of the panel.
#[must_use]
pub fn routes() -> Vec<Route> {
    pages::routes()
}

/// The panel as a service. Requests must carry a [`server::Peer`].
pub fn router(app: App) -> Router {
    router_of(routes(), app)
}

/// Any table of routes as a service, guarded like the panel's.
pub fn router_of(table: Vec<Route>, app: App) -> Router {
    route::build(table)
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn(within_time))
        .layer(middleware::from_fn_with_state(app.clone(), visit::attend))
        .layer(middleware::map_response(headers::harden))
        .with_state(app)
}

async fn within_time(request: Request, next: Next) -> Response {
    let answered = timeout(limits::REQUEST, next.run(request)).await;
    answered.unwrap_or_else(|_| Fault::Busy.into_response())
}

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked; the line before says where")]
struct Panicked;

fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    Fault::internal(&Panicked).into_response()
}
