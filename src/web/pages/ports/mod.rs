//! What listens on this host: every port with what it is for, who holds it, from where it can be reached, who uses it,
//! and what can be done about it.

mod admit;
mod answer;
mod badges;
mod bound;
mod census;
mod chart;
mod choices;
mod close;
mod closures;
mod entry;
mod facts;
mod filter;
mod key;
mod lonely;
mod needless;
mod news;
mod place;
mod published;
mod reached;
mod row;
mod sight;
mod subject;
mod undo;
mod unit_state;
mod used;
mod view;

pub use admit::{AdmitForm, AdmitView, Grounds, Kind};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Redirect,
};
pub use bound::Bound;
pub use census::Census;
pub use close::{SheetGrounds, SheetView};
pub use closures::{ClosureRow, closure_rows};
pub use filter::Filter;
pub use key::PortKey;
pub use needless::{Candidate, NeedlessView, Typed};
pub use place::Place;
pub use sight::Snapshot;
pub use subject::Subject;
pub use undo::UndoneView;
pub use view::PortsView;

use super::rules::can_edit;
use crate::{
    actions::ListenersView,
    store::Role,
    web::kit::{Access, App, Fault, Page, Route, Section, Session, Visit},
};

/// The page's address.
pub const PATH: &str = "/ports";

/// Has the list read anew.
const READ_AGAIN: &str = "/ports/read-again";
const VIEWER: Access = Access::Role(Role::Viewer);

pub(super) fn routes() -> Vec<Route> {
    let own = vec![Route::get(PATH, VIEWER, show), Route::post(READ_AGAIN, VIEWER, submit_read_again)];
    [own, close::routes(), undo::routes(), needless::routes(), admit::routes()].into_iter().flatten().collect()
}

/// The parameters of an address, as they stand there.
type Pairs = Query<Vec<(String, String)>>;

async fn show(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    Query(pairs): Pairs,
) -> Result<Page<PortsView>, Fault> {
    let actions = app.actions();
    let ListenersView { listing, taken_at, fault } = app.listeners();
    let (exposures, connections) = (actions.exposures(), actions.connections());
    let (uses, packages, units) = (actions.port_uses(), actions.packages(), actions.units());
    let (closures, news) = (actions.closures().await?, actions.listener_news(&session.0).await?);
    let running = actions.draft(&session.0).await?.running;
    let snapshot = Snapshot {
        listeners: &listing.listeners,
        omitted: listing.omitted,
        taken_at,
        fault: fault.as_deref(),
        exposures: Some(&exposures),
        connections: Some(&connections),
        uses: Some(&uses),
        packages: Some(&packages),
        units: Some(&units),
        news: Some(&news),
        running: Some(&running),
        closures: &closures,
        is_on: actions.firewall().enforcement.map(|enforcement| enforcement.mode.is_of_revision()),
        can_act: can_edit(&session),
    };
    let frame = visit.frame(Some(Section::Ports));
    Ok(Page(StatusCode::OK, PortsView::new(frame, &snapshot, Filter::from_pairs(&pairs), actions.now())))
}

/// Asks the helper and leads back to the list as it was filtered.
async fn submit_read_again(State(app): State<App>, Query(pairs): Pairs) -> Redirect {
    app.actions().refresh_listeners().await;
    Redirect::to(&Filter::from_pairs(&pairs).own_address())
}
