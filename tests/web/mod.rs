//! The pages through the real router, over a real database; and the real server over real sockets.

mod account;
mod address;
mod assistant;
mod audit;
pub mod blocked;
pub mod browser;
mod closing;
mod explain;
mod faults;
mod files;
mod guards;
mod health;
mod history;
mod home;
mod lists;
mod metrics;
mod overview;
mod ports;
mod review;
mod routes;
mod rules;
pub mod serve;
mod services;
mod setup;
mod sign_in;
mod sign_out;
