//! One's own account: password, colours, sessions.

mod password;
mod second_factor;
mod sessions;
mod theme;
mod view;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use view::{AccountPage, SessionRow};

use crate::{
    store::{OwnSession, Role},
    web::kit::{Access, App, Fault, Page, Problems, Route, Session, Stamp, Visit},
};

const SIGNED_IN: Access = Access::Role(Role::Viewer);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/account", SIGNED_IN, show),
        Route::post("/account/password", SIGNED_IN, password::submit),
        Route::get("/account/second-factor", SIGNED_IN, second_factor::show),
        Route::post("/account/second-factor/add", SIGNED_IN, second_factor::add),
        Route::post("/account/second-factor/remove", SIGNED_IN, second_factor::remove),
        Route::post("/account/second-factor/codes", SIGNED_IN, second_factor::codes),
        Route::post("/account/theme", SIGNED_IN, theme::submit),
        Route::post("/account/sessions/end", SIGNED_IN, sessions::submit_end),
        Route::post("/account/sessions/end-others", SIGNED_IN, sessions::submit_end_others),
    ]
}

async fn show(State(app): State<App>, visit: Visit, session: Session) -> Result<Response, Fault> {
    page(&app, &visit, &session, StatusCode::OK, Problems::default()).await
}

/// The page, also as the answer to a form of it that has problems.
async fn page(
    app: &App,
    visit: &Visit,
    Session(signed_in): &Session,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, Fault> {
    let sessions = app.actions().list_sessions(signed_in).await?;
    let now = app.actions().now();
    let row = |session: &OwnSession| SessionRow::new(session, signed_in.is_by(session.id), now);
    let sessions = sessions.iter().map(row).collect();
    let factor = app.actions().factor_of(signed_in).await?.since.map(|since| Stamp::new(since, now));
    let (name, role) = (signed_in.user.name.to_string(), signed_in.user.role.as_str());
    Ok(Page(status, AccountPage { frame: visit.frame(None), name, role, factor, sessions, problems }).into_response())
}
