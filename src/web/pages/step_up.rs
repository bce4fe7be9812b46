//! Showing again that it is oneself, on the way to an act that takes it.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    actions::FactorError,
    store::Role,
    web::kit::{
        Access, App, Fault, OwnPath, Page, Problems, ProtectedForm, Route, Session, Visit, retry_after,
        step_up::{CARRIED, StepUpPage},
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/step-up", Access::Role(Role::Viewer), submit)]
}

/// The act comes back to be shown again, and goes nowhere before its own button is pressed.
async fn submit(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    ProtectedForm(form): ProtectedForm<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    let field = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let (Some(proof), Some(to)) = (field("proof"), field("to").and_then(OwnPath::parse)) else {
        return Err(Fault::Unreadable);
    };
    let carried = form.iter().filter_map(|(name, value)| Some((name.strip_prefix(CARRIED)?, value)));
    let fields = carried.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    let (status, problems, wait) = match app.actions().step_up(&signed_in, proof, &visit.origin()).await {
        Ok(()) => (StatusCode::OK, Problems::default(), None),
        Err(FactorError::Forbidden) => return Err(Fault::Forbidden),
        Err(FactorError::SessionEnded) => return Err(Fault::SignedOut),
        Err(FactorError::Busy) => return Err(Fault::Busy),
        Err(FactorError::Store(error)) => return Err(error.into()),
        Err(error @ FactorError::Wait { seconds }) => {
            (StatusCode::TOO_MANY_REQUESTS, Problems::one("proof", error.to_string()), Some(seconds))
        }
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Problems::one("proof", error.to_string()), None),
    };
    let is_proved = problems.is_empty();
    let view = StepUpPage { frame: visit.frame(None), to: to.as_str().to_owned(), fields, is_proved, problems };
    let mut response = Page(status, view).into_response();
    if let Some(seconds) = wait {
        retry_after(&mut response, seconds);
    }
    Ok(response)
}
