//! The acts of the change bar and of the pages around it.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use tokio::time::sleep;

use super::{APPLIED, PATH, proof};
use crate::{
    actions::{ConfirmError, DraftError},
    web::{
        kit::{App, Fault, Flash, OwnPath, Page, ProtectedForm, Session, Visit, cookies, flash},
        server::limits,
    },
};

/// How much more time an act gives, in seconds.
const MORE: u32 = 120;

/// What each form of the change bar carries.
#[derive(Deserialize)]
pub(super) struct ActForm {
    revision: u64,
    next: String,
}

/// Nothing but the token, which [`ProtectedForm`] has read by then.
#[derive(Deserialize)]
pub(super) struct EmptyForm {}

impl ActForm {
    fn next(&self) -> OwnPath {
        OwnPath::parse(&self.next).unwrap_or_default()
    }

    /// The page that asked for a confirmation has nothing more to say once it is there.
    fn next_unless_applied(&self) -> OwnPath {
        let next = self.next.as_str();
        OwnPath::parse(if next.starts_with(APPLIED) { "/history" } else { next }).unwrap_or_default()
    }
}

/// Keeps the pending revision, if the press came over a connection that it let in. The answer to one that didn't waits
/// until such connections are led to their end, so that the next press comes over a new one.
pub(super) async fn submit_confirm(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<ActForm>,
) -> Result<Response, Fault> {
    match app.actions().confirm(&signed_in, form.revision, visit.accepted_at(), &visit.origin()).await {
        Ok(_) => Ok(flash::see_other(form.next_unless_applied().as_str(), Flash::Confirmed)),
        Err(ConfirmError::OldConnection) => {
            sleep(limits::LAST_PAGE).await;
            Ok(Redirect::to(&format!("{APPLIED}?again=1")).into_response())
        }
        Err(error) => Ok(failed(&app, &visit, error.to_string())),
    }
}

pub(super) async fn submit_extend(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<ActForm>,
) -> Response {
    match app.actions().extend(&signed_in, form.revision, MORE, &visit.origin()).await {
        Ok(()) => flash::see_other(form.next().as_str(), Flash::Extended),
        Err(error) => failed(&app, &visit, error.to_string()),
    }
}

pub(super) async fn submit_roll_back(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<ActForm>,
) -> Response {
    match app.actions().roll_back(&signed_in, form.revision, &visit.origin()).await {
        Ok(()) => flash::see_other(PATH, Flash::RolledBack),
        Err(error) => failed(&app, &visit, error.to_string()),
    }
}

fn failed(app: &App, visit: &Visit, reason: String) -> Response {
    Page(StatusCode::CONFLICT, proof::view(app, visit, false, Some(reason))).into_response()
}

/// Has the browser remember that its reader knows of the roll back. Nothing on the server changes.
pub(super) async fn submit_dismiss(ProtectedForm(form): ProtectedForm<ActForm>) -> Response {
    let mut response = Redirect::to(form.next().as_str()).into_response();
    cookies::note_roll_back(response.headers_mut(), form.revision);
    response
}

pub(super) async fn submit_discard(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(EmptyForm {}): ProtectedForm<EmptyForm>,
) -> Result<Response, Fault> {
    app.actions().discard_draft(&signed_in, &visit.origin()).await.map_err(fault)?;
    Ok(flash::see_other("/rules", Flash::Discarded))
}

pub(super) async fn submit_merge(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(EmptyForm {}): ProtectedForm<EmptyForm>,
) -> Result<Response, Fault> {
    app.actions().rebase_draft(&signed_in, &visit.origin()).await.map_err(fault)?;
    Ok(flash::see_other(PATH, Flash::Merged))
}

pub(super) async fn submit_put_back(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(EmptyForm {}): ProtectedForm<EmptyForm>,
) -> Response {
    match app.actions().put_back(&signed_in, &visit.origin()).await {
        Ok(()) => flash::see_other("/history", Flash::PutBack),
        Err(error) => failed(&app, &visit, error.to_string()),
    }
}

/// What the form about a changed table carries.
#[derive(Deserialize)]
pub(super) struct DriftForm {
    seen: String,
}

pub(super) async fn submit_accept_drift(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<DriftForm>,
) -> Response {
    match app.actions().accept_drift(&signed_in, &form.seen, &visit.origin()).await {
        Ok(true) => flash::see_other("/history", Flash::DriftAccepted),
        Ok(false) => flash::see_other("/history", Flash::DriftChanged),
        Err(error) => failed(&app, &visit, error.to_string()),
    }
}

/// A draft that isn't there any more was applied or discarded in another window.
fn fault(error: DraftError) -> Fault {
    match error {
        DraftError::Forbidden => Fault::Forbidden,
        DraftError::NotThere => Fault::NotFound,
        DraftError::Store(error) => error.into(),
        DraftError::TooMany(_) => Fault::internal(&error),
    }
}
