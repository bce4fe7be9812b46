//! Choosing a new password.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::page;
use crate::{
    actions::ChangePasswordError,
    web::kit::{App, Fault, Flash, Problems, ProtectedForm, Session, Visit, cookies, flash, retry_after},
};

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    current: String,
    new: String,
    repeat: String,
}

/// The browser gets a new session, so a token that somebody copied before is worthless.
pub(super) async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<PasswordForm>,
) -> Result<Response, Fault> {
    if form.new != form.repeat {
        let problems = Problems::one("repeat", "The two passwords differ. Type the same one twice.");
        return page(&app, &visit, &session, StatusCode::UNPROCESSABLE_ENTITY, problems).await;
    }
    match app.actions().change_password(&session.0, &form.current, &form.new, &visit.origin()).await {
        Ok(renewed) => {
            let mut response = flash::see_other("/account", Flash::PasswordChanged);
            cookies::begin_session(response.headers_mut(), &renewed.token);
            Ok(response)
        }
        Err(error) => refuse(&app, &visit, &session, error).await,
    }
}

async fn refuse(app: &App, visit: &Visit, session: &Session, error: ChangePasswordError) -> Result<Response, Fault> {
    let (status, field) = match error {
        ChangePasswordError::WrongCurrent => (StatusCode::UNPROCESSABLE_ENTITY, "current"),
        ChangePasswordError::New(_) => (StatusCode::UNPROCESSABLE_ENTITY, "new"),
        ChangePasswordError::Wait { .. } => (StatusCode::TOO_MANY_REQUESTS, "current"),
        ChangePasswordError::Forbidden => return Err(Fault::Forbidden),
        ChangePasswordError::Busy => return Err(Fault::Busy),
        ChangePasswordError::SessionEnded => return Err(Fault::SignedOut),
        ChangePasswordError::Store(error) => return Err(error.into()),
    };
    let mut response = page(app, visit, session, status, Problems::one(field, error.to_string())).await?;
    if let ChangePasswordError::Wait { seconds } = error {
        retry_after(&mut response, seconds);
    }
    Ok(response)
}
