//! Keeping a filter under a name, and forgetting it.

use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::{Filter, PATH};
use crate::{
    actions::SaveFilterError,
    store::SavedFilter,
    web::kit::{App, Fault, Flash, ProtectedForm, Session, Visit, flash},
};

#[derive(Deserialize)]
pub(super) struct SaveForm {
    name: String,
    /// The address of the page, from which the filter is read again: nothing that was typed is kept as it is.
    query: String,
}

#[derive(Deserialize)]
pub(super) struct ForgetForm {
    name: String,
}

pub(super) async fn save(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<SaveForm>,
) -> Result<Response, Fault> {
    let pairs: Vec<(String, String)> = pairs_of(form.query.trim_start_matches('?')).ok_or(Fault::Unreadable)?;
    let filter = Filter::from_pairs(&pairs);
    let saved = SavedFilter { name: form.name.trim().to_owned(), query: filter.query().on("") };
    let said = match app.actions().save_filter(&signed_in, saved, &visit.origin()).await {
        Ok(()) => Flash::FilterSaved,
        Err(SaveFilterError::Name) => Flash::FilterNameless,
        Err(SaveFilterError::TooMany) => Flash::TooManyFilters,
        Err(SaveFilterError::Forbidden) => return Err(Fault::Forbidden),
        Err(SaveFilterError::Store(error)) => return Err(error.into()),
    };
    Ok(flash::see_other(&filter.address(), said))
}

pub(super) async fn forget(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<ForgetForm>,
) -> Result<Response, Fault> {
    app.actions().forget_filter(&signed_in, &form.name, &visit.origin()).await?;
    Ok(flash::see_other(PATH, Flash::FilterForgotten))
}

/// The names and values of a query.
fn pairs_of(query: &str) -> Option<Vec<(String, String)>> {
    let uri = format!("/?{query}").parse().ok()?;
    axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok().map(|axum::extract::Query(pairs)| pairs)
}
