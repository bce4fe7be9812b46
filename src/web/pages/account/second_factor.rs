//! Setting a second factor up, and parting from it.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;

use super::view::{CodesPage, FactorPage, Picture, SetUpPage};
use crate::{
    actions::{FactorError, FactorView, RecoveryCodes},
    web::kit::{App, Fault, Flash, Page, Problems, ProtectedForm, Session, Stamp, Visit, flash, query, retry_after},
};

#[derive(Deserialize)]
pub(super) struct AddForm {
    secret: String,
    code: String,
    password: String,
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    code: String,
}

pub(super) async fn show(State(app): State<App>, visit: Visit, session: Session) -> Result<Response, Fault> {
    page(&app, &visit, &session, StatusCode::OK, (None, Problems::default())).await
}

/// The page, also as the answer to a form of it that has problems; then with the secret that was tried.
async fn page(
    app: &App,
    visit: &Visit,
    Session(signed_in): &Session,
    status: StatusCode,
    (secret, problems): (Option<String>, Problems),
) -> Result<Response, Fault> {
    let now = app.actions().now();
    let FactorView { since, codes_left, is_required } = app.actions().factor_of(signed_in).await?;
    let frame = visit.frame(None);
    if let Some(since) = since {
        let since = Stamp::new(since, now);
        return Ok(Page(status, FactorPage { frame, since, codes_left, is_required, problems }).into_response());
    }
    let secret = secret.unwrap_or_else(|| app.actions().new_factor_secret());
    let name = signed_in.user.name.to_string();
    let picture = picture(&address(&secret, &name, app.host()));
    let (time, spaced) = (Stamp::new(now, now).clock().to_owned(), in_fours(&secret));
    let view = SetUpPage { frame, name, is_required, secret, spaced, picture, time, problems };
    Ok(Page(status, view).into_response())
}

/// What an app reads from the picture.
fn address(secret: &str, name: &str, host: &str) -> String {
    let label = query::encoded(&format!("Portreeve {host}:{name}")).replace('/', "%2F");
    let issuer = query::encoded(&format!("Portreeve {host}"));
    format!("otpauth://totp/{label}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

fn in_fours(secret: &str) -> String {
    let mut out = String::new();
    for (at, character) in secret.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push(' ');
        }
        out.push(character);
    }
    out
}

/// Four light squares around it are part of a QR code.
const QUIET: usize = 4;

fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let square = |(at, _): (usize, Color)| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
    Some(Picture { side: width + 2 * QUIET, path: dark.map(square).collect() })
}

pub(super) async fn add(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<AddForm>,
) -> Result<Response, Fault> {
    let given = (form.secret.as_str(), form.code.as_str(), form.password.as_str());
    match app.actions().add_second_factor(&session.0, given, &visit.origin()).await {
        Ok(codes) => Ok(told(&visit, &codes)),
        Err(error) => refuse(&app, &visit, &session, Some(form.secret), error).await,
    }
}

pub(super) async fn remove(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<CodeForm>,
) -> Result<Response, Fault> {
    match app.actions().remove_second_factor(&session.0, &form.code, &visit.origin()).await {
        Ok(()) => Ok(flash::see_other("/account", Flash::FactorRemoved)),
        Err(error) => refuse(&app, &visit, &session, None, error).await,
    }
}

pub(super) async fn codes(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<CodeForm>,
) -> Result<Response, Fault> {
    match app.actions().renew_recovery_codes(&session.0, &form.code, &visit.origin()).await {
        Ok(codes) => Ok(told(&visit, &codes)),
        Err(error) => refuse(&app, &visit, &session, None, error).await,
    }
}

/// They are shown in the answer and nowhere else.
fn told(visit: &Visit, codes: &RecoveryCodes) -> Response {
    let view = CodesPage { frame: visit.frame(None), codes: codes.expose().to_vec() };
    Page(StatusCode::OK, view).into_response()
}

async fn refuse(
    app: &App,
    visit: &Visit,
    session: &Session,
    secret: Option<String>,
    error: FactorError,
) -> Result<Response, Fault> {
    let (status, field) = match error {
        FactorError::Forbidden => return Err(Fault::Forbidden),
        FactorError::SessionEnded => return Err(Fault::SignedOut),
        FactorError::Busy => return Err(Fault::Busy),
        FactorError::Store(error) => return Err(error.into()),
        FactorError::Password => (StatusCode::UNPROCESSABLE_ENTITY, "password"),
        FactorError::Wait { .. } => (StatusCode::TOO_MANY_REQUESTS, "code"),
        FactorError::Code { .. } | FactorError::Required | FactorError::Changed => {
            (StatusCode::UNPROCESSABLE_ENTITY, "code")
        }
    };
    // Text that isn't a secret of ours must not come back as one.
    let secret = secret.filter(|_| !matches!(error, FactorError::Changed));
    let problems = Problems::one(field, error.to_string());
    let mut response = page(app, visit, session, status, (secret, problems)).await?;
    if let FactorError::Wait { seconds } = error {
        retry_after(&mut response, seconds);
    }
    Ok(response)
}
