//! The base policy: defaults and protections.

mod form;
mod view;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
pub use form::PolicyForm;
pub use view::PolicyView;

use super::{ADMINISTRATOR, Effect, PATH, Staged, VIEWER, can_edit, foresee, stage};
use crate::{
    firewall::edit::Edit,
    web::kit::{App, Fault, Flash, Page, Problems, ProtectedForm, Route, Section, Session, Visit, flash, words},
};

const POLICY: &str = "/rules/policy";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(POLICY, VIEWER, show), Route::post(POLICY, ADMINISTRATOR, submit)]
}

async fn show(State(app): State<App>, visit: Visit, session: Session) -> Result<Response, Fault> {
    let form = PolicyForm::of(&app.actions().draft(&session.0).await?.ruleset.parts().policy);
    Ok(page(&visit, &session, StatusCode::OK, form, (Problems::default(), Effect::not_asked())))
}

fn page(visit: &Visit, session: &Session, status: StatusCode, form: PolicyForm, said: (Problems, Effect)) -> Response {
    let frame = visit.frame(Some(Section::Rules));
    Page(status, PolicyView::new(frame, form, said, can_edit(session))).into_response()
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<PolicyForm>,
) -> Result<Response, Fault> {
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let policy = match form.read() {
        Ok(policy) => policy,
        Err(problems) => {
            let effect = Effect::unreadable(&problems);
            let status = if form.is_preview() { StatusCode::OK } else { wrong };
            return Ok(page(&visit, &session, status, form, (problems, effect)));
        }
    };
    let edit = Edit::SetPolicy(policy);
    let draft = app.actions().draft(&session.0).await?.ruleset;
    let effect = foresee(&app, draft, vec![edit.clone()], None).await?;
    if form.is_preview() {
        return Ok(page(&visit, &session, StatusCode::OK, form, (Problems::default(), effect)));
    }
    match stage(&app, &visit, &session, edit).await? {
        Staged::Done => Ok(flash::see_other(PATH, Flash::Staged)),
        Staged::Refused(sentence) => {
            let problems = Problems::one("incoming", words::sentence(&sentence));
            Ok(page(&visit, &session, wrong, form, (problems, effect)))
        }
    }
}
