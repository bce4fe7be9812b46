//! THE ONLY SQL: one file per group of tables.
//!
//! Neighbours: uses `firewall` and `detect` for its values; `actions` writes through it, `web` and `cli` read.
//!
//! Invariant: a write transaction opens only with an actor, and its commit writes the audit row.
