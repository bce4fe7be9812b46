//! Closing what isn't needed: a list to tick, one act, one Undo.

mod candidate;
mod view;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
pub use candidate::Candidate;
use candidate::candidates;
pub use view::{NeedlessView, Typed};

use super::close::{Refusal, done, refusal};
use crate::{
    actions::ClosePort,
    firewall::closing::CloseLevel,
    web::{
        kit::{App, Fault, Page, Problems, ProtectedForm, Route, Section, Session, Visit},
        pages::rules::ADMINISTRATOR,
    },
};

/// The page's address.
pub const LIST: &str = "/ports/needless";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(LIST, ADMINISTRATOR, show), Route::post(LIST, ADMINISTRATOR, submit)]
}

async fn show(State(app): State<App>, visit: Visit) -> Result<Response, Fault> {
    let candidates = candidates(&app).await?;
    let typed = Typed::all(&candidates);
    Ok(page(&visit, StatusCode::OK, candidates, (typed, Problems::default())))
}

fn page(visit: &Visit, status: StatusCode, found: Vec<Candidate>, typed: (Typed, Problems)) -> Response {
    Page(status, NeedlessView::new(visit.frame(Some(Section::Ports)), found, typed)).into_response()
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(pairs): ProtectedForm<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    let typed = Typed::from_pairs(&pairs).ok_or(Fault::Unreadable)?;
    let found = candidates(&app).await?;
    let chosen = chosen(&found, &typed);
    if chosen.is_empty() {
        let problems = Problems::one("ports", "Tick at least one port that can be closed.");
        return Ok(page(&visit, StatusCode::UNPROCESSABLE_ENTITY, found, (typed, problems)));
    }
    match app.actions().close_many(&session.0, chosen, &visit.origin()).await {
        Ok(closed) => Ok(done(&closed)),
        Err(error) => {
            let Refusal { status, sentence } = refusal(error)?;
            Ok(page(&visit, status, found, (typed, Problems::one("ports", sentence))))
        }
    }
}

/// Only what the list has: a form can't name others.
fn chosen(found: &[Candidate], typed: &Typed) -> Vec<ClosePort> {
    let ticked = found.iter().filter(|candidate| typed.has(candidate.key));
    let close = |candidate: &Candidate| {
        let level = candidate.level.filter(|_| !typed.only_block);
        let level = level.or(candidate.can_block.then_some(CloseLevel::Block))?;
        Some(ClosePort { port: candidate.key.port, transport: candidate.key.transport, level })
    };
    ticked.filter_map(close).collect()
}
