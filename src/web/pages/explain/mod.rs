//! Which line decides a packet: any address and any port, for the ruleset in force and for the reader's draft.

mod answer;
mod question;
mod view;
mod way;
mod why;

pub use answer::{Host, Source};
use axum::{
    extract::{Query, State},
    http::StatusCode,
};
pub use question::Asked;
pub use view::{ExplainView, Sources};

use crate::{
    firewall::{enforcement::Survey, simulate::Situation},
    store::Role,
    web::kit::{Access, App, Page, Route, Visit},
};

/// The page's address.
pub const PATH: &str = "/explain";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, Access::Role(Role::Viewer), show)]
}

/// The parameters of an address, as they stand there.
type Pairs = Query<Vec<(String, String)>>;

async fn show(State(app): State<App>, visit: Visit, Query(pairs): Pairs) -> Page<ExplainView> {
    let survey = Survey::default();
    let situation = Situation { now: app.actions().now(), bans: Vec::new(), routes: survey.routes.clone() };
    let host = Host { survey: &survey, situation };
    let own = visit.origin().address.to_string();
    let view = ExplainView::new(visit.frame(None), Asked::from_pairs(&pairs), &own, Sources::default(), &host);
    Page(StatusCode::OK, view)
}
