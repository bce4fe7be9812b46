//! Gathers what the page shows. The chain isn't walked here: that is done beside the pages.

use axum::{
    extract::{Query, State},
    http::StatusCode,
};

use super::{AuditView, Filter, Found};
use crate::web::{
    kit::{App, Fault, Page, Section, Visit},
    pages::rules::Pairs,
};

/// Records on one page.
const PER_PAGE: u32 = 50;

pub(super) async fn show(State(app): State<App>, visit: Visit, Query(pairs): Pairs) -> Result<Page<AuditView>, Fault> {
    let filter = Filter::from_pairs(&pairs);
    let store = app.actions().store();
    let mut records = store.list_audit(&filter.wanted, filter.below, PER_PAGE + 1).await?;
    let (verbs, newest) = store.describe_audit().await?;
    let per_page = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let has_older = records.len() > per_page;
    records.truncate(per_page);
    let found = Found { records, has_older, verbs, newest, verdict: app.actions().audit_verdict() };
    let view = AuditView::new(visit.frame(Some(Section::History)), filter, &found, app.actions().now());
    Ok(Page(StatusCode::OK, view))
}
