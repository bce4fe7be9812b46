//! All that is known of one address: the rules, lists and bans it hits, and what can be done about it at once.

mod days;
mod find;
mod form;
mod guests;
mod knocks;
mod remarks;
mod submit;
mod view;
mod volumes;

use axum::{
    extract::{Path, Query, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
pub use form::{QuickForm, Wish};
pub use knocks::Knocks;
pub use view::{AddressView, Findings, Rights, Typed, WrongView};

use super::rules::{Pairs, VIEWER, can_edit};
use crate::{
    actions::Right,
    firewall::{AddressRange, ParseError},
    store::Role,
    web::kit::{Access, App, Fault, Page, Route, Section, Session, Visit},
};

/// The page's address; that of an address follows.
pub const PATH: &str = "/address";

const OPERATOR: Access = Access::Role(Role::Operator);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, VIEWER, look_up),
        Route::get("/address/{*addresses}", VIEWER, show),
        Route::post("/address/quick", OPERATOR, submit::submit_quick),
        Route::post("/address/lift", OPERATOR, submit::submit_lift),
        Route::post("/address/remark", OPERATOR, remarks::submit_remark),
    ]
}

/// Leads from a search box to the page of an address.
async fn look_up(visit: Visit, Query(pairs): Pairs) -> Response {
    let asked = pairs.iter().find(|(name, _)| name == "q").map(|(_, text)| text.trim()).unwrap_or_default();
    match AddressRange::parse(asked) {
        Ok(addresses) => Redirect::to(&address_of(addresses)).into_response(),
        Err(problem) => wrong(&visit, &problem),
    }
}

/// The page of an address.
fn address_of(addresses: AddressRange) -> String {
    format!("{PATH}/{addresses}")
}

fn wrong(visit: &Visit, problem: &ParseError) -> Response {
    Page(StatusCode::NOT_FOUND, WrongView::new(visit.frame(Some(Section::Lists)), problem)).into_response()
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    text: Result<Path<String>, PathRejection>,
    Query(pairs): Pairs,
) -> Result<Response, Fault> {
    let to = pairs.into_iter().find(|(name, _)| name == "to").map(|(_, to)| to).unwrap_or_default();
    let text = text.map(|Path(text)| text).unwrap_or_default();
    match AddressRange::parse(&text) {
        Ok(addresses) => {
            let typed = Typed::from(QuickForm::fresh().to(to));
            page(&app, &visit, &session, StatusCode::OK, (addresses, typed)).await
        }
        Err(problem) => Ok(wrong(&visit, &problem)),
    }
}

/// The page of an address. A list may have a million entries, so looking happens on a thread of its own.
async fn page(
    app: &App,
    visit: &Visit,
    session: &Session,
    status: StatusCode,
    (addresses, typed): (AddressRange, Typed),
) -> Result<Response, Fault> {
    let actions = app.actions();
    let (running, bans, survey) = (actions.draft(&session.0).await?.running, actions.listed_bans(), actions.survey());
    let rights = Rights { can_act: session.0.may(Right::Ban), can_edit: can_edit(session) };
    let (frame, now) = (visit.frame(Some(Section::Lists)), actions.now());
    let store = actions.store();
    let (knocks, notes) = tokio::try_join!(Knocks::find(store, addresses, now), store.list_address_notes())?;
    let (connections, geography) = (actions.connections(), actions.geography());
    let lay_out = move || {
        let named = find::find(&running, &survey.networks(), addresses);
        let bans = bans.left(now).filter(|ban| ban.addresses.overlaps(addresses)).collect::<Vec<_>>();
        let found = Findings {
            addresses,
            running: &running,
            rules: &named.rules,
            entries: &named.entries,
            bans: &bans,
            knocks: &knocks,
            notes: &notes,
            connections: &connections,
            geography: &geography,
        };
        AddressView::new(frame, &found, typed, rights, now)
    };
    let view = tokio::task::spawn_blocking(lay_out).await.map_err(|error| Fault::internal(&error))?;
    Ok(Page(status, view).into_response())
}
