//! Choosing colours.

use axum::{extract::State, response::Response};
use serde::Deserialize;

use crate::{
    store::Theme,
    web::kit::{App, Fault, Flash, ProtectedForm, Session, Visit, flash},
};

#[derive(Deserialize)]
pub(super) struct ThemeForm {
    theme: String,
}

pub(super) async fn submit(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<ThemeForm>,
) -> Result<Response, Fault> {
    let theme = Theme::parse(&form.theme).ok_or(Fault::Unreadable)?;
    app.actions().set_theme(&signed_in, theme, &visit.origin()).await?;
    Ok(flash::see_other("/account", Flash::ThemeChanged))
}
