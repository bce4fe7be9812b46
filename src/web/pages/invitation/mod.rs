//! Choosing the password of one's account with a link from an administrator.

mod view;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use view::{InvitationPage, VoidPage};

use crate::{
    actions::InvitationError,
    web::kit::{Access, App, Fault, Flash, Page, Problems, ProtectedForm, Route, Visit, cookies, flash},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/invitation", Access::Anyone, show), Route::post("/invitation", Access::Anyone, submit)]
}

/// The token comes in the address, so that the link works without JavaScript, and moves into the form. It is never logged
/// and sent to no other site, and what stays of it in the browser's history is worthless once the password is chosen.
#[derive(Deserialize)]
struct Arrival {
    token: Option<String>,
}

#[derive(Deserialize)]
struct InvitationForm {
    token: String,
    password: String,
    repeat: String,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    arrival: Result<Query<Arrival>, QueryRejection>,
) -> Result<Response, Fault> {
    let token = arrival.ok().and_then(|Query(arrival)| arrival.token).unwrap_or_default();
    page(&app, &visit, token, StatusCode::OK, Problems::default()).await
}

async fn page(
    app: &App,
    visit: &Visit,
    token: String,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, Fault> {
    let frame = visit.frame(None);
    Ok(match app.actions().invited(&token).await? {
        Some(user) => {
            Page(status, InvitationPage { frame, name: user.name.to_string(), token, problems }).into_response()
        }
        None => Page(StatusCode::FORBIDDEN, VoidPage { frame }).into_response(),
    })
}

/// A session that this browser had before ends, as at every sign-in.
async fn submit(
    State(app): State<App>,
    visit: Visit,
    ProtectedForm(form): ProtectedForm<InvitationForm>,
) -> Result<Response, Fault> {
    let again = StatusCode::UNPROCESSABLE_ENTITY;
    if form.password != form.repeat {
        let problems = Problems::one("repeat", "The two passwords differ. Type the same one twice.");
        return page(&app, &visit, form.token, again, problems).await;
    }
    let new = match app.actions().accept_invitation(&form.token, &form.password, &visit.origin()).await {
        Ok(new) => new,
        Err(InvitationError::Token) => {
            return Ok(Page(StatusCode::FORBIDDEN, VoidPage { frame: visit.frame(None) }).into_response());
        }
        Err(InvitationError::Password(problem)) => {
            return page(&app, &visit, form.token, again, Problems::one("password", problem.to_string())).await;
        }
        Err(InvitationError::Busy) => return Err(Fault::Busy),
        Err(InvitationError::Store(error)) => return Err(error.into()),
    };
    if let Some(before) = visit.signed_in() {
        app.actions().sign_out(before, &visit.origin()).await?;
    }
    let Some(session) = new else { return Ok(flash::see_other("/sign-in", Flash::PasswordChosen)) };
    let mut response = flash::see_other("/", Flash::Welcome);
    cookies::begin_session(response.headers_mut(), &session.token);
    Ok(response)
}
