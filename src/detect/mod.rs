//! PURE. Events in, decisions out.
//!
//! Neighbours: uses `firewall`; `host` produces its events, `daemon` and `actions` carry out its decisions.
//!
//! Invariant: `now` is a parameter and a decision is a value; nothing here touches the machine.

pub mod blocked;
