//! The pages, one module each: its routes, handlers, view and form.

mod account;
pub mod explain;
mod files;
mod home;
pub mod ports;
mod setup;
mod sign_in;
mod sign_out;

use super::kit::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        home::routes(),
        files::routes(),
        setup::routes(),
        sign_in::routes(),
        sign_out::routes(),
        account::routes(),
        ports::routes(),
        explain::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
