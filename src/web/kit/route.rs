//! The table of routes, and the router that is built only from it.

use axum::{
    Router,
    extract::{Request, State},
    handler::Handler,
    http::Method,
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodFilter, MethodRouter, on},
};

use super::{App, Fault, OwnPath, Visit, csrf, step_up};
use crate::store::Role;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, strangers included.
    Anyone,
    /// Whoever is signed in with this role or a higher one.
    Role(Role),
}

/// One method of one path.
#[derive(Debug)]
pub struct Route {
    /// GET or POST; HEAD comes with GET.
    pub method: Method,
    /// The path, with axum's `{parameters}`.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    handler: MethodRouter<App>,
}

impl Route {
    /// A page. It may not change anything.
    pub fn get<H: Handler<T, App>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::GET, path, access, handler: on(MethodFilter::GET, handler) }
    }

    /// A change.
    pub fn post<H: Handler<T, App>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::POST, path, access, handler: on(MethodFilter::POST, handler) }
    }

    /// Changes the handler, for example to compress what it answers.
    #[must_use]
    pub fn map(mut self, change: impl FnOnce(MethodRouter<App>) -> MethodRouter<App>) -> Self {
        self.handler = change(self.handler);
        self
    }
}

/// Builds the router. Each route is guarded here, so that no page can forget to be.
pub(in crate::web) fn build(routes: Vec<Route>) -> Router<App> {
    let add = |router: Router<App>, route: Route| {
        let guarded = route.handler.route_layer(middleware::from_fn_with_state(route.access, guard));
        router.route(route.path, guarded)
    };
    let table = routes.into_iter().fold(Router::new(), add);
    table.fallback(async || Fault::NotFound).method_not_allowed_fallback(async || Fault::WrongMethod)
}

async fn guard(State(access): State<Access>, visit: Visit, request: Request, next: Next) -> Response {
    if let Err(refusal) = admit(access, &visit, &request) {
        return refusal;
    }
    if csrf::is_safe(request.method()) {
        return next.run(request).await;
    }
    match csrf::verify(request, &visit).await {
        Ok(request) => step_up::attend(&visit, request, next).await,
        Err(fault) => fault.into_response(),
    }
}

#[expect(clippy::result_large_err, reason = "a refusal is a response and is handed on at once")]
fn admit(access: Access, visit: &Visit, request: &Request) -> Result<(), Response> {
    let is_safe = csrf::is_safe(request.method());
    match (access, visit.signed_in(), visit.fault()) {
        // Shipped files and the door stay open; who might be signed in isn't told that he isn't.
        (Access::Anyone, ..) if is_safe => Ok(()),
        (_, _, Some(fault)) => Err(fault.clone().into_response()),
        (Access::Anyone, ..) => Ok(()),
        (Access::Role(_), Some(signed_in), None) if signed_in.owes_factor() && !is_own_account(request) => {
            Err(if is_safe { Redirect::to(FACTOR).into_response() } else { Fault::Forbidden.into_response() })
        }
        (Access::Role(role), Some(signed_in), None) if signed_in.user.role >= role => Ok(()),
        (Access::Role(_), Some(_), None) => Err(Fault::Forbidden.into_response()),
        (Access::Role(_), None, None) if is_safe => Err(to_sign_in(request)),
        (Access::Role(_), None, None) => Err(Fault::SignedOut.into_response()),
    }
}

/// Where somebody whose role needs a second factor gets one; till then he is let nowhere else.
const FACTOR: &str = "/account/second-factor";

fn is_own_account(request: &Request) -> bool {
    let path = request.uri().path();
    path == "/account" || path == "/sign-out" || path.starts_with("/account/")
}

fn to_sign_in(request: &Request) -> Response {
    let path = request.uri().path_and_query().and_then(|path| OwnPath::parse(path.as_str()));
    match path.filter(|path| path.as_str() != "/") {
        Some(path) => Redirect::to(&format!("/sign-in?next={}", path.encoded())).into_response(),
        None => Redirect::to("/sign-in").into_response(),
    }
}
