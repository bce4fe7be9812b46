//! The editor of one rule.

mod form;
mod view;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
pub use form::RuleForm;
pub use view::EditorView;

use super::{ADMINISTRATOR, Effect, PATH, Staged, foresee, place, stage};
use crate::{
    firewall::{
        List, Parts, Problem, Rule, RuleId, Ruleset, Severity, Surroundings, check, check::Subject, edit::Edit,
    },
    web::kit::{App, Fault, Flash, Page, Problems, ProtectedForm, Route, Section, Session, Visit, flash, words},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/rules/new", ADMINISTRATOR, show_new),
        Route::post("/rules/new", ADMINISTRATOR, submit_new),
        Route::get("/rules/{id}", ADMINISTRATOR, show),
        Route::post("/rules/{id}", ADMINISTRATOR, submit),
    ]
}

/// A rule's id in an address.
type Id = Result<Path<String>, PathRejection>;

/// One request about one rule.
struct Desk {
    app: App,
    visit: Visit,
    session: Session,
    draft: Ruleset,
    rule: Option<Rule>,
}

impl Desk {
    async fn new(app: App, visit: Visit, session: Session) -> Result<Self, Fault> {
        let draft = app.actions().draft(&session.0).await?.ruleset;
        Ok(Self { app, visit, session, draft, rule: None })
    }

    async fn of(app: App, visit: Visit, session: Session, id: Id) -> Result<Self, Fault> {
        let id = id.ok().and_then(|Path(id)| RuleId::parse(&id).ok()).ok_or(Fault::NotFound)?;
        let desk = Self::new(app, visit, session).await?;
        let rule = place::find(&desk.draft, id).cloned().ok_or(Fault::NotFound)?;
        Ok(Self { rule: Some(rule), ..desk })
    }

    fn page(&self, status: StatusCode, form: RuleForm, said: (Problems, Effect)) -> Response {
        let frame = self.visit.frame(Some(Section::Rules));
        let id = self.rule.as_ref().map(|rule| rule.id);
        Page(status, EditorView::new(frame, id, form, said, &self.draft, self.app.actions().now())).into_response()
    }

    /// The edits that put a rule into the draft, at a number if one is asked for.
    fn edits(&self, rule: &Rule, number: Option<usize>) -> Vec<Edit> {
        let Some(before) = &self.rule else {
            let at = place::index(&self.draft, &[], rule.direction, number);
            return vec![Edit::AddRule { rule: rule.clone(), at }];
        };
        let stays = before.direction == rule.direction && number == Some(place::number(&self.draft, before));
        let mut edits = vec![Edit::ReplaceRule(rule.clone())];
        if !stays {
            let to = place::index(&self.draft, &[rule.id], rule.direction, number);
            edits.push(Edit::MoveRules { ids: vec![rule.id], to });
        }
        edits
    }

    async fn effect(&self, rule: &Rule, number: Option<usize>) -> Result<Effect, Fault> {
        foresee(&self.app, self.draft.clone(), self.edits(rule, number), Some(Subject::Rule(rule.id))).await
    }

    /// Answers a form: shows what it would do, or does it.
    async fn answer(self, form: RuleForm) -> Result<Response, Fault> {
        // A rule that is only looked at needs no id of its own.
        let id = self.rule.as_ref().map(|rule| rule.id).or_else(|| RuleId::new(u32::MAX));
        let id = id.ok_or(Fault::NotFound)?;
        let (rule, number) = match form.read(id, self.rule.as_ref(), self.app.actions().now()) {
            Ok(read) => read,
            Err(problems) => {
                let status = if form.is_preview() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
                let effect = Effect::unreadable(&problems);
                return Ok(self.page(status, form, (problems, effect)));
            }
        };
        let effect = self.effect(&rule, number).await?;
        let problems = self.problems(&rule);
        if form.is_preview() {
            return Ok(self.page(StatusCode::OK, form, (problems, effect)));
        }
        if !problems.is_empty() {
            return Ok(self.page(StatusCode::UNPROCESSABLE_ENTITY, form, (problems, effect)));
        }
        self.stage(form, rule, number, effect).await
    }

    async fn stage(self, form: RuleForm, rule: Rule, number: Option<usize>, effect: Effect) -> Result<Response, Fault> {
        let rule = match &self.rule {
            Some(_) => rule,
            None => Rule { id: self.app.actions().new_rule_id().await?, ..rule },
        };
        for edit in self.edits(&rule, number) {
            if let Staged::Refused(sentence) = stage(&self.app, &self.visit, &self.session, edit).await? {
                let problems = Problems::one("action", words::sentence(&sentence));
                return Ok(self.page(StatusCode::UNPROCESSABLE_ENTITY, form, (problems, effect)));
            }
        }
        Ok(flash::see_other(&format!("{PATH}#{}", rule.id), Flash::Staged))
    }

    /// What forbids the rule by itself, each beside its field. What is wrong between two rules can be mended later.
    fn problems(&self, rule: &Rule) -> Problems {
        let mut problems = Problems::default();
        // The names of the lists are enough, and their entries may be a million.
        let parts = self.draft.parts();
        let bare = |list: &List| List { name: list.name.clone(), note: list.note.clone(), entries: Vec::new() };
        let alone = Parts {
            policy: parts.policy.clone(),
            lists: parts.lists.iter().map(bare).collect(),
            services: parts.services.clone(),
            rules: vec![rule.clone()],
        };
        let Ok(ruleset) = Ruleset::try_from(alone) else { return problems };
        let now = self.app.actions().now();
        let surroundings = Surroundings { now, interfaces: None, networks: Vec::new() };
        let found = check(ruleset, &surroundings).err().unwrap_or_default();
        let own = |problem: &&Problem| problem.severity == Severity::Error && problem.subject == Subject::Rule(rule.id);
        for problem in found.iter().filter(own) {
            problems.add(problem.field, words::sentence(&problem.sentence));
        }
        problems
    }
}

/// The address may fill fields, so that other pages can suggest a rule.
async fn show_new(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    suggested: Result<Query<RuleForm>, QueryRejection>,
) -> Result<Response, Fault> {
    let desk = Desk::new(app, visit, session).await?;
    let suggested = suggested.map(|Query(form)| form).unwrap_or_default();
    let form = suggested.completed();
    Ok(desk.page(StatusCode::OK, form, (Problems::default(), Effect::not_asked())))
}

async fn submit_new(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<RuleForm>,
) -> Result<Response, Fault> {
    Desk::new(app, visit, session).await?.answer(form).await
}

async fn show(State(app): State<App>, visit: Visit, session: Session, id: Id) -> Result<Response, Fault> {
    let desk = Desk::of(app, visit, session, id).await?;
    let Some(rule) = desk.rule.clone() else { return Err(Fault::NotFound) };
    let number = place::number(&desk.draft, &rule);
    let effect = desk.effect(&rule, Some(number)).await?;
    Ok(desk.page(StatusCode::OK, RuleForm::of(&rule, Some(number)), (Problems::default(), effect)))
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    id: Id,
    ProtectedForm(form): ProtectedForm<RuleForm>,
) -> Result<Response, Fault> {
    Desk::of(app, visit, session, id).await?.answer(form).await
}
