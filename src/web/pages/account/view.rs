//! The account page.

use askama::Template;

use crate::{
    firewall::Moment,
    store::OwnSession,
    web::kit::{Frame, Problems, Shown, Stamp},
};

const BROWSER_LENGTH: usize = 100;

#[derive(Template)]
#[template(path = "pages/account/page.html")]
pub(super) struct AccountPage {
    pub(super) frame: Frame,
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) factor: Option<Stamp>,
    pub(super) sessions: Vec<SessionRow>,
    pub(super) problems: Problems,
}

/// One session of the user.
pub(super) struct SessionRow {
    id: String,
    is_this: bool,
    address: String,
    browser: Shown,
    since: Stamp,
    last_seen: Stamp,
}

impl SessionRow {
    pub(super) fn new(session: &OwnSession, is_this: bool, now: Moment) -> Self {
        let browser = if session.browser.is_empty() { "Unknown browser" } else { &session.browser };
        Self {
            id: session.id.to_string(),
            is_this,
            address: session.address.clone(),
            browser: Shown::new(browser, BROWSER_LENGTH),
            since: Stamp::new(session.created_at, now),
            last_seen: Stamp::new(session.last_seen_at, now),
        }
    }
}

/// The second factor of whoever has none yet.
#[derive(Template)]
#[template(path = "pages/account/second-factor.html")]
pub(super) struct SetUpPage {
    pub(super) frame: Frame,
    pub(super) name: String,
    pub(super) is_required: bool,
    pub(super) secret: String,
    /// In fours, as it is typed.
    pub(super) spaced: String,
    pub(super) picture: Option<Picture>,
    pub(super) time: String,
    pub(super) problems: Problems,
}

/// A square of dark and light.
pub(super) struct Picture {
    pub(super) side: usize,
    /// The dark ones as the path of an SVG.
    pub(super) path: String,
}

/// The second factor of whoever has one.
#[derive(Template)]
#[template(path = "pages/account/factor.html")]
pub(super) struct FactorPage {
    pub(super) frame: Frame,
    pub(super) since: Stamp,
    pub(super) codes_left: u32,
    pub(super) is_required: bool,
    pub(super) problems: Problems,
}

/// Recovery codes, once.
#[derive(Template)]
#[template(path = "pages/account/codes.html")]
pub(super) struct CodesPage {
    pub(super) frame: Frame,
    pub(super) codes: Vec<String>,
}
