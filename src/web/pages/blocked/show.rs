//! Gathers what the page shows.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use tokio::task::spawn_blocking;

use super::{Around, BlockedView, Filter, Found, Judge};
use crate::{
    firewall::simulate::Situation,
    store::{self, BlockedFilter},
    web::{
        kit::{App, Fault, Page, Section, Session, Visit},
        pages::rules::Pairs,
    },
};

/// Rows on one page.
const PER_PAGE: u32 = 50;

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    Query(pairs): Pairs,
) -> Result<Page<BlockedView>, Fault> {
    let (filter, now) = (Filter::from_pairs(&pairs), app.actions().now());
    let wanted = filter.wanted(now);
    let saved = async { Ok(app.actions().store().list_saved_filters(session.0.user.id).await?) };
    let (found, judge, saved) = tokio::try_join!(find(&app, &filter, &wanted), judge(&app, &session), saved)?;
    let (frame, firewall) = (visit.frame(Some(Section::Blocked)), app.actions().firewall());
    let collecting = app.actions().collecting();
    let view = spawn_blocking(move || {
        let around = Around { judge: &judge, firewall: &firewall, collecting: &collecting };
        BlockedView::new(frame, filter, &found, around, &saved, now)
    });
    Ok(Page(StatusCode::OK, view.await.map_err(|error| Fault::internal(&error))?))
}

/// Asks the store for all at once: the readers work side by side.
async fn find(app: &App, filter: &Filter, wanted: &BlockedFilter) -> Result<Found, Fault> {
    let store = app.actions().store();
    let (page, doors, sources, bars, not_itemised) = tokio::try_join!(
        store.list_blocked(wanted, filter.before, PER_PAGE),
        store.sum_blocked_doors(wanted),
        store.sum_blocked_sources(wanted),
        store.draw_blocked(wanted),
        not_itemised(store, wanted),
    )?;
    Ok(Found { page, doors, sources, bars, not_itemised })
}

/// What was counted beyond the rows belongs to a line and a minute, to nothing narrower.
async fn not_itemised(store: &store::Store, wanted: &BlockedFilter) -> Result<u64, store::Error> {
    let by_line = BlockedFilter { line: wanted.line, ..BlockedFilter::between(wanted.from, wanted.until) };
    if *wanted == by_line { store.sum_not_itemised(wanted).await } else { Ok(0) }
}

/// Prepares to judge rows by what is in force now.
pub(super) async fn judge(app: &App, session: &Session) -> Result<Arc<Judge>, Fault> {
    let actions = app.actions();
    let (firewall, draft) = (actions.firewall(), actions.draft(&session.0).await?);
    let pending = match firewall.pending() {
        Some(revision) => actions.store().ruleset_of(revision).await?,
        None => None,
    };
    let (survey, bans, now) = (actions.survey(), actions.bans(), actions.now());
    let geography = actions.geography();
    let made = spawn_blocking(move || {
        let situation = Situation { now, bans, routes: survey.routes.clone() };
        Judge::new(&firewall, pending.unwrap_or(draft.running), survey, situation).knowing(geography)
    });
    made.await.map(Arc::new).map_err(|error| Fault::internal(&error))
}
