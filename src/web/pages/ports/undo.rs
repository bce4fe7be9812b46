//! Taking back what was closed.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::PATH;
use crate::{
    actions::{UndoError, Undone},
    store::ClosureId,
    web::{
        kit::{App, Fault, Flash, Frame, Page, ProtectedForm, Route, Section, Session, Shown, Visit, flash, words},
        pages::rules::ADMINISTRATOR,
    },
};

const TEXT_LENGTH: usize = 300;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/ports/undo", ADMINISTRATOR, submit)]
}

#[derive(Deserialize)]
struct UndoForm {
    closure: String,
}

/// What couldn't be taken back, or what was left alone because somebody changed it since.
#[derive(Debug, Template)]
#[template(path = "pages/ports/undone.html")]
pub struct UndoneView {
    frame: Frame,
    title: &'static str,
    done: Vec<Shown>,
    kept: Vec<Shown>,
    trouble: Vec<Shown>,
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<UndoForm>,
) -> Result<Response, Fault> {
    let id = ClosureId::parse(&form.closure).ok_or(Fault::Unreadable)?;
    let frame = visit.frame(Some(Section::Ports));
    match app.actions().undo(&session.0, id, &visit.origin()).await {
        Ok(undone) if undone.is_complete => Ok(flash::see_other(PATH, Flash::ClosureUndone)),
        Ok(undone) => Ok(Page(StatusCode::OK, UndoneView::partly(frame, &undone)).into_response()),
        Err(UndoError::Forbidden) => Err(Fault::Forbidden),
        Err(UndoError::Unproved) => Err(Fault::Unproved),
        Err(UndoError::Store(error)) => Err(error.into()),
        Err(UndoError::NotThere | UndoError::NothingLeft(_)) => Ok(flash::see_other(PATH, Flash::UndoneAlready)),
        Err(error) => Ok(Page(status(&error), UndoneView::failed(frame, &error)).into_response()),
    }
}

const fn status(error: &UndoError) -> StatusCode {
    if matches!(error, UndoError::Helper(_)) { StatusCode::BAD_GATEWAY } else { StatusCode::CONFLICT }
}

impl UndoneView {
    /// What was taken back and what not.
    #[must_use]
    pub fn partly(frame: Frame, undone: &Undone) -> Self {
        let opened = |unit: &_| Shown::new(&format!("{unit} is as it was before."), TEXT_LENGTH);
        Self {
            frame,
            title: "Undone in part",
            done: undone.reopened.iter().map(opened).collect(),
            kept: sentences(&undone.kept),
            trouble: sentences(&undone.trouble),
        }
    }

    /// Nothing was taken back.
    #[must_use]
    pub fn failed(frame: Frame, error: &UndoError) -> Self {
        let trouble = vec![Shown::new(&words::sentence(&error.to_string()), TEXT_LENGTH)];
        Self { frame, title: "Nothing was undone", done: Vec::new(), kept: Vec::new(), trouble }
    }
}

fn sentences(texts: &[String]) -> Vec<Shown> {
    texts.iter().map(|text| Shown::new(&words::sentence(text), TEXT_LENGTH)).collect()
}
