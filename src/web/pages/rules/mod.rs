//! The rules: who may reach what, in the order that counts, with the viewer's draft.
//!
//! Everything here changes the draft, never the kernel.

mod acts;
mod answer;
mod badges;
mod editor;
mod effect;
pub(super) mod fields;
mod filter;
mod lonely;
mod marks;
mod place;
mod policy;
mod row;
mod services;
mod sight;
mod stage;
mod submit;
mod view;

use axum::{
    extract::{Query, State},
    http::StatusCode,
};
pub use editor::{EditorView, RuleForm};
pub use effect::{Effect, Step};
pub use filter::Filter;
pub(super) use lonely::is_lonely;
pub use marks::Mark;
pub use policy::{PolicyForm, PolicyView};
pub use sight::Sight;
pub(super) use stage::{Staged, foresee, stage};
pub use view::RulesView;

use crate::{
    actions::Right,
    store::Role,
    web::kit::{Access, App, Fault, Page, Route, Section, Session, Visit},
};

/// The page's address.
pub const PATH: &str = "/rules";

pub(super) const VIEWER: Access = Access::Role(Role::Viewer);
pub(super) const ADMINISTRATOR: Access = Access::Role(Role::Administrator);

pub(super) fn routes() -> Vec<Route> {
    let own = vec![Route::get(PATH, VIEWER, show), Route::post("/rules/acts", ADMINISTRATOR, submit::submit_acts)];
    own.into_iter().chain(policy::routes()).chain(editor::routes()).collect()
}

/// The parameters of an address, as they stand there.
pub(super) type Pairs = Query<Vec<(String, String)>>;

/// Whether the viewer may change rules.
pub(super) fn can_edit(session: &Session) -> bool {
    session.0.may(Right::ChangeRules)
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    Query(pairs): Pairs,
) -> Result<Page<RulesView>, Fault> {
    let facts = sight::Facts::gather(&app, &session).await?;
    let sight = facts.sight(can_edit(&session), app.actions().now());
    Ok(Page(StatusCode::OK, RulesView::new(visit.frame(Some(Section::Rules)), &sight, Filter::from_pairs(&pairs))))
}
