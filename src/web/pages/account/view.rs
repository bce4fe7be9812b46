//! The account page.

use askama::Template;

use crate::{
    firewall::Moment,
    store::{OwnSession, Theme},
    web::kit::{Frame, Problems, Stamp},
};

#[derive(Template)]
#[template(path = "pages/account/page.html")]
pub(super) struct AccountPage {
    pub(super) frame: Frame,
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) themes: [Theme; 3],
    pub(super) sessions: Vec<SessionRow>,
    pub(super) problems: Problems,
}

/// One session of the user.
pub(super) struct SessionRow {
    id: String,
    is_this: bool,
    address: String,
    browser: String,
    since: Stamp,
    last_seen: Stamp,
}

impl SessionRow {
    pub(super) fn new(session: &OwnSession, is_this: bool, now: Moment) -> Self {
        Self {
            id: session.id.to_string(),
            is_this,
            address: session.address.clone(),
            browser: session.browser.clone(),
            since: Stamp::new(session.created_at, now),
            last_seen: Stamp::new(session.last_seen_at, now),
        }
    }
}
