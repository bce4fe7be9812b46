//! Every act, with a real database and a clock that is set by hand.

mod accounts;
mod attacks;
mod listeners;
pub mod panel;
mod secrets;
mod sessions;
