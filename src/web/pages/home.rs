//! The start: leads on to where the asker has to go.

use axum::{extract::State, response::Redirect};

use crate::web::kit::{Access, App, Fault, Route, Section, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", Access::Anyone, lead_on)]
}

async fn lead_on(State(app): State<App>, visit: Visit) -> Result<Redirect, Fault> {
    let path = match visit.signed_in() {
        Some(_) => Section::Overview.path(),
        None if app.actions().needs_setup().await? => "/setup",
        None => "/sign-in",
    };
    Ok(Redirect::to(path))
}
