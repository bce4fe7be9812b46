//! The forms of the pages about accounts.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{InvitedView, Number, PATH, all, number_of, one};
use crate::{
    actions::{Invitation, PeopleError, UserChange},
    store::{Role, UserId},
    web::kit::{App, Fault, Flash, Page, Problems, ProtectedForm, Section, Session, Visit, flash},
};

#[derive(Deserialize)]
pub(super) struct AddForm {
    name: String,
    role: String,
}

#[derive(Deserialize)]
pub(super) struct RoleForm {
    role: String,
}

#[derive(Deserialize)]
pub(super) struct NameForm {
    name: String,
}

#[derive(Deserialize)]
pub(super) struct SwitchForm {
    to: String,
}

/// Nothing but the token, which [`ProtectedForm`] has read by then.
#[derive(Deserialize)]
pub(super) struct BareForm {}

#[derive(Deserialize)]
pub(super) struct SessionsForm {
    session: Option<String>,
}

fn role_of(text: &str) -> Result<Role, Fault> {
    Role::from_text(text).ok_or(Fault::Unreadable)
}

pub(super) async fn add(
    State(app): State<App>,
    visit: Visit,
    Session(by): Session,
    ProtectedForm(form): ProtectedForm<AddForm>,
) -> Result<Response, Fault> {
    let role = role_of(&form.role)?;
    match app.actions().add_user(&by, form.name.trim(), role, &visit.origin()).await {
        Ok(invitation) => Ok(invited(&app, &visit, &invitation)),
        Err(error) => {
            let problems = problems(error, "name")?;
            all(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, (form.name, problems)).await
        }
    }
}

/// The link is shown in the answer and nowhere else: it is in no address, no cookie and no log.
fn invited(app: &App, visit: &Visit, invitation: &Invitation) -> Response {
    let link = visit.own_url(&format!("/invitation?token={}", invitation.token.expose()));
    let frame = visit.frame(Some(Section::Settings));
    Page(StatusCode::OK, InvitedView::new(frame, invitation, link, app.actions().now())).into_response()
}

pub(super) async fn role(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    number: Number,
    ProtectedForm(form): ProtectedForm<RoleForm>,
) -> Result<Response, Fault> {
    let change = UserChange::Role(role_of(&form.role)?);
    carry_out(&app, &visit, &session, (number_of(number)?, change), "role").await
}

pub(super) async fn name(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    number: Number,
    ProtectedForm(form): ProtectedForm<NameForm>,
) -> Result<Response, Fault> {
    let change = UserChange::Name(form.name.trim().to_owned());
    carry_out(&app, &visit, &session, (number_of(number)?, change), "name").await
}

pub(super) async fn switch(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    number: Number,
    ProtectedForm(form): ProtectedForm<SwitchForm>,
) -> Result<Response, Fault> {
    let is_enabled = match form.to.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(Fault::Unreadable),
    };
    carry_out(&app, &visit, &session, (number_of(number)?, UserChange::Enabled(is_enabled)), "switch").await
}

pub(super) async fn delete(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    number: Number,
    ProtectedForm(BareForm {}): ProtectedForm<BareForm>,
) -> Result<Response, Fault> {
    carry_out(&app, &visit, &session, (number_of(number)?, UserChange::Delete), "delete").await
}

async fn carry_out(
    app: &App,
    visit: &Visit,
    session: &Session,
    (id, change): (UserId, UserChange),
    field: &'static str,
) -> Result<Response, Fault> {
    let is_deletion = change == UserChange::Delete;
    match app.actions().change_user(&session.0, id, change, &visit.origin()).await {
        Ok(()) if is_deletion => Ok(flash::see_other(PATH, Flash::UserDeleted)),
        Ok(()) => Ok(flash::see_other(&format!("{PATH}/{id}"), Flash::UserChanged)),
        Err(error) => refuse(app, visit, session, id, error, field).await,
    }
}

pub(super) async fn password(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    number: Number,
    ProtectedForm(BareForm {}): ProtectedForm<BareForm>,
) -> Result<Response, Fault> {
    let id = number_of(number)?;
    match app.actions().renew_password(&session.0, id, &visit.origin()).await {
        Ok(invitation) => Ok(invited(&app, &visit, &invitation)),
        Err(error) => refuse(&app, &visit, &session, id, error, "password").await,
    }
}

pub(super) async fn factor(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    number: Number,
    ProtectedForm(BareForm {}): ProtectedForm<BareForm>,
) -> Result<Response, Fault> {
    let id = number_of(number)?;
    match app.actions().remove_factor_of(&session.0, id, &visit.origin()).await {
        Ok(()) => Ok(flash::see_other(&format!("{PATH}/{id}"), Flash::UserChanged)),
        Err(error) => refuse(&app, &visit, &session, id, error, "factor").await,
    }
}

pub(super) async fn sessions(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    number: Number,
    ProtectedForm(form): ProtectedForm<SessionsForm>,
) -> Result<Response, Fault> {
    let id = number_of(number)?;
    let which = form.session.map(|which| which.parse().map_err(|_| Fault::Unreadable)).transpose()?;
    match app.actions().end_sessions_of(&session.0, id, which, &visit.origin()).await {
        Ok(()) => Ok(flash::see_other(&format!("{PATH}/{id}"), Flash::SessionsOfEnded)),
        Err(error) => refuse(&app, &visit, &session, id, error, "sessions").await,
    }
}

async fn refuse(
    app: &App,
    visit: &Visit,
    session: &Session,
    id: UserId,
    error: PeopleError,
    field: &'static str,
) -> Result<Response, Fault> {
    let problems = problems(error, field)?;
    one(app, visit, session, id, StatusCode::UNPROCESSABLE_ENTITY, problems).await
}

fn problems(error: PeopleError, field: &'static str) -> Result<Problems, Fault> {
    match error {
        PeopleError::Forbidden => Err(Fault::Forbidden),
        PeopleError::Unproved => Err(Fault::Unproved),
        PeopleError::NotThere => Err(Fault::NotFound),
        PeopleError::Store(error) => Err(error.into()),
        PeopleError::LastAdministrator => Ok(Problems::one(
            field,
            "Nothing was changed: this is the last administrator who can sign in. Make somebody else administrator first.",
        )),
        error @ (PeopleError::Name(_) | PeopleError::NameTaken) => Ok(Problems::one("name", error.to_string())),
    }
}
