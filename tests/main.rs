//! The integration tests, one folder per room or kind of machine they need.

mod actions;
mod architecture;
mod helper;
mod mirror;
mod store;
mod web;
