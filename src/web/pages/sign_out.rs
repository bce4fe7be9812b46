//! Signing out.

use axum::{extract::State, response::Response};

use crate::{
    store::Role,
    web::kit::{Access, App, Fault, Flash, Route, Session, Visit, cookies, flash},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/sign-out", Access::Role(Role::Viewer), submit)]
}

async fn submit(State(app): State<App>, visit: Visit, Session(signed_in): Session) -> Result<Response, Fault> {
    app.actions().sign_out(&signed_in, &visit.origin()).await?;
    let mut response = flash::see_other("/sign-in", Flash::SignedOut);
    cookies::end_session(response.headers_mut());
    Ok(response)
}
