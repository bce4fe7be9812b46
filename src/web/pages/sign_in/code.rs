//! The second step of signing in.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{destination, enter, view::CodePage};
use crate::{
    actions::{CodeError, SessionToken},
    web::kit::{App, Fault, Page, Problems, ProtectedForm, Stamp, Visit, retry_after},
};

#[derive(Deserialize)]
pub(super) struct CodeForm {
    ticket: String,
    code: String,
    next: Option<String>,
}

/// The page for the code, as the answer to a right password.
pub(super) fn ask(app: &App, visit: &Visit, ticket: &SessionToken, next: Option<&str>) -> Response {
    let form = CodeForm { ticket: ticket.expose(), code: String::new(), next: next.map(str::to_owned) };
    page(app, visit, form, StatusCode::OK, Problems::default())
}

fn page(app: &App, visit: &Visit, form: CodeForm, status: StatusCode, problems: Problems) -> Response {
    let now = app.actions().now();
    let (frame, next) = (visit.frame(None), destination(form.next.as_deref()));
    let time = Stamp::new(now, now).clock().to_owned();
    Page(status, CodePage { frame, ticket: form.ticket, next, time, problems }).into_response()
}

pub(super) async fn submit(
    State(app): State<App>,
    visit: Visit,
    ProtectedForm(form): ProtectedForm<CodeForm>,
) -> Result<Response, Fault> {
    let (status, text, wait) = match app.actions().sign_in_with_code(&form.ticket, &form.code, &visit.origin()).await {
        Ok(session) => return enter(&app, &visit, &session, form.next.as_deref()).await,
        Err(CodeError::Busy) => return Err(Fault::Busy),
        Err(CodeError::Store(error)) => return Err(error.into()),
        Err(error @ CodeError::Wait { seconds }) => (StatusCode::TOO_MANY_REQUESTS, error.to_string(), Some(seconds)),
        Err(error) => (StatusCode::FORBIDDEN, error.to_string(), None),
    };
    let mut response = page(&app, &visit, form, status, Problems::one("code", text));
    if let Some(seconds) = wait {
        retry_after(&mut response, seconds);
    }
    Ok(response)
}
