//! One step between rules that only observe and rules that are enforced. It is staged like any other change, so Review
//! says whom it would turn away and whom it would lock out.

use axum::{extract::State, response::Response};

use super::{PATH, acts::EmptyForm};
use crate::{
    firewall::{Policy, edit::Edit},
    web::{
        kit::{App, Fault, Flash, ProtectedForm, Session, Visit, flash},
        pages::rules::{Staged, stage},
    },
};

pub(super) async fn submit_enforce(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(EmptyForm {}): ProtectedForm<EmptyForm>,
) -> Result<Response, Fault> {
    switch(&app, &visit, &session, false).await
}

pub(super) async fn submit_observe(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(EmptyForm {}): ProtectedForm<EmptyForm>,
) -> Result<Response, Fault> {
    switch(&app, &visit, &session, true).await
}

/// What is staged already leads to Review as well.
async fn switch(app: &App, visit: &Visit, session: &Session, observe: bool) -> Result<Response, Fault> {
    let policy = app.actions().draft(&session.0).await?.ruleset.parts().policy.clone();
    if policy.observe == observe {
        return Ok(flash::see_other(PATH, Flash::Staged));
    }
    match stage(app, visit, session, Edit::SetPolicy(Policy { observe, ..policy })).await? {
        Staged::Done => Ok(flash::see_other(PATH, Flash::Staged)),
        Staged::Refused(_) => Ok(flash::see_other(PATH, Flash::NotThere)),
    }
}
