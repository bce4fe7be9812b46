//! The integration tests, one folder per room or kind of machine they need.

mod actions;
mod architecture;
mod helper;
mod host;
mod mirror;
mod store;
