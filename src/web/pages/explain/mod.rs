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

use tokio::task::spawn_blocking;

use crate::{
    actions::{DraftView, FirewallView},
    firewall::{
        CheckedRuleset, Moment, Ruleset, Surroundings, check,
        enforcement::{Mode, Survey},
        simulate::Situation,
    },
    store::Role,
    web::kit::{Access, App, Fault, Page, Route, Section, Session, Visit, words},
};

/// The page's address.
pub const PATH: &str = "/explain";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, Access::Role(Role::Viewer), show)]
}

/// The parameters of an address, as they stand there.
type Pairs = Query<Vec<(String, String)>>;

async fn show(
    State(app): State<App>,
    visit: Visit,
    Session(signed_in): Session,
    Query(pairs): Pairs,
) -> Result<Page<ExplainView>, Fault> {
    let actions = app.actions();
    let (firewall, draft) = (actions.firewall(), actions.draft(&signed_in).await?);
    let pending = match firewall.pending() {
        Some(revision) => actions.store().ruleset_of(revision).await?,
        None => None,
    };
    let (survey, bans, now) = (actions.survey(), actions.bans(), actions.now());
    let (frame, own) = (visit.frame(Some(Section::Rules)), visit.origin().address.to_string());
    let asked = Asked::from_pairs(&pairs);
    let view = spawn_blocking(move || {
        let known = Known::new(&firewall, draft, pending, &survey, now);
        let situation = Situation { now, bans, routes: survey.routes.clone() };
        ExplainView::new(frame, asked, &own, known.sources(), &Host { survey: &survey, situation })
    });
    Ok(Page(StatusCode::OK, view.await.map_err(|error| Fault::internal(&error))?))
}

/// The rulesets that there are to ask.
struct Known {
    in_force: Option<(String, CheckedRuleset)>,
    draft: Option<(String, CheckedRuleset)>,
    is_unknown: bool,
    caveat: Option<String>,
}

impl Known {
    fn new(firewall: &FirewallView, draft: DraftView, pending: Option<Ruleset>, survey: &Survey, now: Moment) -> Self {
        let surroundings = Surroundings { now, interfaces: None, networks: survey.networks() };
        let checked = |ruleset: Ruleset| check(ruleset, &surroundings).ok();
        let mode = firewall.enforcement.as_ref().map(|enforcement| enforcement.mode);
        let title = match (firewall.pending(), firewall.confirmed()) {
            (Some(revision), _) => format!("Revision {revision}, in force and not confirmed"),
            (None, Some(revision)) => format!("Revision {revision}, in force"),
            (None, None) => "No revision yet".to_owned(),
        };
        let is_on = mode.is_some_and(|mode| mode != Mode::Off);
        let in_force = checked(pending.unwrap_or(draft.running)).filter(|_| is_on);
        let staged = checked(draft.ruleset).filter(|_| !draft.changes.is_empty());
        let is_broken = staged.is_none() && !draft.changes.is_empty();
        let count = words::count(draft.changes.len(), "staged change");
        Self {
            in_force: in_force.map(|checked| (title, checked)),
            draft: staged.map(|checked| (format!("With your {count}"), checked)),
            is_unknown: mode.is_none(),
            caveat: caveat(firewall, mode, is_broken),
        }
    }

    fn sources(&self) -> Sources<'_> {
        let source = |(title, checked)| Source { title, checked };
        Sources {
            in_force: self.in_force.as_ref().map(|(title, checked)| source((title.as_str(), checked))),
            draft: self.draft.as_ref().map(|(title, checked)| source((title.as_str(), checked))),
            is_unknown: self.is_unknown,
            caveat: self.caveat.as_deref(),
        }
    }
}

/// What the answers leave out.
fn caveat(firewall: &FirewallView, mode: Option<Mode>, is_broken: bool) -> Option<String> {
    let sentence = match mode? {
        Mode::Panic => "Panic mode is on: nothing new comes in, whatever the revision says that is asked here.",
        Mode::Rescue => "The rescue rules are in force, not the revision that is asked here.",
        Mode::Off | Mode::Enforcing | Mode::Observing if firewall.fault.is_some() => {
            "The helper doesn’t answer, so what is in force may have changed meanwhile."
        }
        Mode::Off | Mode::Enforcing | Mode::Observing if is_broken => {
            "Your staged changes have errors, so they can’t be asked. Review says what is wrong."
        }
        Mode::Observing => {
            "The rules only observe: what they would drop or reject passes, and is recorded as such under Blocked."
        }
        Mode::Off | Mode::Enforcing => return None,
    };
    Some(sentence.to_owned())
}
