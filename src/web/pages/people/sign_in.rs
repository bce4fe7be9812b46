//! What signing in takes.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::ADMINISTRATOR;
use crate::{
    actions::PeopleError,
    store::{Person, Role},
    web::kit::{App, Fault, Flash, Frame, Page, ProtectedForm, Route, Section, Session, Visit, flash},
};

/// The page's address.
pub(in crate::web::pages) const PATH: &str = "/settings/sign-in";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, ADMINISTRATOR, show), Route::post(PATH, ADMINISTRATOR, submit)]
}

/// The page.
#[derive(Template)]
#[template(path = "pages/people/sign-in.html")]
pub struct SignInView {
    frame: Frame,
    roles: Vec<RoleRow>,
    own_lacks: bool,
}

struct RoleRow {
    id: &'static str,
    label: &'static str,
    is_required: bool,
    hint: String,
}

#[derive(Deserialize)]
struct RolesForm {
    viewer: Option<String>,
    operator: Option<String>,
    administrator: Option<String>,
}

async fn show(State(app): State<App>, visit: Visit, Session(by): Session) -> Result<Response, Fault> {
    let required = app.actions().store().list_factor_roles().await?;
    let people = app.actions().people().await?;
    let own_lacks = people.iter().any(|person| person.user.id == by.user.id && !person.has_factor);
    let view = SignInView::new(visit.frame(Some(Section::Settings)), &people, &required, own_lacks);
    Ok(Page(StatusCode::OK, view).into_response())
}

impl SignInView {
    /// Lays the page out.
    #[must_use]
    pub fn new(frame: Frame, people: &[Person], required: &[Role], own_lacks: bool) -> Self {
        let row = |role: Role| {
            let all: Vec<&Person> = people.iter().filter(|person| person.user.role == role).collect();
            let with = all.iter().filter(|person| person.has_factor).count();
            let label = match role {
                Role::Viewer => "Viewers need a second factor",
                Role::Operator => "Operators need a second factor",
                Role::Administrator => "Administrators need a second factor",
            };
            let hint = format!("{with} of {} have one.", all.len());
            RoleRow { id: role.as_str(), label, is_required: required.contains(&role), hint }
        };
        Self { frame, roles: Role::ALL.map(row).into(), own_lacks }
    }
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    Session(by): Session,
    ProtectedForm(form): ProtectedForm<RolesForm>,
) -> Result<Response, Fault> {
    let chosen = |role: &Role| match role {
        Role::Viewer => form.viewer.is_some(),
        Role::Operator => form.operator.is_some(),
        Role::Administrator => form.administrator.is_some(),
    };
    let roles: Vec<Role> = Role::ALL.into_iter().filter(chosen).collect();
    match app.actions().require_factor(&by, &roles, &visit.origin()).await {
        Ok(()) => Ok(flash::see_other(PATH, Flash::FactorRolesSet)),
        Err(PeopleError::Store(error)) => Err(error.into()),
        Err(PeopleError::Unproved) => Err(Fault::Unproved),
        Err(_) => Err(Fault::Forbidden),
    }
}
