//! Named sets of addresses: who is on them, until when, and which rules use them.
//!
//! Everything here changes the draft, never the kernel.

mod entries;
mod filter;
mod index;
mod one;
mod submit;

use std::borrow::Cow;

use axum::{
    extract::{Path, Query, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
pub use entries::{EntriesForm, Sorted};
pub use filter::Filter;
pub use index::{ListForm, ListsView};
pub use one::{ListView, Returned};

use super::rules::{ADMINISTRATOR, Pairs, VIEWER, can_edit};
use crate::{
    firewall::{List, ListName, Ruleset, Text, list},
    web::kit::{App, Fault, Page, Problems, Route, Section, Session, Visit},
};

/// The page's address.
pub const PATH: &str = "/lists";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, VIEWER, show_all),
        Route::post(PATH, ADMINISTRATOR, submit::submit_new),
        Route::get("/lists/{name}", VIEWER, show),
        Route::post("/lists/{name}/add", ADMINISTRATOR, submit::submit_entries),
        Route::post("/lists/{name}/take-off", ADMINISTRATOR, submit::submit_take_off),
        Route::post("/lists/{name}/note", ADMINISTRATOR, submit::submit_note),
        Route::post("/lists/{name}/remove", ADMINISTRATOR, submit::submit_remove),
    ]
}

/// A list's name in an address.
type Name = Result<Path<String>, PathRejection>;

fn name_of(name: Name) -> Result<ListName, Fault> {
    name.ok().and_then(|Path(name)| ListName::parse(&name).ok()).ok_or(Fault::NotFound)
}

/// The list with a name; the two that need no rule are there even before they are first used.
fn find<'a>(draft: &'a Ruleset, name: &ListName) -> Result<Cow<'a, List>, Fault> {
    let found = draft.parts().lists.iter().find(|list| list.name == *name).map(Cow::Borrowed);
    let fresh = || Cow::Owned(List { name: name.clone(), note: Text::empty(), entries: Vec::new() });
    let is_given = [list::ALLOW, list::DENY].contains(&name.as_str());
    found.or_else(|| is_given.then(fresh)).ok_or(Fault::NotFound)
}

async fn show_all(State(app): State<App>, visit: Visit, session: Session) -> Result<Response, Fault> {
    all(&app, &visit, &session, StatusCode::OK, (ListForm::default(), Problems::default())).await
}

async fn all(
    app: &App,
    visit: &Visit,
    session: &Session,
    status: StatusCode,
    (form, problems): (ListForm, Problems),
) -> Result<Response, Fault> {
    let draft = app.actions().draft(&session.0).await?.ruleset;
    let frame = visit.frame(Some(Section::Lists));
    Ok(Page(status, ListsView::new(frame, &draft, form, problems, can_edit(session))).into_response())
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    name: Name,
    Query(pairs): Pairs,
) -> Result<Response, Fault> {
    let name = name_of(name)?;
    one(&app, &visit, &session, StatusCode::OK, (&name, Filter::from_pairs(&pairs), Returned::default())).await
}

/// The page of a list. A million entries take a moment to look through, so it happens on a thread of its own.
async fn one(
    app: &App,
    visit: &Visit,
    session: &Session,
    status: StatusCode,
    (name, filter, returned): (&ListName, Filter, Returned),
) -> Result<Response, Fault> {
    let draft = app.actions().draft(&session.0).await?;
    let (name, frame) = (name.clone(), visit.frame(Some(Section::Lists)));
    let (can_edit, now) = (can_edit(session), app.actions().now());
    let lay_out = move || {
        let list = find(&draft.ruleset, &name)?;
        let known = (list.as_ref(), &draft.ruleset, &draft.running);
        Ok(ListView::new(frame, known, filter, returned, can_edit, now))
    };
    let view: Result<ListView, Fault> =
        tokio::task::spawn_blocking(lay_out).await.map_err(|error| Fault::internal(&error))?;
    Ok(Page(status, view?).into_response())
}
