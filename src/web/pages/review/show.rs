//! The Review page.
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Draft, ReviewView, Stale, Typed};
use crate::{
    actions::Review,
    firewall::{Ruleset, changes::between},
    web::kit::{App, Fault, Page, Problems, Section, Session, Shown, Stamp, Visit},
};

pub(super) async fn show(State(app): State<App>, visit: Visit, session: Session) -> Result<Response, Fault> {
    page(&app, &visit, &session, StatusCode::OK, None, Problems::default(), None).await
}

/// The page, also as the answer to a form of it that has problems or couldn't be carried out.
pub(super) async fn page(
    app: &App,
    visit: &Visit,
    Session(signed_in): &Session,
    status: StatusCode,
    typed: Option<Typed>,
    problems: Problems,
    failure: Option<String>,
) -> Result<Response, Fault> {
    let review = app.actions().review(signed_in, &visit.origin()).await?;
    let changes: Vec<String> = review.changes().iter().map(ToString::to_string).collect();
    let typed = typed.unwrap_or_else(|| Typed::proposed(review.sentence()));
    let draft = Draft {
        base: review.draft.base,
        next: review.next_revision,
        changes,
        diff: review.diff.as_ref(),
        problems: &review.problems,
        fates: &review.fates,
        observes: review.draft.ruleset.parts().policy.observe,
        phrase: review.lockout_phrase.clone(),
        nft: &review.nft,
        stale: stale(app, &review).await?,
    };
    Ok(Page(status, ReviewView::new(visit.frame(Some(Section::Rules)), draft, typed, problems, failure))
        .into_response())
}

/// What came in between, if something did.
async fn stale(app: &App, review: &Review) -> Result<Option<Stale>, Fault> {
    let store = app.actions().store();
    let Some(revision) = app.actions().firewall().confirmed().filter(|_| review.draft.is_stale) else {
        return Ok(None);
    };
    let found = store.find_revision(revision).await?;
    let base = match review.draft.base {
        Some(base) => store.ruleset_of(base).await?.unwrap_or_default(),
        None => Ruleset::default(),
    };
    let who = found.map(|found| {
        let at = Stamp::new(found.at, app.actions().now()).words;
        let (author, sentence) = (Shown::new(&found.author, 100).short, Shown::new(&found.sentence, 300).short);
        format!("{author} applied it {at}: “{sentence}”.")
    });
    Ok(Some(Stale {
        revision,
        who: who.unwrap_or_default(),
        changes: between(&base, &review.draft.running).iter().map(ToString::to_string).collect(),
        conflicts: review.conflicts.iter().map(|conflict| conflict.lost.clone()).collect(),
    }))
}
