//! Putting the staged changes in force.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{APPLIED, Typed, show, view};
use crate::{
    actions::{Apply, ApplyError},
    web::kit::{App, Fault, Problems, ProtectedForm, Session, Visit, words},
};

#[derive(Deserialize)]
pub(super) struct ApplyForm {
    base: String,
    window: String,
    sentence: String,
    consent: String,
}

pub(super) async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<ApplyForm>,
) -> Result<Response, Fault> {
    let wanted = match form.read() {
        Ok(wanted) => wanted,
        Err(problems) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show::page(&app, &visit, &session, status, Some(form.typed()), problems, None).await;
        }
    };
    let error = match app.actions().apply(&session.0, wanted, &visit.origin()).await {
        Ok(_) => return Ok(Redirect::to(APPLIED).into_response()),
        Err(ApplyError::Forbidden) => return Err(Fault::Forbidden),
        Err(ApplyError::Unproved) => return Err(Fault::Unproved),
        Err(ApplyError::Store(error)) => return Err(error.into()),
        Err(error) => error,
    };
    let (status, problems, failure) = told(error);
    show::page(&app, &visit, &session, status, Some(form.typed()), problems, failure).await
}

/// Beside the field where there is one, else above the page. What errors there are and what came in between, the page
/// says by itself.
fn told(error: ApplyError) -> (StatusCode, Problems, Option<String>) {
    let none = Problems::default;
    match error {
        ApplyError::Consent { phrase } => {
            let problems = Problems::one("consent", format!("Type exactly: {phrase}"));
            (StatusCode::UNPROCESSABLE_ENTITY, problems, None)
        }
        ApplyError::Sentence(reason) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Problems::one("sentence", words::sentence(&reason)), None)
        }
        ApplyError::Helper(_) => (StatusCode::BAD_GATEWAY, none(), Some(words::sentence(&error.to_string()))),
        error => (StatusCode::CONFLICT, none(), Some(words::sentence(&error.to_string()))),
    }
}

impl ApplyForm {
    fn typed(self) -> Typed {
        Typed { window: self.window, sentence: self.sentence, consent: self.consent }
    }

    fn read(&self) -> Result<Apply, Problems> {
        let mut problems = Problems::default();
        let window = view::window(&self.window);
        if window.is_none() {
            problems.add("window", "Choose one of the times.");
        }
        if self.sentence.chars().count() > view::LONGEST_SENTENCE {
            problems.add("sentence", format!("Use at most {} characters.", view::LONGEST_SENTENCE));
        }
        let base = if self.base.is_empty() { Ok(None) } else { self.base.parse().map(Some) };
        let (Some(window_seconds), true) = (window, problems.is_empty()) else { return Err(problems) };
        let base = base.map_err(|_| Problems::one("window", "Open the page again: the form was damaged."))?;
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Apply { window_seconds, sentence: some(&self.sentence), consent: some(&self.consent), base })
    }
}
