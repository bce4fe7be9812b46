//! Hosts of many kinds: what the panel says about who reaches a port must be what really happens.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops with the place where it stood")]

mod found;
mod hosts;
mod ours;
mod random;
mod shapes;
mod town;
mod visit;
