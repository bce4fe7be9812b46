//! Whether the panel is well, for a supervisor on the same host. Others are told that there is no such page.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    actions::Actions,
    web::kit::{Access, App, Fault, Route, Visit},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/healthz", Access::Anyone, show)]
}

async fn show(State(app): State<App>, visit: Visit) -> Result<Response, Fault> {
    if !visit.origin().address.is_loopback() {
        return Err(Fault::NotFound);
    }
    let ills = ills(app.actions()).await;
    let (status, words) = if ills.is_empty() {
        (StatusCode::OK, "ok\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, ills.concat())
    };
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((status, headers, words).into_response())
}

/// What isn't well, a line each. Says no more than that: whoever has a shell here needn't have an account.
async fn ills(actions: &Actions) -> Vec<String> {
    let is_readable = actions.store().find_confirmed().await.is_ok();
    let database = (!is_readable).then(|| "the database can't be read\n".to_owned());
    let helper = actions.firewall().fault.map(|_| "the helper doesn't answer\n".to_owned());
    database.into_iter().chain(helper).collect()
}
