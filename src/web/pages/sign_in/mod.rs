//! Signing in.

mod code;
mod view;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use view::SignInPage;

use crate::{
    actions::{NewSession, SignInAttempt, SignInError},
    web::kit::{Access, App, Fault, OwnPath, Page, Problems, ProtectedForm, Route, Visit, cookies, retry_after},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", Access::Anyone, show),
        Route::post("/sign-in", Access::Anyone, submit),
        Route::post("/sign-in/code", Access::Anyone, code::submit),
    ]
}

#[derive(Deserialize)]
struct Arrival {
    next: Option<String>,
}

#[derive(Deserialize)]
struct SignInForm {
    name: String,
    password: String,
    next: Option<String>,
}

fn destination(next: Option<&str>) -> OwnPath {
    next.and_then(OwnPath::parse).unwrap_or_default()
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    arrival: Result<Query<Arrival>, QueryRejection>,
) -> Result<Response, Fault> {
    let next = arrival.ok().and_then(|Query(arrival)| arrival.next);
    let next = destination(next.as_deref());
    if visit.signed_in().is_some() {
        return Ok(Redirect::to(next.as_str()).into_response());
    }
    if app.actions().needs_setup().await? {
        return Ok(Redirect::to("/setup").into_response());
    }
    let page = SignInPage { frame: visit.frame(None), name: String::new(), next, problems: Problems::default() };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// The token of a session that was there before is never taken over: a new one is made, and the old session ends.
async fn submit(
    State(app): State<App>,
    visit: Visit,
    ProtectedForm(form): ProtectedForm<SignInForm>,
) -> Result<Response, Fault> {
    let origin = visit.origin();
    let attempt = SignInAttempt { name: &form.name, password: &form.password };
    let session = match app.actions().sign_in(attempt, &origin).await {
        Ok(session) => session,
        Err(SignInError::Code { ticket }) => return Ok(code::ask(&app, &visit, &ticket, form.next.as_deref())),
        Err(error) => return refuse(&visit, form, error),
    };
    enter(&app, &visit, &session, form.next.as_deref()).await
}

async fn enter(app: &App, visit: &Visit, session: &NewSession, next: Option<&str>) -> Result<Response, Fault> {
    if let Some(before) = visit.signed_in() {
        app.actions().sign_out(before, &visit.origin()).await?;
    }
    let mut response = Redirect::to(destination(next).as_str()).into_response();
    cookies::begin_session(response.headers_mut(), &session.token);
    Ok(response)
}

fn refuse(visit: &Visit, form: SignInForm, error: SignInError) -> Result<Response, Fault> {
    let (status, text, wait) = match error {
        SignInError::Wrong => (StatusCode::FORBIDDEN, "The name or the password is wrong.".to_owned(), None),
        SignInError::Wait { seconds } => {
            let text = format!("Too many wrong attempts. Wait {seconds} s, then try again.");
            (StatusCode::TOO_MANY_REQUESTS, text, Some(seconds))
        }
        SignInError::Busy | SignInError::Code { .. } => return Err(Fault::Busy),
        SignInError::Store(error) => return Err(error.into()),
    };
    let next = destination(form.next.as_deref());
    let page = SignInPage { frame: visit.frame(None), name: form.name, next, problems: Problems::one("name", text) };
    let mut response = Page(status, page).into_response();
    if let Some(seconds) = wait {
        retry_after(&mut response, seconds);
    }
    Ok(response)
}
