//! What was closed lately, each with its Undo, below the list of ports and in the history.

use crate::{
    firewall::Moment,
    store::{Closure, ClosureState},
    web::kit::{Shown, Stamp, Tag},
};

const TEXT_LENGTH: usize = 200;
/// More are in the history's audit trail.
const MOST: usize = 20;

/// One closure.
#[derive(Debug)]
pub struct ClosureRow {
    /// Names it in the form.
    pub id: String,
    /// When.
    pub at: Stamp,
    /// What was closed and how far.
    pub sentence: Shown,
    /// By whom.
    pub author: Shown,
    /// What became of it.
    pub state: Tag,
    /// What of it wasn't done.
    pub trouble: Option<Shown>,
    /// Whether there is anything left to undo.
    pub can_undo: bool,
}

/// The newest closures, newest first.
#[must_use]
pub fn closure_rows(closures: &[Closure], now: Moment) -> Vec<ClosureRow> {
    closures.iter().take(MOST).map(|closure| ClosureRow::new(closure, now)).collect()
}

impl ClosureRow {
    /// Describes one as seen at `now`.
    #[must_use]
    pub fn new(closure: &Closure, now: Moment) -> Self {
        let shown = |text: &str| Shown::new(text, TEXT_LENGTH);
        Self {
            id: closure.id.to_string(),
            at: Stamp::new(closure.at, now),
            sentence: shown(&closure.sentence),
            author: shown(&closure.author),
            state: state(closure, now),
            trouble: (!closure.trouble.is_empty()).then(|| shown(&closure.trouble)),
            can_undo: closure.can_undo(),
        }
    }
}

fn state(closure: &Closure, now: Moment) -> Tag {
    let tag = match closure.state {
        ClosureState::UnderWay => Tag::new("", "clock", "Under way"),
        ClosureState::Done => Tag::new("host", "good", "Closed"),
        ClosureState::Partly => Tag::new("warn", "warn", "Closed in part"),
        ClosureState::Failed => Tag::new("bad", "bad", "Failed"),
        ClosureState::Undone => Tag::new("", "back", "Undone"),
        ClosureState::PartlyUndone => Tag::new("warn", "back", "Undone in part"),
    };
    match (closure.undone_at, &closure.undone_by) {
        (Some(at), Some(by)) => tag.meaning(format!("by {} {}", Shown::new(by, 40).short, Stamp::new(at, now).words)),
        _ => tag,
    }
}
