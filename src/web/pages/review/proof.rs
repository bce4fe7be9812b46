//! The page after Apply: whether a new connection gets through, and the button that keeps the revision.

use std::time::Instant;

use axum::{
    extract::{Query, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{AppliedView, State, Waiting};
use crate::web::kit::{App, Page, Section, Viewer, Visit};

type Pairs = Query<Vec<(String, String)>>;

/// `again` says that a confirmation came over an old connection.
pub(super) async fn show(Shared(app): Shared<App>, visit: Visit, Query(pairs): Pairs) -> Page<AppliedView> {
    let is_old = pairs.iter().any(|(name, _)| name == "again");
    Page(StatusCode::OK, view(&app, &visit, is_old, None))
}

/// Tells a script what a person reads on the page: `old`, `proven 3.1`, or `over`.
pub(super) async fn tell(Shared(app): Shared<App>, visit: Visit) -> Response {
    let is_pending = app.actions().firewall().pending().is_some();
    let commit = *app.actions().commits().borrow();
    let text = match (is_pending, commit) {
        (false, _) => "over".to_owned(),
        (true, Some(commit)) if visit.accepted_at() <= commit => "old".to_owned(),
        (true, commit) => {
            let since = commit.unwrap_or_else(|| visit.accepted_at());
            format!("proven {:.1}", visit.accepted_at().duration_since(since).as_secs_f64())
        }
    };
    text.into_response()
}

/// The page, also as the answer to an act that failed.
pub(super) fn view(app: &App, visit: &Visit, is_old: bool, failure: Option<String>) -> AppliedView {
    let frame = visit.frame(Some(Section::Rules));
    let countdown = frame.bars.iter().find_map(|bar| bar.pending().cloned());
    let state = match countdown {
        Some(countdown) => State::Waiting(Waiting { countdown, is_proven: is_proven(app, visit.accepted_at()) }),
        None => State::Over { confirmed: app.actions().firewall().confirmed() },
    };
    let may_confirm = frame.viewer.as_ref().is_some_and(Viewer::may_confirm);
    AppliedView { frame, state, may_confirm, is_old, failure }
}

/// A connection that is younger than the last commit was judged by the rules in force. A panel that doesn't remember a
/// commit was started after it.
fn is_proven(app: &App, accepted_at: Instant) -> bool {
    app.actions().commits().borrow().is_none_or(|commit| accepted_at > commit)
}
