//! Who was turned away, when, at which door, and why.

mod answer;
mod chart;
mod export;
mod facets;
mod filter;
mod let_in;
pub mod live;
mod row;
mod saved;
mod scans;
mod show;
mod today;
mod view;

pub use answer::sentence;
pub use chart::{BarView, Chart};
pub use facets::{Facet, Value};
pub use filter::{Filter, Span};
pub use let_in::{LetInView, Width};
pub use live::LiveView;
pub use row::{LineLink, Row, Sender};
pub use scans::ScansView;
pub use today::{Judge, Today};
pub use view::{Around, BlockedView, Found};

use super::rules::VIEWER;
use crate::web::kit::{EVENTS, Route};

/// The page's address.
pub const PATH: &str = "/blocked";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, VIEWER, show::show),
        Route::post("/blocked/save", VIEWER, saved::save),
        Route::post("/blocked/forget", VIEWER, saved::forget),
        Route::get("/blocked.csv", VIEWER, export::csv),
        Route::get("/blocked.json", VIEWER, export::json),
        Route::get("/blocked/live", VIEWER, live::show),
        Route::get("/blocked/scans", VIEWER, scans::show),
        Route::get(EVENTS, VIEWER, live::events),
        Route::get("/blocked/{key}/let-in", VIEWER, let_in::show),
    ]
}
