//! The account page.

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    firewall::Moment,
    store::{OwnSession, Theme},
    web::kit::{Frame, Problems},
};

#[derive(Template)]
#[template(path = "pages/account/page.html")]
pub(super) struct AccountPage {
    pub(super) frame: Frame,
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) themes: [(Theme, &'static str); 3],
    pub(super) sessions: Vec<SessionRow>,
    pub(super) problems: Problems,
}

/// The colours to choose from.
pub(super) const THEMES: [(Theme, &str); 3] =
    [(Theme::System, "As the browser asks"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];

/// One session of the user.
pub(super) struct SessionRow {
    id: String,
    is_this: bool,
    address: String,
    browser: String,
    since: Time,
    last_seen: Time,
}

/// A point in time, relative for reading and exact for the title.
struct Time {
    exact: String,
    machine: String,
    ago: String,
}

impl SessionRow {
    pub(super) fn new(session: &OwnSession, is_this: bool, now: Moment) -> Self {
        Self {
            id: session.id.to_string(),
            is_this,
            address: session.address.clone(),
            browser: session.browser.clone(),
            since: Time::new(session.created_at, now),
            last_seen: Time::new(session.last_seen_at, now),
        }
    }
}

impl Time {
    fn new(moment: Moment, now: Moment) -> Self {
        let at = Timestamp::from_millisecond(moment.as_millis()).unwrap_or_default().to_zoned(TimeZone::UTC);
        let exact = at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        Self { exact, machine: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), ago: ago(now.seconds_since(moment)) }
    }
}

fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        _ => format!("{} h ago", seconds / 3600),
    }
}
