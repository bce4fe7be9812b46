//! Signing out.

use axum::{extract::State, response::Response};

use crate::web::kit::{Access, App, Fault, Flash, Route, Visit, cookies, flash};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/sign-out", Access::Anyone, submit)]
}

/// Also for whoever isn't signed in any more: the wish is fulfilled either way.
async fn submit(State(app): State<App>, visit: Visit) -> Result<Response, Fault> {
    if let Some(signed_in) = visit.signed_in() {
        app.actions().sign_out(signed_in, &visit.origin()).await?;
    }
    let mut response = flash::see_other("/sign-in", Flash::SignedOut);
    cookies::end_session(response.headers_mut());
    Ok(response)
}
