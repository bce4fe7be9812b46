//! Making the first account, for whoever holds the one-time link from the console.

mod view;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use view::SetupPage;

use crate::{
    actions::{FirstAccount, FirstAccountError},
    web::kit::{Access, App, Fault, Flash, Page, Problems, ProtectedForm, Route, Visit, cookies, flash},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/setup", Access::Anyone, show), Route::post("/setup", Access::Anyone, submit)]
}

/// The token comes in the address, so that the link works without JavaScript, and moves into the form. It is never logged
/// and sent to no other site, and what stays of it in the browser's history is worthless once the account is made.
#[derive(Deserialize)]
struct Arrival {
    token: Option<String>,
}

#[derive(Deserialize)]
struct SetupForm {
    token: String,
    name: String,
    password: String,
    repeat: String,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    arrival: Result<Query<Arrival>, QueryRejection>,
) -> Result<Response, Fault> {
    if !app.actions().needs_setup().await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let token = arrival.ok().and_then(|Query(arrival)| arrival.token).unwrap_or_default();
    let page = SetupPage { frame: visit.frame(None), token, name: String::new(), problems: Problems::default() };
    Ok(Page(StatusCode::OK, page).into_response())
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    ProtectedForm(form): ProtectedForm<SetupForm>,
) -> Result<Response, Fault> {
    // The page says that nobody has an account.
    if !app.actions().needs_setup().await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    if form.password != form.repeat {
        return Ok(again(&visit, form, Problems::one("repeat", "The two passwords differ. Type the same one twice.")));
    }
    let account = FirstAccount { setup_token: form.token.trim(), name: form.name.trim(), password: &form.password };
    let session = match app.actions().create_first_account(account, &visit.origin()).await {
        Ok(session) => session,
        Err(error) => return refuse(&visit, form, error),
    };
    app.first_account().notify_one();
    let mut response = flash::see_other("/", Flash::Welcome);
    cookies::begin_session(response.headers_mut(), &session.token);
    Ok(response)
}

fn again(visit: &Visit, form: SetupForm, problems: Problems) -> Response {
    let page = SetupPage { frame: visit.frame(None), token: form.token, name: form.name, problems };
    Page(StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

fn refuse(visit: &Visit, form: SetupForm, error: FirstAccountError) -> Result<Response, Fault> {
    let mut problems = Problems::default();
    match error {
        FirstAccountError::Token => problems.add("token", error.to_string()),
        FirstAccountError::Fields { name, password } => {
            problems.add_some("name", name);
            problems.add_some("password", password);
        }
        FirstAccountError::Busy => return Err(Fault::Busy),
        FirstAccountError::Store(error) => return Err(error.into()),
    }
    Ok(again(visit, form, problems))
}
