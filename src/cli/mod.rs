//! The command line, one file per subcommand.
//!
//! Neighbours: uses `actions`, `store`, `boundary` and `firewall`; `bin/portreeve.rs` calls it.
//!
//! Invariant: the only room that prints. What a subcommand changes, it changes through `actions`.
