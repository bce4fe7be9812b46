//! PURE. What addresses, ports, listeners, rules and verdicts mean.
//!
//! Neighbours: everyone may use this room; it uses none.
//!
//! Invariant: nothing here reads a clock, a file, a socket or a random number. The same input gives the same output,
//! byte for byte, so the helper and the panel always agree on what a ruleset means.

pub mod catalogue;
pub mod listener;
mod moment;
mod owner;
pub mod untrusted;

pub use listener::{Listener, Listing};
pub use moment::Moment;
pub use owner::Owner;
