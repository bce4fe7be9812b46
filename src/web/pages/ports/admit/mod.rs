//! Limiting a port to some addresses, and opening one for a time.

mod form;
mod view;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
pub use form::{AdmitForm, Wish};
pub use view::{AdmitView, Grounds};

use super::{PATH, PortKey, subject};
use crate::{
    actions::{LimitPort, OpenPort, QuickDone, QuickError},
    firewall::advice::binding,
    web::{
        kit::{App, Fault, Flash, Page, Problems, ProtectedForm, Route, Section, Session, Visit, flash, words},
        pages::rules::{ADMINISTRATOR, Pairs},
    },
};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only some shall reach it.
    Limit,
    /// It shall be reached, for a time.
    Open,
}

impl Kind {
    /// The page's address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Limit => "/ports/limit",
            Self::Open => "/ports/open",
        }
    }

    /// The act as a word before the port.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Limit => "Limit",
            Self::Open => "Open",
        }
    }

    /// Whether it ends by itself.
    #[must_use]
    pub const fn has_span(self) -> bool {
        matches!(self, Self::Open)
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(Kind::Limit.path(), ADMINISTRATOR, show_limit),
        Route::post(Kind::Limit.path(), ADMINISTRATOR, submit_limit),
        Route::get(Kind::Open.path(), ADMINISTRATOR, show_open),
        Route::post(Kind::Open.path(), ADMINISTRATOR, submit_open),
    ]
}

async fn show_limit(app: State<App>, visit: Visit, session: Session, pairs: Pairs) -> Result<Response, Fault> {
    show(Kind::Limit, &app, &visit, &session, pairs).await
}

async fn show_open(app: State<App>, visit: Visit, session: Session, pairs: Pairs) -> Result<Response, Fault> {
    show(Kind::Open, &app, &visit, &session, pairs).await
}

async fn submit_limit(
    app: State<App>,
    visit: Visit,
    session: Session,
    form: ProtectedForm<AdmitForm>,
) -> Result<Response, Fault> {
    submit(Kind::Limit, &app, &visit, &session, form).await
}

async fn submit_open(
    app: State<App>,
    visit: Visit,
    session: Session,
    form: ProtectedForm<AdmitForm>,
) -> Result<Response, Fault> {
    submit(Kind::Open, &app, &visit, &session, form).await
}

async fn show(kind: Kind, app: &App, visit: &Visit, session: &Session, Query(pairs): Pairs) -> Result<Response, Fault> {
    let port = PortKey::asked(&pairs).ok_or(Fault::NotFound)?;
    let typed = (AdmitForm::fresh(kind), Problems::default());
    page(app, visit, session, StatusCode::OK, (kind, port), typed).await
}

async fn page(
    app: &App,
    visit: &Visit,
    session: &Session,
    status: StatusCode,
    (kind, port): (Kind, PortKey),
    typed: (AdmitForm, Problems),
) -> Result<Response, Fault> {
    let actions = app.actions();
    let (listing, survey) = (actions.listeners().listing, actions.survey());
    let sockets = subject::sockets(&listing.listeners, port);
    let running = actions.draft(&session.0).await?.running;
    let grounds = Grounds {
        subject: subject::Subject::of(&sockets, &listing.listeners, port),
        binding: binding(&sockets),
        me: visit.origin().address,
        networks: survey.networks().iter().map(ToString::to_string).collect(),
        lists: running.parts().lists.iter().map(|list| list.name.clone()).collect(),
        is_on: actions.firewall().enforcement.is_some_and(|enforcement| enforcement.mode.is_of_revision()),
    };
    let view = AdmitView::new(visit.frame(Some(Section::Ports)), (kind, port), grounds, typed);
    Ok(Page(status, view).into_response())
}

async fn submit(
    kind: Kind,
    app: &App,
    visit: &Visit,
    session: &Session,
    ProtectedForm(form): ProtectedForm<AdmitForm>,
) -> Result<Response, Fault> {
    let port = PortKey::parse(&form.port).ok_or(Fault::Unreadable)?;
    let wish = match form.read(kind, visit.origin().address) {
        Ok(wish) => wish,
        Err(problems) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return page(app, visit, session, status, (kind, port), (form, problems)).await;
        }
    };
    match act(app, visit, session, (kind, port), wish).await {
        Ok(QuickDone::InForce) => Ok(flash::see_other(PATH, Flash::InForce)),
        Ok(QuickDone::Staged) => Ok(flash::see_other(PATH, Flash::StagedForSafety)),
        Ok(QuickDone::NotThere) => Ok(flash::see_other(PATH, Flash::NotThere)),
        Err(QuickError::Forbidden) => Err(Fault::Forbidden),
        Err(QuickError::Unproved) => Err(Fault::Unproved),
        Err(QuickError::Store(error)) => Err(error.into()),
        Err(error @ (QuickError::Helper(_) | QuickError::NotNow)) => {
            let problems = Problems::one("who", words::sentence(&error.to_string()));
            page(app, visit, session, StatusCode::SERVICE_UNAVAILABLE, (kind, port), (form, problems)).await
        }
    }
}

async fn act(
    app: &App,
    visit: &Visit,
    session: &Session,
    (kind, PortKey { port, transport }): (Kind, PortKey),
    Wish { who, seconds, note }: Wish,
) -> Result<QuickDone, QuickError> {
    let (actions, origin) = (app.actions(), visit.origin());
    match kind {
        Kind::Limit => actions.limit_port(&session.0, LimitPort { port, transport, who, note }, &origin).await,
        Kind::Open => actions.open_port(&session.0, OpenPort { port, transport, who, seconds, note }, &origin).await,
    }
}
