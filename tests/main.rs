//! The integration tests, one folder per room or kind of machine they need.

mod actions;
mod architecture;
mod kernel;
mod mirror;
mod simulate;
mod store;
