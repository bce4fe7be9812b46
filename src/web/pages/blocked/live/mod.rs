//! The record as it is written: a page that works without a script, and the events that keep it fresh with one.

mod event;
mod events;
mod view;

use axum::{
    extract::{Query, State},
    http::StatusCode,
};
pub(super) use events::events;
use tokio::task::spawn_blocking;
pub use view::LiveView;

use super::{Filter, show::judge};
use crate::web::{
    kit::{App, Fault, Page, Section, Session, Visit},
    pages::rules::Pairs,
};

/// Rows that the page keeps.
pub(super) const KEPT: u32 = 100;

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    Query(pairs): Pairs,
) -> Result<Page<LiveView>, Fault> {
    let (filter, now) = (Filter::from_pairs(&pairs).live(), app.actions().now());
    let wanted = filter.wanted(now);
    let (found, judge) = tokio::try_join!(
        async { Ok(app.actions().store().list_blocked(&wanted, None, KEPT).await?) },
        judge(&app, &session)
    )?;
    let frame = visit.frame(Some(Section::Blocked));
    let view = spawn_blocking(move || LiveView::new(frame, filter, &found.rows, &judge, now));
    Ok(Page(StatusCode::OK, view.await.map_err(|error| Fault::internal(&error))?))
}
