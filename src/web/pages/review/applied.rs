//! The page after Apply, as the template sees it.

use askama::Template;

use crate::web::kit::{Frame, standing::Countdown};

/// What became of the revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It waits for its confirmation.
    Waiting(Waiting),
    /// Nothing waits: it was confirmed or rolled back, and this is in force.
    Over {
        /// The confirmed revision; none if the firewall is off.
        confirmed: Option<u64>,
    },
}

/// A revision that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// For how long.
    pub countdown: Countdown,
    /// Whether the page came over a connection that the new rules let in.
    pub is_proven: bool,
}

impl State {
    const fn waiting(&self) -> Option<&Waiting> {
        if let Self::Waiting(waiting) = self { Some(waiting) } else { None }
    }

    const fn is_waiting(&self) -> bool {
        self.waiting().is_some()
    }

    fn title(&self) -> &'static str {
        if self.is_waiting() { "" } else { "Nothing waits to be confirmed" }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Waiting(_) => String::new(),
            Self::Over { confirmed: Some(revision) } => format!("Revision {revision} is confirmed and in force."),
            Self::Over { confirmed: None } => "The firewall isn’t turned on.".to_owned(),
        }
    }
}

/// The page after Apply.
#[derive(Debug, Template)]
#[template(path = "pages/review/applied.html")]
pub struct AppliedView {
    /// The layout's share.
    pub frame: Frame,
    /// What became of the revision.
    pub state: State,
    /// Whether the viewer may confirm.
    pub may_confirm: bool,
    /// Whether a confirmation just came over an old connection.
    pub is_old: bool,
    /// Why the last act failed.
    pub failure: Option<String>,
}
