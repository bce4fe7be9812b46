//! The real helper, as its clients and its attackers see it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops with the place where it stood")]

mod acts;
mod attack;
mod bans;
mod collect;
mod confinement;
mod conversation;
mod doorway;
mod faults;
mod floor;
pub mod guarded;
mod nflog;
mod packages;
pub mod passage;
mod protocol;
mod rehearsal;
pub mod running;
mod services;
mod taken_over;
