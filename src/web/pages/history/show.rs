//! The list of revisions, one of them, and two compared.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    CompareView, HistoryView, Listed, Pair, RevisionView, Whole,
    judged::{self, Judged},
};
use crate::{
    firewall::{
        Ruleset,
        enforcement::{Enforcement, Mode},
    },
    store::Revision,
    web::kit::{App, Fault, Page, Problems, Section, Shown, Visit, words},
};

/// Revisions on one page.
const PER_PAGE: usize = 50;

type Pairs = Query<Vec<(String, String)>>;

fn value<'a>(pairs: &'a [(String, String)], wanted: &str) -> &'a str {
    pairs.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.trim())
}

/// A number of the address that makes no sense counts as none.
pub(super) async fn list(State(app): State<App>, visit: Visit, Query(pairs): Pairs) -> Result<Response, Fault> {
    let before = value(&pairs, "before").parse().ok();
    page(&app, &visit, StatusCode::OK, before, (String::new(), String::new()), Problems::default()).await
}

async fn page(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    before: Option<u64>,
    compared: (String, String),
    problems: Problems,
) -> Result<Response, Fault> {
    let wanted = u32::try_from(PER_PAGE + 1).unwrap_or(u32::MAX);
    let mut revisions = app.actions().store().list_revisions(before, wanted).await?;
    let has_older = revisions.len() > PER_PAGE;
    revisions.truncate(PER_PAGE);
    let firewall = app.actions().firewall();
    let closures = if before.is_none() { app.actions().closures().await? } else { Vec::new() };
    let listed = Listed {
        revisions: &revisions,
        in_force: in_force(app),
        has_older,
        is_newest: before.is_none(),
        drift: app.actions().drift(),
        turned: app.actions().exposures().turned.clone(),
        closures: &closures,
        compared,
    };
    let answer = firewall.enforcement.as_ref().map_or_else(unknown, answer);
    let view = HistoryView::new(visit.frame(Some(Section::History)), answer, &listed, problems, app.actions().now());
    Ok(Page(status, view).into_response())
}

fn unknown() -> String {
    "What is in force isn’t known, because the helper hasn’t answered yet.".to_owned()
}

/// The revision in the kernel, as far as it is known.
fn in_force(app: &App) -> Option<u64> {
    let firewall = app.actions().firewall();
    let is_enforcing = firewall.enforcement.as_ref().is_some_and(|enforcement| enforcement.mode.is_of_revision());
    firewall.pending().or(firewall.confirmed()).filter(|_| is_enforcing)
}

fn answer(enforcement: &Enforcement) -> String {
    let in_force = match (enforcement.mode, enforcement.confirmed) {
        (Mode::Off, _) => "the firewall isn’t turned on".to_owned(),
        (Mode::Panic, _) => "panic mode is on: nothing new comes in".to_owned(),
        (Mode::Rescue, _) => "the rescue rules are in force".to_owned(),
        (Mode::Enforcing, Some(revision)) => format!("revision {revision} is confirmed and in force"),
        (Mode::Observing, Some(revision)) => format!("revision {revision} is confirmed and only observes"),
        (Mode::Enforcing | Mode::Observing, None) => "no revision is confirmed yet".to_owned(),
    };
    match enforcement.pending {
        Some(pending) => {
            format!("Revision {} is in force and waits to be confirmed; before, {in_force}.", pending.revision)
        }
        None => words::sentence(&in_force),
    }
}

pub(super) async fn revision(
    State(app): State<App>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, Fault> {
    let number = number.parse().map_err(|_| Fault::NotFound)?;
    let (revision, ruleset) = find(&app, number).await?.ok_or(Fault::NotFound)?;
    let parent = match revision.parent {
        Some(parent) => find(&app, parent).await?.map(|(_, ruleset)| ruleset).unwrap_or_default(),
        None => Ruleset::default(),
    };
    let Judged { diff, nft } = judge(&app, parent.clone(), ruleset.clone()).await?;
    let whole = Whole {
        revision: &revision,
        ruleset: &ruleset,
        parent: &parent,
        diff: diff.as_ref(),
        nft: &nft[1],
        in_force: in_force(&app),
    };
    let view = RevisionView::new(visit.frame(Some(Section::History)), whole, app.actions().now());
    Ok(Page(StatusCode::OK, view).into_response())
}

pub(super) async fn compare(State(app): State<App>, visit: Visit, Query(pairs): Pairs) -> Result<Response, Fault> {
    let typed = (value(&pairs, "from").to_owned(), value(&pairs, "to").to_owned());
    let (from, to) = (find_typed(&app, &typed.0).await?, find_typed(&app, &typed.1).await?);
    let (Some((from, old)), Some((to, new))) = (&from, &to) else {
        let mut problems = Problems::default();
        problems.add_some("from", from.is_none().then(|| missing(&typed.0)));
        problems.add_some("to", to.is_none().then(|| missing(&typed.1)));
        return page(&app, &visit, StatusCode::NOT_FOUND, None, typed, problems).await;
    };
    let Judged { diff, nft } = judge(&app, old.clone(), new.clone()).await?;
    let pair = Pair {
        from: (from, old),
        to: (to, new),
        diff: diff.as_ref(),
        nft: (&nft[0], &nft[1]),
        in_force: in_force(&app),
    };
    let view = CompareView::new(visit.frame(Some(Section::History)), pair, app.actions().now());
    Ok(Page(StatusCode::OK, view).into_response())
}

fn missing(typed: &str) -> String {
    if typed.is_empty() {
        "Give the numbers of two revisions.".to_owned()
    } else {
        format!("There is no revision “{}”.", Shown::new(typed, 40).short)
    }
}

async fn find_typed(app: &App, typed: &str) -> Result<Option<(Revision, Ruleset)>, Fault> {
    match typed.parse() {
        Ok(number) => find(app, number).await,
        Err(_) => Ok(None),
    }
}

async fn find(app: &App, number: u64) -> Result<Option<(Revision, Ruleset)>, Fault> {
    let store = app.actions().store();
    let Some(revision) = store.find_revision(number).await? else { return Ok(None) };
    Ok(store.ruleset_of(number).await?.map(|ruleset| (revision, ruleset)))
}

async fn judge(app: &App, old: Ruleset, new: Ruleset) -> Result<Judged, Fault> {
    judged::judge(old, new, app.actions().survey(), app.actions().now()).await
}
