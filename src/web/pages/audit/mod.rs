//! Who did what: the audit log, for administrators. It says from where each of them works and which names strangers
//! try, which is nothing an operator needs: what he must know of revisions and ports stands in History and Ports.

mod export;
mod filter;
mod row;
mod show;
mod view;

pub use filter::Filter;
pub use view::{AuditView, Found};

use crate::{
    store::Role,
    web::kit::{Access, Route},
};

/// The page's address.
const PATH: &str = "/audit";

const ADMINISTRATOR: Access = Access::Role(Role::Administrator);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, ADMINISTRATOR, show::show),
        Route::post("/audit/csv", ADMINISTRATOR, export::csv),
        Route::post("/audit/json", ADMINISTRATOR, export::json),
    ]
}
