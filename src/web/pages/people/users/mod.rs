//! Who may use the panel: accounts and their roles, for administrators.

mod submit;
mod view;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use view::{InvitedView, UserView, UsersView};

use super::ADMINISTRATOR;
use crate::{
    store::UserId,
    web::kit::{App, Fault, Page, Problems, Route, Section, Session, Visit},
};

/// The page's address; that of an account follows.
pub(in crate::web::pages) const PATH: &str = "/settings/users";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, ADMINISTRATOR, show_all),
        Route::post("/settings/users/add", ADMINISTRATOR, submit::add),
        Route::get("/settings/users/{id}", ADMINISTRATOR, show),
        Route::post("/settings/users/{id}/role", ADMINISTRATOR, submit::role),
        Route::post("/settings/users/{id}/name", ADMINISTRATOR, submit::name),
        Route::post("/settings/users/{id}/switch", ADMINISTRATOR, submit::switch),
        Route::post("/settings/users/{id}/delete", ADMINISTRATOR, submit::delete),
        Route::post("/settings/users/{id}/password", ADMINISTRATOR, submit::password),
        Route::post("/settings/users/{id}/factor", ADMINISTRATOR, submit::factor),
        Route::post("/settings/users/{id}/sessions", ADMINISTRATOR, submit::sessions),
    ]
}

/// An account's number in an address.
type Number = Result<Path<String>, PathRejection>;

fn number_of(number: Number) -> Result<UserId, Fault> {
    number.ok().and_then(|Path(number)| UserId::parse(&number)).ok_or(Fault::NotFound)
}

async fn show_all(State(app): State<App>, visit: Visit) -> Result<Response, Fault> {
    all(&app, &visit, StatusCode::OK, (String::new(), Problems::default())).await
}

/// The list, also as the answer to the form for a new account.
async fn all(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    (name, problems): (String, Problems),
) -> Result<Response, Fault> {
    let people = app.actions().people().await?;
    let frame = visit.frame(Some(Section::Settings));
    Ok(Page(status, UsersView::new(frame, &people, app.actions().now(), name, problems)).into_response())
}

async fn show(State(app): State<App>, visit: Visit, session: Session, number: Number) -> Result<Response, Fault> {
    one(&app, &visit, &session, number_of(number)?, StatusCode::OK, Problems::default()).await
}

/// The page of an account, also as the answer to a form of it that has problems.
async fn one(
    app: &App,
    visit: &Visit,
    Session(by): &Session,
    id: UserId,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, Fault> {
    let people = app.actions().people().await?;
    let person = people.iter().find(|person| person.user.id == id).ok_or(Fault::NotFound)?;
    let sessions = app.actions().sessions_of(id).await?;
    let frame = visit.frame(Some(Section::Settings));
    let view = UserView::new(frame, person, (&sessions, by), app.actions().now(), problems);
    Ok(Page(status, view).into_response())
}
