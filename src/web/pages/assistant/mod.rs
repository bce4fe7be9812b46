//! Turning the firewall on for the first time: every door of this host, and who of them stays open.

mod view;

use std::collections::BTreeSet;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
pub use view::AssistantView;

use crate::{
    actions::EditError,
    firewall::{
        edit::Edit,
        propose::{self, Door},
    },
    store::Role,
    web::kit::{Access, App, Fault, Page, Problems, ProtectedForm, Route, Session, Visit},
};

/// The page's address.
pub const PATH: &str = "/turn-on";

const ADMINISTRATOR: Access = Access::Role(Role::Administrator);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, ADMINISTRATOR, show), Route::post(PATH, ADMINISTRATOR, submit)]
}

async fn show(State(app): State<App>, visit: Visit) -> Page<AssistantView> {
    // Looking has the list kept fresh, so that a door that opens meanwhile is seen at the next look.
    let listeners = app.listeners();
    let doors = if listeners.taken_at.is_some() { Some(app.actions().doors_of_host()) } else { None };
    page(&app, &visit, StatusCode::OK, doors, Problems::default())
}

fn page(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    doors: Option<Vec<Door>>,
    problems: Problems,
) -> Page<AssistantView> {
    let confirmed = app.actions().firewall().enforcement.and_then(|enforcement| enforcement.confirmed);
    Page(status, AssistantView::new(visit.frame(None), doors, confirmed, problems))
}

/// Puts a ruleset with the ticked doors into the draft. The doors are looked up again, so a form can't make others.
async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(ticked): ProtectedForm<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    let ticked: BTreeSet<String> = ticked.into_iter().map(|(name, _)| name).collect();
    let mut doors = app.actions().doors_of_host();
    for door in &mut doors {
        door.is_open = door.is_lifeline || ticked.contains(&door.key());
    }
    let mut open = Vec::new();
    for door in doors.iter().filter(|door| door.is_open) {
        open.push((door.clone(), app.actions().new_rule_id().await?));
    }
    let staged = match propose::ruleset(open) {
        Ok(ruleset) => app.actions().edit_draft(&session.0, Edit::ReplaceAll(ruleset), &visit.origin()).await,
        Err(error) => Err(EditError::Edit(error.into())),
    };
    match staged {
        Ok(()) => Ok(Redirect::to("/review").into_response()),
        Err(EditError::Edit(problem)) => {
            let problems = Problems::one("doors", problem.to_string());
            Ok(page(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, Some(doors), problems).into_response())
        }
        Err(EditError::Forbidden) => Err(Fault::Forbidden),
        Err(EditError::Store(error)) => Err(error.into()),
    }
}
