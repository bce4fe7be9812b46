//! The staged changes before they are in force: who gains and who loses, what is wrong, who would be locked out; and the
//! acts that put them in force, keep them or take them back.

mod applied;
mod view;

pub use applied::{AppliedView, State, Waiting};
pub use view::{Draft, Hold, Lifeline, ReviewView, Stale, Typed};

use crate::web::kit::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![]
}
