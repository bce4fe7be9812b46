//! Putting edits into the viewer's draft, and foreseeing what one would do.

use super::{Effect, Step};
use crate::{
    actions::EditError,
    firewall::{Ruleset, Surroundings, check::Subject, edit::Edit, simulate::Situation},
    web::kit::{App, Fault, Session, Visit},
};

/// What became of an edit.
#[derive(Debug)]
pub enum Staged {
    /// It is in the draft.
    Done,
    /// The draft can't take it, with a sentence that says why.
    Refused(String),
}

/// Puts an edit into the draft.
pub async fn stage(app: &App, visit: &Visit, session: &Session, edit: Edit) -> Result<Staged, Fault> {
    match app.actions().edit_draft(&session.0, edit, &visit.origin()).await {
        Ok(()) => Ok(Staged::Done),
        Err(EditError::Edit(problem)) => Ok(Staged::Refused(problem.to_string())),
        Err(EditError::Forbidden) => Err(Fault::Forbidden),
        Err(EditError::Store(error)) => Err(error.into()),
    }
}

/// Says what edits would do to a draft. Comparing two rulesets takes a while, so it happens on a thread of its own.
pub async fn foresee(app: &App, draft: Ruleset, edits: Vec<Edit>, subject: Option<Subject>) -> Result<Effect, Fault> {
    let (now, survey) = (app.actions().now(), app.actions().survey());
    let surroundings = Surroundings {
        now,
        interfaces: (!survey.interfaces.is_empty()).then(|| survey.interfaces.iter().cloned().collect()),
        networks: survey.networks(),
    };
    let situation = Situation { now, bans: Vec::new(), routes: survey.routes.clone() };
    let compare = move || {
        let after = edits.iter().try_fold(draft.clone(), |ruleset, edit| edit.apply(ruleset));
        match after {
            Ok(after) => {
                let step = Step { before: &draft, after: &after, surroundings: &surroundings, situation: &situation };
                Effect::of(subject.as_ref(), &step)
            }
            Err(problem) => Effect::impossible(&problem.to_string()),
        }
    };
    tokio::task::spawn_blocking(compare).await.map_err(|error| Fault::internal(&error))
}
