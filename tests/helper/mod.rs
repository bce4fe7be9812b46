//! The real helper, as its clients and its attackers see it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops with the place where it stood")]

mod attack;
mod confinement;
mod conversation;
mod doorway;
mod packages;
mod protocol;
pub mod running;
