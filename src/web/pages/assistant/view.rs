//! The page as the template sees it.

use askama::Template;

use crate::{
    firewall::propose::Door,
    web::kit::{Frame, Problems, Shown, words},
};

/// Programs named at a door; the rest is a number.
const NAMED: usize = 3;
const PROGRAM_LENGTH: usize = 40;

/// Turning the firewall on.
#[derive(Debug, Template)]
#[template(path = "pages/assistant/assistant.html")]
pub struct AssistantView {
    frame: Frame,
    rows: Option<Vec<Row>>,
    confirmed: Option<u64>,
    problems: Problems,
}

/// One door.
#[derive(Debug)]
struct Row {
    key: String,
    name: &'static str,
    programs: Vec<Shown>,
    more: usize,
    is_open: bool,
    is_lifeline: bool,
    reason: String,
}

impl AssistantView {
    /// Lays the page out. Without doors the list of ports isn't there yet.
    #[must_use]
    pub fn new(frame: Frame, doors: Option<Vec<Door>>, confirmed: Option<u64>, problems: Problems) -> Self {
        let rows = doors.map(|doors| doors.into_iter().map(Row::new).collect());
        Self { frame, rows, confirmed, problems }
    }

    fn answer(&self) -> String {
        let rows = self.rows.as_deref().unwrap_or_default();
        let open = rows.iter().filter(|row| row.is_open).count();
        format!(
            "Others can knock at {} of this host. {} proposed to stay open; the rest is dropped without an answer.",
            words::count(rows.len(), "port"),
            if open == 1 { "1 is".to_owned() } else { format!("{open} are") },
        )
    }
}

impl Row {
    fn new(door: Door) -> Self {
        let shown = |name: &String| Shown::new(name, PROGRAM_LENGTH);
        Self {
            key: door.key(),
            name: door.name.unwrap_or("Unknown"),
            programs: door.programs.iter().take(NAMED).map(shown).collect(),
            more: door.programs.len().saturating_sub(NAMED),
            is_open: door.is_open,
            is_lifeline: door.is_lifeline,
            reason: door.reason,
        }
    }
}
