//! The pages about accounts.

use askama::Template;

use crate::{
    actions::{Invitation, SignedIn},
    firewall::Moment,
    store::{OwnSession, Person, Role},
    web::kit::{Frame, Problems, Shown, Stamp, Tag},
};

const BROWSER_LENGTH: usize = 100;

/// The list of accounts.
#[derive(Template)]
#[template(path = "pages/people/users.html")]
pub struct UsersView {
    frame: Frame,
    rows: Vec<Row>,
    name: String,
    roles: Vec<(&'static str, &'static str, bool)>,
    problems: Problems,
}

/// One account.
#[derive(Template)]
#[template(path = "pages/people/user.html")]
pub struct UserView {
    frame: Frame,
    row: Row,
    is_enabled: bool,
    is_self: bool,
    created: Stamp,
    invited_until: Option<Stamp>,
    roles: Vec<(&'static str, &'static str, bool)>,
    sessions: Vec<SessionRow>,
    problems: Problems,
}

/// The link to hand over.
#[derive(Template)]
#[template(path = "pages/people/invited.html")]
pub struct InvitedView {
    frame: Frame,
    id: String,
    name: String,
    link: String,
    until: Stamp,
}

struct Row {
    id: String,
    name: String,
    role: &'static str,
    state: Tag,
    has_factor: bool,
    sessions: u32,
    last_seen: Option<Stamp>,
}

struct SessionRow {
    id: String,
    is_this: bool,
    address: String,
    browser: Shown,
    since: Stamp,
    last_seen: Stamp,
}

/// What stands in a choice of roles.
fn roles(chosen: Role) -> Vec<(&'static str, &'static str, bool)> {
    let words = |role: Role| match role {
        Role::Viewer => "Viewer: sees everything, changes nothing",
        Role::Operator => "Operator: also bans, allows for a time, confirms",
        Role::Administrator => "Administrator: everything",
    };
    Role::ALL.map(|role| (role.as_str(), words(role), role == chosen)).to_vec()
}

impl Row {
    fn new(person: &Person, now: Moment) -> Self {
        let user = &person.user;
        let state = match (user.is_enabled, user.awaits_password) {
            (false, _) => Tag::new("", "off", "Switched off").meaning("Nobody can sign in with it."),
            (true, true) => Tag::new("warn", "clock", "Waits").meaning("Its user has no password yet."),
            (true, false) => Tag::new("host", "good", "In use"),
        };
        Self {
            id: user.id.to_string(),
            name: user.name.to_string(),
            role: user.role.as_str(),
            state,
            has_factor: person.has_factor,
            sessions: person.sessions,
            last_seen: person.last_seen_at.map(|at| Stamp::new(at, now)),
        }
    }
}

impl SessionRow {
    fn new(session: &OwnSession, is_this: bool, now: Moment) -> Self {
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

impl UsersView {
    /// Lays the list out; `name` is what was typed for a new account.
    #[must_use]
    pub fn new(frame: Frame, people: &[Person], now: Moment, name: String, problems: Problems) -> Self {
        let rows = people.iter().map(|person| Row::new(person, now)).collect();
        Self { frame, rows, name, roles: roles(Role::Viewer), problems }
    }
}

impl UserView {
    /// Lays the page out for somebody who is signed in.
    #[must_use]
    pub fn new(
        frame: Frame,
        person: &Person,
        (sessions, by): (&[OwnSession], &SignedIn),
        now: Moment,
        problems: Problems,
    ) -> Self {
        let user = &person.user;
        let session = |session: &OwnSession| SessionRow::new(session, by.is_by(session.id), now);
        Self {
            frame,
            row: Row::new(person, now),
            is_enabled: user.is_enabled,
            is_self: by.user.id == user.id,
            created: Stamp::new(user.created_at, now),
            invited_until: person.invited_until.map(|until| Stamp::ahead(until, now)),
            roles: roles(user.role),
            sessions: sessions.iter().map(session).collect(),
            problems,
        }
    }
}

impl InvitedView {
    /// Lays the page out.
    #[must_use]
    pub fn new(frame: Frame, invitation: &Invitation, link: String, now: Moment) -> Self {
        let user = &invitation.user;
        let until = Stamp::ahead(invitation.expires_at, now);
        Self { frame, id: user.id.to_string(), name: user.name.to_string(), link, until }
    }
}
