//! Who asks: found out once for each request, before any page.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    App, CsrfToken, Fault, Flash, Frame, OwnPath, Section, Standing, Theme, Viewer, cookies, csrf, flash, hex,
};
use crate::{
    actions::{Origin, SessionToken, SignedIn},
    store,
    web::server::Peer,
};

/// Where shipped files are; they show nothing of the firewall.
const FILES: &str = "/static/";

/// Where the events come from that keep a page fresh.
pub const EVENTS: &str = "/blocked/live/events";

/// The longest `User-Agent` that is kept.
const BROWSER_LENGTH: usize = 256;

/// What is known of the asker. Cheap to clone.
#[derive(Clone)]
pub struct Visit(Arc<Known>);

struct Known {
    app: App,
    authority: String,
    peer: Peer,
    browser: String,
    signed_in: Option<SignedIn>,
    csrf: CsrfToken,
    new_visitor: Option<String>,
    flash: Option<Flash>,
    fault: Option<Fault>,
    standing: Standing,
    here: String,
}

impl Visit {
    /// The live session, if there is one.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        self.0.signed_in.as_ref()
    }

    /// Where the request comes from, as an act records it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin { address: self.0.peer.address, browser: self.0.browser.clone() }
    }

    /// When the request's connection was accepted.
    #[must_use]
    pub fn accepted_at(&self) -> Instant {
        self.0.peer.accepted_at
    }

    /// The layout's share of a page.
    #[must_use]
    pub fn frame(&self, section: Option<Section>) -> Frame {
        let user = self.0.signed_in.as_ref().map(|signed_in| &signed_in.user);
        Frame {
            host: self.0.app.host().to_owned(),
            viewer: user.map(|user| Viewer { name: user.name.to_string(), role: user.role }),
            section,
            theme: user.map_or(Theme::default(), |user| user.theme),
            csrf: self.0.csrf.as_str().to_owned(),
            flash: self.0.flash,
            firewall: self.0.standing.summary(),
            bars: self.0.standing.bars(self.0.app.actions().now()),
            here: self.0.here.clone(),
        }
    }

    /// An address of this panel as somebody else can open it.
    #[must_use]
    pub fn own_url(&self, path: &str) -> String {
        format!("https://{}{path}", self.0.authority)
    }

    /// The host and port the browser asked for, one of ours.
    pub(super) fn authority(&self) -> &str {
        &self.0.authority
    }

    pub(super) fn csrf(&self) -> &CsrfToken {
        &self.0.csrf
    }

    /// Why it isn't known whether there is a session.
    pub(super) fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_ref()
    }

    async fn find(app: &App, authority: String, peer: Peer, parts: &Parts) -> Self {
        let headers = &parts.headers;
        let (session, fault) = match find_session(app, headers, &here(parts)).await {
            Ok(session) => (session, None),
            Err(error) => (None, Some(error.into())),
        };
        if session.is_some() {
            app.seats().note_session(&peer);
        }
        let visitor = cookies::read(headers, cookies::VISITOR).filter(|value| is_secret(value));
        let new_visitor = (session.is_none() && visitor.is_none()).then(new_secret);
        let secret = session.as_ref().map(|(token, _)| token.expose()).or(visitor).or(new_visitor.clone());
        let here = here(parts);
        let standing = match &session {
            Some((_, signed_in)) if !here.starts_with(FILES) => find_standing(app, signed_in, headers).await,
            _ => Standing::default(),
        };
        let known = Known {
            app: app.clone(),
            authority,
            peer,
            browser: browser_of(headers),
            csrf: CsrfToken::derive(&secret.unwrap_or_default()),
            signed_in: session.map(|(_, signed_in)| signed_in),
            new_visitor,
            flash: flash::read(headers),
            fault,
            standing,
            here,
        };
        Self(Arc::new(known))
    }

    /// Turns a [`Fault`] into its page, ties the browser of a stranger to the form it got, and forgets what was said.
    fn finish(&self, mut response: Response) -> Response {
        if let Some(fault) = response.extensions_mut().remove::<Fault>() {
            let headers = std::mem::take(response.headers_mut());
            response = fault.into_page(self.frame(None));
            carry_over(&headers, response.headers_mut());
        }
        let is_page =
            response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if is_page {
            if let Some(visitor) = &self.0.new_visitor {
                cookies::set(response.headers_mut(), cookies::VISITOR, visitor);
            }
            if self.0.flash.is_some() {
                cookies::clear(response.headers_mut(), cookies::FLASH);
            }
        }
        response
    }
}

