//! Ending sessions of one's own.

use axum::{extract::State, response::Response};
use serde::Deserialize;

use crate::web::kit::{App, Fault, Flash, ProtectedForm, Session, Visit, flash};

#[derive(Deserialize)]
pub(super) struct EndForm {
    session: String,
}

/// Nothing but the token, which [`ProtectedForm`] has read by then.
#[derive(Deserialize)]
pub(super) struct EndOthersForm {}

/// The session may have ended by itself since the page was shown: the wish is fulfilled then too.
pub(super) async fn submit_end(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<EndForm>,
) -> Result<Response, Fault> {
    let session = form.session.parse().map_err(|_| Fault::Unreadable)?;
    app.actions().end_session(&signed_in, session, &visit.origin()).await?;
    Ok(flash::see_other("/account", Flash::SessionEnded))
}

pub(super) async fn submit_end_others(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(EndOthersForm {}): ProtectedForm<EndOthersForm>,
) -> Result<Response, Fault> {
    app.actions().end_other_sessions(&signed_in, &visit.origin()).await?;
    Ok(flash::see_other("/account", Flash::OtherSessionsEnded))
}
