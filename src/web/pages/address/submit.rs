//! Acting on an address at once.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{QuickForm, Typed, Wish, address_of, page};
use crate::{
    actions::{Lift, Quick, QuickDone, QuickError},
    firewall::{AddressRange, ListName, RuleId},
    web::kit::{App, Fault, Flash, Problems, ProtectedForm, Session, Visit, flash, words},
};

/// The form of the page, with the address it is about.
#[derive(Deserialize)]
pub(super) struct QuickSubmission {
    addresses: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    span: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
pub(super) struct LiftForm {
    lift: String,
    back: String,
}

pub(super) async fn submit_quick(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(given): ProtectedForm<QuickSubmission>,
) -> Result<Response, Fault> {
    let addresses = AddressRange::parse(&given.addresses).map_err(|_| Fault::Unreadable)?;
    let QuickSubmission { action, span, to, direction, note, .. } = given;
    let form = QuickForm { action, span, to, direction, note };
    let Wish { action, seconds, to, direction, note } = match form.read() {
        Ok(wish) => wish,
        Err(problems) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let typed = Typed { problems, ..Typed::from(form) };
            return page(&app, &visit, &session, status, (addresses, typed)).await;
        }
    };
    let quick = Quick { addresses, action, seconds, to, direction, note };
    match app.actions().quick(&session.0, quick, &visit.origin()).await {
        Ok(done) => Ok(said(done, addresses)),
        Err(error) => refuse(&app, &visit, &session, (addresses, form), error).await,
    }
}

pub(super) async fn submit_lift(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<LiftForm>,
) -> Result<Response, Fault> {
    let back = AddressRange::parse(&form.back).map_err(|_| Fault::Unreadable)?;
    let lift = read_lift(&form.lift).ok_or(Fault::Unreadable)?;
    match app.actions().lift(&session.0, lift, &visit.origin()).await {
        Ok(done) => Ok(said(done, back)),
        Err(error) => refuse(&app, &visit, &session, (back, QuickForm::fresh()), error).await,
    }
}

fn said(done: QuickDone, addresses: AddressRange) -> Response {
    let flash = match done {
        QuickDone::InForce => Flash::InForce,
        QuickDone::Staged => Flash::StagedForSafety,
        QuickDone::NotThere => Flash::NotThere,
    };
    flash::see_other(&address_of(addresses), flash)
}

async fn refuse(
    app: &App,
    visit: &Visit,
    session: &Session,
    (addresses, form): (AddressRange, QuickForm),
    error: QuickError,
) -> Result<Response, Fault> {
    match error {
        QuickError::Forbidden => Err(Fault::Forbidden),
        QuickError::Unproved => Err(Fault::Unproved),
        QuickError::Store(error) => Err(error.into()),
        error @ (QuickError::Helper(_) | QuickError::NotNow) => {
            let problems = Problems::one("span", words::sentence(&error.to_string()));
            let typed = Typed { problems, ..Typed::from(form) };
            page(app, visit, session, StatusCode::SERVICE_UNAVAILABLE, (addresses, typed)).await
        }
    }
}

/// `ban ADDRESSES`, `rule ID` or `NAME ADDRESSES` for an entry of a list.
fn read_lift(text: &str) -> Option<Lift> {
    let (what, which) = text.split_once(' ')?;
    match what {
        "rule" => RuleId::parse(which).ok().map(Lift::Rule),
        "ban" => AddressRange::parse(which).ok().map(Lift::Ban),
        _ => {
            let list = ListName::parse(what.strip_prefix("list:")?).ok()?;
            Some(Lift::Entry { list, addresses: AddressRange::parse(which).ok()? })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_lifted_is_read_and_nonsense_refused() {
        assert!(matches!(read_lift("rule r12"), Some(Lift::Rule(_))));
        assert!(matches!(read_lift("ban 192.0.2.0/24"), Some(Lift::Ban(_))));
        assert!(matches!(read_lift("list:ban 192.0.2.1"), Some(Lift::Entry { .. })));
        for text in ["", "rule", "rule 12", "ban x", "office 192.0.2.1", "list:A 192.0.2.1", "list:a b"] {
            assert!(read_lift(text).is_none(), "{text}");
        }
    }
}
