//! What a person sees when a request could not be served.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Frame, Page};
use crate::{actions::ActError, store};

/// Why a request was not served. As a response it is only a note; [`super::visit`] turns it into a page, because the
/// layout needs to know who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no such page.
    NotFound,
    /// The page exists, but not for this method.
    WrongMethod,
    /// A change was asked for without a live session.
    SignedOut,
    /// The account's role doesn't allow it.
    Forbidden,
    /// The act takes a younger proof of who asks; the answer is a form for that, see `step_up`.
    Unproved,
    /// The request didn't come from a form of ours, or the form belongs to an earlier session.
    StaleForm,
    /// The body isn't the form that belongs to the address.
    Unreadable,
    /// The body is over the limit.
    TooLarge,
    /// The body took too long to arrive.
    TooSlow,
    /// Too many attempts.
    Wait {
        /// Until the next one is taken.
        seconds: u32,
    },
    /// The server has too much to do.
    Busy,
    /// The database can't be used.
    Database {
        /// Names the line in the log.
        incident: String,
    },
    /// Our mistake.
    Internal {
        /// Names the line in the log.
        incident: String,
    },
}

/// How long a busy server asks to be left alone, in seconds.
const BUSY_FOR: u32 = 5;

impl Fault {
    /// Logs a mistake of ours and names it, so that the page and the log can be brought together without the page
    /// telling what happened inside.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Internal { incident: log(error) }
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignedOut | Self::Forbidden | Self::Unproved | Self::StaleForm => StatusCode::FORBIDDEN,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Database { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What happened, in a few words.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "There is no such page",
            Self::WrongMethod => "That can't be done here",
            Self::SignedOut => "Your session has ended",
            Self::Forbidden => "Your account may not do this",
            Self::Unproved => "Show again that it is you",
            Self::StaleForm => "This form is out of date",
            Self::Unreadable => "The form could not be read",
            Self::TooLarge => "That was too much at once",
            Self::TooSlow => "The request took too long to arrive",
            Self::Wait { .. } => "Too many attempts",
            Self::Busy => "The server is busy",
            Self::Database { .. } => "The database can't be used",
            Self::Internal { .. } => "Something went wrong on our side",
        }
    }

    /// What it means and what to do.
    #[must_use]
    pub fn advice(&self) -> String {
        let advice = match self {
            Self::NotFound => "The address may be mistyped, or the page has moved.",
            Self::WrongMethod => "The page exists, but it isn't opened this way. Start from the page with the form.",
            Self::SignedOut => "Nothing was changed. Sign in and do it again.",
            Self::Forbidden => "Nothing was changed. Ask an administrator if you need this.",
            Self::StaleForm => {
                "Nothing was changed. The form was opened before you signed in or out, or it was sent from another site. \
                 Open the page again and repeat what you wanted to do."
            }
            Self::Unreadable | Self::Unproved => {
                "Nothing was changed. Open the page again and repeat what you wanted to do."
            }
            Self::TooLarge => "Nothing was changed. The form is larger than any of Portreeve's forms can be.",
            Self::TooSlow => "Nothing was changed. Try again, if possible over a better connection.",
            Self::Wait { seconds } => return format!("Wait {seconds} s, then try again."),
            Self::Busy => "Nothing was changed. Try again in a few seconds.",
            Self::Database { .. } => {
                "The firewall keeps working as it was. The log of the panel says what is wrong with the database: \
                 look for the incident number with `journalctl -u portreeve`."
            }
            Self::Internal { .. } => {
                "The firewall keeps working as it was. The log of the panel says more: look for the incident number \
                 with `journalctl -u portreeve`."
            }
        };
        advice.to_owned()
    }

    /// The name of the line in the log, where there is one.
    #[must_use]
    pub fn incident(&self) -> Option<&str> {
        match self {
            Self::Database { incident } | Self::Internal { incident } => Some(incident),
            _ => None,
        }
    }

    const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Wait { seconds } => Some(*seconds),
            Self::Busy => Some(BUSY_FOR),
            _ => None,
        }
    }

    pub(super) fn into_page(self, frame: Frame) -> Response {
        let status = self.status();
        Page(status, FaultPage { frame, fault: self }).into_response()
    }
}

/// Adds `Retry-After`.
pub fn retry_after(response: &mut Response, seconds: u32) {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

fn log(error: &(dyn std::error::Error + 'static)) -> String {
    let incident = format!("{:08x}", getrandom::u32().unwrap_or_default());
    let causes: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    tracing::error!(incident.id = incident, error = causes.join(": "), "a request failed");
    incident
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        Self::Database { incident: log(&error) }
    }
}

impl From<ActError> for Fault {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Forbidden => Self::Forbidden,
            ActError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after() {
            retry_after(&mut response, seconds);
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "kit/fault.html")]
struct FaultPage {
    frame: Frame,
    fault: Fault,
}
