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
mod invitation;
pub mod lists;
mod metrics;
pub mod overview;
mod people;
pub mod ports;
pub mod review;
pub mod rules;
pub mod services;
pub mod settings;
mod setup;
mod sign_in;
mod sign_out;
mod step_up;

use super::kit::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        home::routes(),
        files::routes(),
        health::routes(),
        metrics::routes(),
        setup::routes(),
        sign_in::routes(),
        invitation::routes(),
        sign_out::routes(),
        step_up::routes(),
        account::routes(),
        people::routes(),
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
        settings::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