/// What the note of a fault said in headers (`Allow`, `Retry-After`) holds for its page too.
fn carry_over(from: &HeaderMap, to: &mut HeaderMap) {
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = from.get(&name) {
            to.insert(name, value.clone());
        }
    }
}

/// A page that keeps itself fresh isn't somebody who uses it: its requests don't make the session last longer.
async fn find_session(
    app: &App,
    headers: &HeaderMap,
    here: &str,
) -> Result<Option<(SessionToken, SignedIn)>, store::Error> {
    let Some(token) = cookies::read(headers, cookies::SESSION).and_then(|value| SessionToken::parse(&value)) else {
        return Ok(None);
    };
    let is_use = !here.starts_with(EVENTS);
    let signed_in =
        if is_use { app.actions().find_session(&token).await? } else { app.actions().look_up_session(&token).await? };
    Ok(signed_in.map(|signed_in| (token, signed_in)))
}

/// How the firewall stands, as far as it can be told without asking anybody. A database that can't be read is told by
/// the page itself.
async fn find_standing(app: &App, signed_in: &SignedIn, headers: &HeaderMap) -> Standing {
    let firewall = app.actions().firewall();
    let staged = app.actions().store().count_staged(signed_in.user.id).await;
    Standing {
        enforcement: firewall.enforcement,
        fault: firewall.fault,
        left: firewall.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())),
        staged: staged.unwrap_or(0),
        drift: app.actions().drift().undecided(),
        noted: cookies::read(headers, cookies::NOTED).and_then(|number| number.parse().ok()),
    }
}

/// Where an act of the change bar leads back to: the page it stands on, unless that was the answer to a form.
fn here(parts: &Parts) -> String {
    let path = parts.uri.path_and_query().filter(|_| csrf::is_safe(&parts.method));
    path.and_then(|path| OwnPath::parse(path.as_str())).unwrap_or_default().as_str().to_owned()
}

fn new_secret() -> String {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).expect("the kernel has randomness once it has booted");
    hex::encode(bytes)
}

fn is_secret(value: &str) -> bool {
    value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A browser's name for itself, without what could disturb a page or a log.
fn browser_of(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
    String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(BROWSER_LENGTH).collect()
}

/// The layer that finds out who asks and lets only requests for one of our names through.
pub(in crate::web) async fn attend(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(authority) = own_authority(&app, &parts) else { return misdirected() };
    let peer = *parts.extensions.get::<Peer>().expect("the server notes the peer on every request");
    let visit = Visit::find(&app, authority, peer, &parts).await;
    parts.extensions.insert(visit.clone());
    visit.finish(next.run(Request::from_parts(parts, body)).await)
}

/// HTTP/2 names the host in the address, HTTP/1.1 in a header; two different ones are nobody's.
fn own_authority(app: &App, parts: &Parts) -> Option<String> {
    let in_address = parts.uri.authority().map(|authority| authority.as_str().to_owned());
    let mut in_headers = parts.headers.get_all(header::HOST).iter().map(|host| host.to_str().map(str::to_owned).ok());
    let named = match (in_address, in_headers.next()) {
        (Some(address), None) => address,
        (Some(address), Some(Some(host))) if address.eq_ignore_ascii_case(&host) => address,
        (None, Some(Some(host))) => host,
        _ => return None,
    };
    let is_single = in_headers.next().is_none();
    app.names().admit(&named).filter(|_| is_single).map(|authority| authority.as_str().to_owned())
}

/// Says nothing of us: whoever sees it may be looking for somebody else, or be led here by a rebound name.
fn misdirected() -> Response {
    (StatusCode::MISDIRECTED_REQUEST, "This server does not answer to that name.\n").into_response()
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let found = axum::Extension::<Self>::from_request_parts(parts, state).await;
        found.map(|axum::Extension(visit)| visit).map_err(|error| Fault::internal(&error))
    }
}

/// The live session of a route that demands a role.
#[derive(Clone)]
pub struct Session(pub SignedIn);

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let visit = Visit::from_request_parts(parts, state).await?;
        visit.signed_in().cloned().map(Self).ok_or(Fault::SignedOut)
    }
}
