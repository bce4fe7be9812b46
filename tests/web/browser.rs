//! A browser without a network: it keeps cookies, fills forms and reads pages.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
    response::Response,
};
use portreeve::{
    actions::Actions,
    web::{
        self,
        kit::{App, Names, Route},
        server::{CertificateFiles, Identity, Peer, Seats, Subject, make},
    },
};
use scraper::{Html, Selector};
use sqlx::{Row, SqliteConnection};
use tower::ServiceExt;

use crate::actions::panel::{NAME, PASSWORD, Panel};

/// The host and port that the browser believes to talk to.
pub const AUTHORITY: &str = "panel.example:8470";

/// The name of the session's cookie.
pub const SESSION: &str = "__Host-portreeve-session";

/// A panel with its router.
pub struct Site {
    pub panel: Panel,
    app: App,
    router: Router,
}

impl Site {
    /// A panel without an account.
    pub async fn fresh() -> Self {
        Self::over(Panel::new().await, web::routes())
    }

    /// A panel with the account of [`NAME`].
    pub async fn with_account() -> Self {
        Self::with_table(web::routes()).await
    }

    /// A panel with an account and other routes.
    pub async fn with_table(table: Vec<Route>) -> Self {
        let (panel, _) = Panel::with_account().await;
        Self::over(panel, table)
    }

    /// The pages of a panel that is there already.
    pub async fn of(actions: Actions) -> Self {
        Self::over(Panel::over(actions).await, web::routes())
    }

    fn over(panel: Panel, table: Vec<Route>) -> Self {
        let dir = panel.state.path();
        let subject = Subject { names: vec!["panel.example".to_owned()], addresses: [].into() };
        make(dir, &subject, panel.actions.now()).expect("a certificate");
        let identity = Arc::new(Identity::load(CertificateFiles::self_made(dir)).expect("the certificate just made"));
        let names = Names::new([], identity);
        let app = App::new(panel.actions.clone(), names, Seats::default(), "panel".to_owned());
        Self { router: web::router_of(table, app.clone()), app, panel }
    }

    /// What the router was made with.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A browser with nothing in it.
    pub fn browser(&self) -> Browser<'_> {
        Browser { site: self, address: [198, 51, 100, 7].into(), cookies: BTreeMap::new(), connection: None }
    }

    /// A browser that holds nothing but a session token.
    pub fn thief(&self, token: &str) -> Browser<'_> {
        let mut browser = self.browser();
        browser.cookies.insert(SESSION.to_owned(), token.to_owned());
        browser
    }

    /// A browser that is signed in.
    pub async fn signed_in(&self) -> Browser<'_> {
        let mut browser = self.browser();
        let reply = browser.sign_in(NAME, PASSWORD).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
        browser
    }

    /// Tells later whether anything was written since.
    pub async fn watch(&self) -> Watch {
        let mut connection = self.panel.connection().await;
        let version = data_version(&mut connection).await;
        Watch { connection, version }
    }
}

/// A connection that notices commits of others.
pub struct Watch {
    connection: SqliteConnection,
    version: i64,
}

impl Watch {
    pub async fn assert_unchanged(&mut self, after: &str) {
        assert_eq!(data_version(&mut self.connection).await, self.version, "the database changed after {after}");
    }
}

async fn data_version(connection: &mut SqliteConnection) -> i64 {
    sqlx::query("pragma data_version").fetch_one(connection).await.expect("a version").get(0)
}

pub struct Browser<'a> {
    site: &'a Site,
    pub address: IpAddr,
    pub cookies: BTreeMap<String, String>,
    /// When the connection was accepted that every request comes on; none for a new one each time.
    pub connection: Option<Instant>,
}

impl Browser<'_> {
    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).expect("a path")).await
    }

    /// Opens the page of a form and sends the form with its token.
    pub async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.get(page).await.csrf();
        self.post(action, &[&[("csrf", csrf.as_str())], fields].concat()).await
    }

    /// Sends a form as a page of ours would.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(form(path, fields)).await
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Reply {
        self.submit("/sign-in", "/sign-in", &[("name", name), ("password", password)]).await
    }

    /// The token of the session.
    pub fn token(&self) -> String {
        self.cookies[SESSION].clone()
    }

    /// Asserts that the browser is signed in, or isn't.
    pub async fn assert_signed_in(&mut self, expected: bool) {
        let reply = self.get("/account").await;
        assert_eq!(reply.status == StatusCode::OK, expected, "{} {}", reply.status, reply.header("location"));
    }

    /// Sends any request with the browser's cookies, and keeps those that come back.
    pub async fn send(&mut self, request: Request<Body>) -> Reply {
        let response = self.open(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 1 << 24).await.expect("a body");
        Reply { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// The same without reading the answer's body, which may have no end.
    pub async fn open(&mut self, mut request: Request<Body>) -> Response {
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert(HeaderValue::from_static(AUTHORITY));
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.insert(header::COOKIE, cookies.join("; ").parse().expect("plain cookies"));
        }
        let mut peer = Peer::accepted_now(SocketAddr::new(self.address, 50_000));
        peer.accepted_at = self.connection.unwrap_or(peer.accepted_at);
        request.extensions_mut().insert(peer);
        let response = self.site.router.clone().oneshot(request).await.expect("the router never fails");
        self.keep_cookies(response.headers());
        response
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("a plain cookie");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("name and value");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// A form as a page of ours would send it.
pub fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, format!("https://{AUTHORITY}"))
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(encode(fields)))
        .expect("a path")
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.join("&")
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a plain value"))
    }

    pub fn assert_leads_to(&self, path: &str) {
        assert_eq!((self.status, self.header("location")), (StatusCode::SEE_OTHER, path), "{}", self.body);
    }

    /// The texts of all elements that match.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        let page = Html::parse_document(&self.body);
        page.select(&selector).map(|element| element.text().collect::<String>().trim().to_owned()).collect()
    }

    /// An attribute of the first element that matches.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let selector = Selector::parse(selector).expect("a selector");
        Html::parse_document(&self.body).select(&selector).next()?.attr(name).map(str::to_owned)
    }

    pub fn csrf(&self) -> String {
        let csrf = self.attribute("input[name=csrf]", "value");
        csrf.unwrap_or_else(|| panic!("no form in {} {}", self.status, self.body))
    }

    /// Asserts that the field is marked wrong, described by its problem, and linked from the summary.
    pub fn assert_problem(&self, field: &str, text: &str) {
        let described = self.attribute(&format!("#{field}[aria-invalid=true]"), "aria-describedby").unwrap_or_default();
        assert!(described.split(' ').any(|id| id == format!("{field}-error")), "{field}: {described:?} {}", self.body);
        assert!(self.texts(&format!("#{field}-error")).iter().any(|problem| problem.contains(text)), "{}", self.body);
        assert!(!self.texts(&format!("[role=alert] a[href='#{field}']")).is_empty(), "{}", self.body);
    }
}
