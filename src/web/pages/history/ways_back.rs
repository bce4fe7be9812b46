//! Back to a revision, or back from one: both stage changes and lead to their review.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    actions::DraftError,
    web::kit::{App, Fault, Flash, ProtectedForm, Session, Visit, flash},
};

/// Nothing but the token, which [`ProtectedForm`] has read by then.
#[derive(Deserialize)]
pub(super) struct EmptyForm {}

pub(super) async fn submit_return(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    Path(number): Path<String>,
    ProtectedForm(EmptyForm {}): ProtectedForm<EmptyForm>,
) -> Result<Response, Fault> {
    let number = number.parse().map_err(|_| Fault::NotFound)?;
    app.actions().return_to(&signed_in, number, &visit.origin()).await.map_err(fault)?;
    Ok(flash::see_other("/review", Flash::WayBackStaged))
}

pub(super) async fn submit_undo(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    Path(number): Path<String>,
    ProtectedForm(EmptyForm {}): ProtectedForm<EmptyForm>,
) -> Result<Response, Fault> {
    let number = number.parse().map_err(|_| Fault::NotFound)?;
    app.actions().revert(&signed_in, number, &visit.origin()).await.map_err(fault)?;
    Ok(flash::see_other("/review", Flash::WayBackStaged))
}

fn fault(error: DraftError) -> Fault {
    match error {
        DraftError::Forbidden => Fault::Forbidden,
        DraftError::NotThere => Fault::NotFound,
        DraftError::Store(error) => error.into(),
        DraftError::TooMany(_) => Fault::internal(&error),
    }
}
