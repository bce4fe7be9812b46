//! The pages, one module each: its routes, handlers, view and form.

mod account;
pub mod address;
pub mod assistant;
pub mod audit;
pub mod blocked;
pub mod explain;
mod files;
mod health;
pub mod history;
mod home;
pub mod lists;
mod metrics;
pub mod overview;
pub mod ports;
pub mod review;
pub mod rules;
pub mod services;
mod setup;
mod sign_in;
mod sign_out;

use super::kit::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        home::routes(),
        files::routes(),
        health::routes(),
        metrics::routes(),
        setup::routes(),
        sign_in::routes(),
        sign_out::routes(),
        account::routes(),
        assistant::routes(),
        overview::routes(),
        ports::routes(),
        explain::routes(),
        review::routes(),
        history::routes(),
        audit::routes(),
        rules::routes(),
        lists::routes(),
        address::routes(),
        blocked::routes(),
        services::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
