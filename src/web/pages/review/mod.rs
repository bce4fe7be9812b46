//! The staged changes before they are in force: who gains and who loses, what is wrong, who would be locked out; and the
//! acts that put them in force, keep them or take them back.

mod acts;
mod applied;
mod apply;
mod observe;
mod proof;
mod show;
mod view;

pub use applied::{AppliedView, State, Waiting};
pub use view::{Draft, ReviewView, Stale, Typed};

use crate::{
    store::Role,
    web::kit::{Access, Route},
};

/// The page's address.
pub const PATH: &str = "/review";

/// The page after Apply.
const APPLIED: &str = "/review/applied";

const VIEWER: Access = Access::Role(Role::Viewer);
const OPERATOR: Access = Access::Role(Role::Operator);
const ADMINISTRATOR: Access = Access::Role(Role::Administrator);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, VIEWER, show::show),
        Route::post("/review/apply", ADMINISTRATOR, apply::submit),
        Route::post("/review/enforce", ADMINISTRATOR, observe::submit_enforce),
        Route::post("/review/observe", ADMINISTRATOR, observe::submit_observe),
        Route::post("/review/discard", ADMINISTRATOR, acts::submit_discard),
        Route::post("/review/merge", ADMINISTRATOR, acts::submit_merge),
        Route::get(APPLIED, VIEWER, proof::show),
        Route::get("/review/proof", VIEWER, proof::tell),
        Route::post("/review/confirm", OPERATOR, acts::submit_confirm),
        Route::post("/review/extend", OPERATOR, acts::submit_extend),
        Route::post("/review/roll-back", OPERATOR, acts::submit_roll_back),
        Route::post("/review/dismiss", VIEWER, acts::submit_dismiss),
        Route::post("/review/put-back", ADMINISTRATOR, acts::submit_put_back),
        Route::post("/review/accept-drift", ADMINISTRATOR, acts::submit_accept_drift),
    ]
}
