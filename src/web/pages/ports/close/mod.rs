//! The sheet before a port is closed: who uses it, what else ends, how far to go. Then the act, and its Undo.

mod told;
mod view;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
pub(super) use told::{Refusal, refusal};
pub(super) use view::recommended;
pub use view::{SheetGrounds, SheetView};

use super::{PATH, PortKey, subject};
use crate::{
    actions::{ClosePort, Closed, RulesDone},
    firewall::closing::CloseLevel,
    web::{
        kit::{
            App, Fault, Flash, Page, Problems, ProtectedForm, Query as Address, Route, Section, Session, Visit, flash,
        },
        pages::rules::{ADMINISTRATOR, Pairs},
    },
};

/// The sheet's address; the port stands behind it.
pub const SHEET: &str = "/ports/close";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(SHEET, ADMINISTRATOR, show), Route::post(SHEET, ADMINISTRATOR, submit)]
}

#[derive(Deserialize)]
struct CloseForm {
    port: String,
    #[serde(default)]
    level: String,
}

async fn show(State(app): State<App>, visit: Visit, Query(pairs): Pairs) -> Result<Response, Fault> {
    let port = PortKey::asked(&pairs).ok_or(Fault::NotFound)?;
    page(&app, &visit, StatusCode::OK, (port, None), Problems::default()).await
}

async fn page(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    (port, chosen): (PortKey, Option<CloseLevel>),
    problems: Problems,
) -> Result<Response, Fault> {
    let actions = app.actions();
    let plan = actions.close_plan(port.port, port.transport).await?;
    let listing = actions.listeners().listing;
    let sockets = subject::sockets(&listing.listeners, port);
    let (uses, connections) = (actions.port_uses(), actions.connections());
    let grounds = SheetGrounds {
        subject: subject::Subject::of(&sockets, &listing.listeners, port),
        plan: &plan,
        connected: connections.at(port.port, port.transport),
        used: uses.of(port.port, port.transport),
        is_on: actions.firewall().enforcement.is_some_and(|enforcement| enforcement.mode.is_of_revision()),
    };
    let frame = visit.frame(Some(Section::Ports));
    Ok(Page(status, SheetView::new(frame, &grounds, chosen, problems, actions.now())).into_response())
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<CloseForm>,
) -> Result<Response, Fault> {
    let key = PortKey::parse(&form.port).ok_or(Fault::Unreadable)?;
    let Some(level) = CloseLevel::parse(&form.level) else {
        let problems = Problems::one("level", "Choose how far to go.");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&app, &visit, status, (key, None), problems).await;
    };
    let close = ClosePort { port: key.port, transport: key.transport, level };
    match app.actions().close(&session.0, close, &visit.origin()).await {
        Ok(closed) => Ok(done(&closed)),
        Err(error) => {
            let Refusal { status, sentence } = refusal(error)?;
            let problems = Problems::one("level", sentence);
            page(&app, &visit, status, (key, Some(level)), problems).await
        }
    }
}

/// Back to the list, which says what was done and offers to undo it.
pub(super) fn done(closed: &Closed) -> Response {
    match closed.id {
        Some(id) => Redirect::to(&Address::default().with("closed", &id.to_string()).on(PATH)).into_response(),
        None if closed.rules == RulesDone::Staged => flash::see_other(PATH, Flash::StagedForSafety),
        None => flash::see_other(PATH, Flash::NotThere),
    }
}
