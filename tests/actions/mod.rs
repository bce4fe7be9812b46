//! Every act, with a real database and a clock that is set by hand.

mod accounts;
mod attacks;
mod audit;
mod closing;
pub mod helper;
mod listeners;
pub mod panel;
mod rights;
mod rulesets;
mod secrets;
pub mod services;
mod sessions;
mod usage;
