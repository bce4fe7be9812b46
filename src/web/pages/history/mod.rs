//! Every revision there was: who made it, what it changed, how it ended; and the ways back.

mod entry;
mod revision;
mod view;

pub use entry::{Ending, Entry, Facts};
pub use revision::{CompareView, Pair, Revision, RevisionView};
pub use view::{HistoryView, Listed};

use crate::web::kit::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![]
}
