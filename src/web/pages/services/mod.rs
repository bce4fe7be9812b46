//! Names for ports, so that a rule reads as intent: those that are built in and those of one's own.

mod form;
mod view;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
pub use form::ServiceForm;
use serde::Deserialize;
pub use view::ServicesView;

use super::rules::{ADMINISTRATOR, Pairs, Staged, VIEWER, can_edit, stage};
use crate::{
    firewall::{Ruleset, ServiceName, edit::Edit},
    web::kit::{App, Fault, Flash, Page, Problems, ProtectedForm, Route, Section, Session, Visit, flash, words},
};

/// The page's address.
pub const PATH: &str = "/services";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, VIEWER, show),
        Route::post(PATH, ADMINISTRATOR, submit),
        Route::post("/services/remove", ADMINISTRATOR, submit_remove),
    ]
}

#[derive(Deserialize)]
struct RemoveForm {
    name: String,
}

/// The address may name a service of one's own to begin with.
async fn show(State(app): State<App>, visit: Visit, session: Session, Query(pairs): Pairs) -> Result<Response, Fault> {
    let draft = app.actions().draft(&session.0).await?.ruleset;
    let asked = pairs.iter().find(|(name, _)| name == "edit").map(|(_, name)| name.as_str());
    let own = draft.parts().services.iter().find(|service| asked == Some(service.name.as_str()));
    let form = own.map(ServiceForm::of).unwrap_or_default();
    Ok(page(&visit, &session, StatusCode::OK, &draft, (form, Problems::default())))
}

fn page(
    visit: &Visit,
    session: &Session,
    status: StatusCode,
    draft: &Ruleset,
    (form, problems): (ServiceForm, Problems),
) -> Response {
    let frame = visit.frame(Some(Section::Rules));
    Page(status, ServicesView::new(frame, draft, form, problems, can_edit(session))).into_response()
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<ServiceForm>,
) -> Result<Response, Fault> {
    let problems = match form.read() {
        Ok(service) => match stage(&app, &visit, &session, Edit::PutService(service)).await? {
            Staged::Done => return Ok(flash::see_other(PATH, Flash::Staged)),
            Staged::Refused(sentence) => Problems::one("name", words::sentence(&sentence)),
        },
        Err(problems) => problems,
    };
    let draft = app.actions().draft(&session.0).await?.ruleset;
    Ok(page(&visit, &session, StatusCode::UNPROCESSABLE_ENTITY, &draft, (form, problems)))
}

async fn submit_remove(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<RemoveForm>,
) -> Result<Response, Fault> {
    let name = ServiceName::parse(&form.name).map_err(|_| Fault::Unreadable)?;
    match stage(&app, &visit, &session, Edit::RemoveService(name)).await? {
        Staged::Done => Ok(flash::see_other(PATH, Flash::Staged)),
        Staged::Refused(_) => Ok(flash::see_other(PATH, Flash::StillUsed)),
    }
}
