//! Every revision there was: who made it, what it changed, how it ended; and the ways back.

mod entry;
mod judged;
mod revision;
mod show;
mod view;
mod ways_back;

pub use entry::Entry;
pub use revision::{CompareView, Pair, RevisionView, Whole};
pub use view::{HistoryView, Listed};

use crate::{
    store::Role,
    web::kit::{Access, Route},
};

/// The page's address.
const PATH: &str = "/history";

const VIEWER: Access = Access::Role(Role::Viewer);
const ADMINISTRATOR: Access = Access::Role(Role::Administrator);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, VIEWER, show::list),
        Route::get("/history/compare", VIEWER, show::compare),
        Route::get("/history/{number}", VIEWER, show::revision),
        Route::post("/history/{number}/return", ADMINISTRATOR, ways_back::submit_return),
        Route::post("/history/{number}/undo", ADMINISTRATOR, ways_back::submit_undo),
    ]
}
