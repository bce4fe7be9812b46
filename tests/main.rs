//! The integration tests, one folder per room or kind of machine they need.

mod actions;
mod architecture;
mod browser;
mod helper;
mod host;
mod look;
mod mirror;
mod netns;
mod store;
mod web;
