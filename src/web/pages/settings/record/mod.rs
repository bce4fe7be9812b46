//! How long rows of what was turned away are kept.

mod form;
mod view;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
pub use form::RetentionForm;
pub use view::RecordView;

use crate::web::{
    kit::{App, Fault, Flash, Page, Problems, ProtectedForm, Route, Section, Session, Visit, flash},
    pages::rules::{ADMINISTRATOR, VIEWER, can_edit},
};

/// The page's address.
pub const PATH: &str = "/settings/record";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, VIEWER, show), Route::post(PATH, ADMINISTRATOR, submit)]
}

async fn show(State(app): State<App>, visit: Visit, session: Session) -> Result<Response, Fault> {
    let form = RetentionForm::of(app.actions().store().find_retention().await?);
    page(&app, &visit, &session, StatusCode::OK, (form, Problems::default())).await
}

async fn page(
    app: &App,
    visit: &Visit,
    session: &Session,
    status: StatusCode,
    (form, problems): (RetentionForm, Problems),
) -> Result<Response, Fault> {
    let store = app.actions().store();
    let known = (store.find_retention().await?, store.find_stored().await?);
    let frame = visit.frame(Some(Section::Settings));
    let view = RecordView::new(frame, known, (form, problems), can_edit(session), app.actions().now());
    Ok(Page(status, view).into_response())
}

async fn submit(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<RetentionForm>,
) -> Result<Response, Fault> {
    match form.read() {
        Ok(retention) => {
            app.actions().set_retention(&session.0, retention, &visit.origin()).await?;
            Ok(flash::see_other(PATH, Flash::SettingSaved))
        }
        Err(problems) => page(&app, &visit, &session, StatusCode::UNPROCESSABLE_ENTITY, (form, problems)).await,
    }
}
