//! The integration tests, one folder per room or kind of machine they need.

mod actions;
mod architecture;
mod atlas;
mod browser;
mod cli;
mod demo;
mod helper;
mod host;
mod kernel;
mod look;
mod mirror;
mod netns;
mod simulate;
mod store;
mod web;
mod zoo;
