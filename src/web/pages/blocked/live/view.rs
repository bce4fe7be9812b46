//! The live page as the template sees it.

use askama::Template;

use crate::{
    firewall::{Moment, blocked::Blocked},
    web::{
        kit::{EVENTS, Frame, Stamp, Viewer},
        pages::blocked::{Filter, Judge, Row},
    },
};

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/blocked/live.html")]
pub struct LiveView {
    frame: Frame,
    as_of: Stamp,
    filter: Filter,
    rows: Vec<Row>,
    newest: String,
}

impl LiveView {
    /// Lays the newest rows out as of `now`.
    #[must_use]
    pub fn new(frame: Frame, filter: Filter, rows: &[Blocked], judge: &Judge, now: Moment) -> Self {
        Self {
            as_of: Stamp::new(now, now),
            newest: rows.iter().map(|row| row.id.0).max().unwrap_or(0).to_string(),
            rows: rows.iter().map(|row| Row::new(row, judge, now)).collect(),
            frame,
            filter,
        }
    }

    fn events(&self) -> String {
        self.filter.query().on(EVENTS)
    }

    fn here(&self) -> String {
        self.filter.query().on("/blocked/live")
    }

    fn chosen(&self) -> Vec<(String, String)> {
        self.filter.chosen()
    }

    fn may_act(&self) -> bool {
        self.frame.viewer.as_ref().is_some_and(Viewer::may_confirm)
    }
}
