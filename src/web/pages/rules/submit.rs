//! The buttons on the page of rules.

use axum::{extract::State, response::Response};

use super::{
    PATH, Staged,
    acts::{Act, Refusal},
    place, stage,
};
use crate::{
    actions::DraftView,
    firewall::{Direction, Rule, RuleId, Ruleset, edit::Edit},
    web::kit::{App, Fault, Flash, OwnPath, ProtectedForm, Session, Visit, flash},
};

/// How long "disable for an hour" lasts, in seconds.
const PAUSE: i64 = 3_600;

pub(super) async fn submit_acts(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(pairs): ProtectedForm<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    let back = back(&pairs);
    let act = match Act::read(&pairs) {
        Ok(act) => act,
        Err(Refusal::NothingChosen) => return Ok(flash::see_other(&back, Flash::NothingChosen)),
        Err(Refusal::NoPosition) => return Ok(flash::see_other(&back, Flash::NoPosition)),
        Err(Refusal::Unreadable) => return Err(Fault::Unreadable),
    };
    let draft = app.actions().draft(&session.0).await?;
    let edit = match edit(&app, &act, &draft).await? {
        Ok(edit) => edit,
        Err(said) => return Ok(flash::see_other(&back, said)),
    };
    let focus = match &edit {
        Edit::AddRule { rule, .. } => Some(rule.id),
        _ => act.focus(),
    };
    match stage(&app, &visit, &session, edit).await? {
        Staged::Done => Ok(flash::see_other(&at(&back, focus), Flash::Staged)),
        Staged::Refused(_) => Ok(flash::see_other(&back, Flash::NotThere)),
    }
}

/// The page that the form stood on; it may lead nowhere but to the rules.
fn back(pairs: &[(String, String)]) -> String {
    let back = pairs.iter().find(|(name, _)| name == "back").and_then(|(_, path)| OwnPath::parse(path));
    let back = back.filter(|path| path.as_str().split(['?', '#']).next() == Some(PATH));
    back.map_or_else(|| PATH.to_owned(), |path| path.as_str().to_owned())
}

/// The same page with the rule in sight.
fn at(back: &str, rule: Option<RuleId>) -> String {
    let page = back.split('#').next().unwrap_or(PATH);
    rule.map_or_else(|| page.to_owned(), |id| format!("{page}#{id}"))
}

/// The edit that an act means, or the sentence that says why it means none.
async fn edit(app: &App, act: &Act, view: &DraftView) -> Result<Result<Edit, Flash>, Fault> {
    let draft = &view.ruleset;
    Ok(match act {
        Act::Enable(ids) => Ok(Edit::SetEnabled { ids: ids.clone(), enabled: true }),
        Act::Disable(ids) => Ok(Edit::SetEnabled { ids: ids.clone(), enabled: false }),
        Act::Pause(ids) => Ok(Edit::StartAt { ids: ids.clone(), moment: app.actions().now().plus_seconds(PAUSE) }),
        Act::Remove(ids) => Ok(Edit::RemoveRules(ids.clone())),
        Act::Move(ids, number) => move_to(draft, ids, *number),
        Act::Up(id) => step(draft, *id, |number| number.checked_sub(1).filter(|number| *number > 0)),
        Act::Down(id) => step(draft, *id, |number| number.checked_add(1)),
        Act::Duplicate(id) => match place::find(draft, *id) {
            Some(rule) => {
                let at = place::index(draft, &[], rule.direction, Some(place::number(draft, rule) + 1));
                let copy = Rule { id: app.actions().new_rule_id().await?, ..rule.clone() };
                Ok(Edit::AddRule { rule: copy, at })
            }
            None => Err(Flash::NotThere),
        },
        Act::PutBack(id) => match place::find(&view.running, *id) {
            Some(rule) => {
                let number = place::number(&view.running, rule);
                let at = place::index(draft, &[], rule.direction, Some(number));
                Ok(Edit::AddRule { rule: rule.clone(), at })
            }
            None => Err(Flash::NotThere),
        },
    })
}

/// Numbers count the rules of one direction, so rules of several can't go to one number.
fn move_to(draft: &Ruleset, ids: &[RuleId], number: usize) -> Result<Edit, Flash> {
    let directions = ids.iter().map(|id| place::find(draft, *id).map(|rule| rule.direction));
    let directions: Vec<Direction> = directions.collect::<Option<_>>().ok_or(Flash::NotThere)?;
    let first = *directions.first().ok_or(Flash::NothingChosen)?;
    if directions.iter().any(|direction| *direction != first) {
        return Err(Flash::SeveralDirections);
    }
    Ok(Edit::MoveRules { ids: ids.to_vec(), to: place::index(draft, ids, first, Some(number)) })
}

fn step(draft: &Ruleset, id: RuleId, next: impl Fn(usize) -> Option<usize>) -> Result<Edit, Flash> {
    let rule = place::find(draft, id).ok_or(Flash::NotThere)?;
    let same = draft.parts().rules.iter().filter(|other| other.direction == rule.direction).count();
    let number = next(place::number(draft, rule)).filter(|number| *number <= same).ok_or(Flash::AtTheEnd)?;
    Ok(Edit::MoveRules { ids: vec![id], to: place::index(draft, &[id], rule.direction, Some(number)) })
}
