//! Every act, with a real database and a clock that is set by hand.

mod accounts;
mod attacks;
mod audit;
mod closing;
pub mod helper;
mod listeners;
pub mod panel;
mod people;
mod rights;
mod rulesets;
pub mod second_factor;
mod secrets;
pub mod services;
mod sessions;
mod step_up;
mod usage;
