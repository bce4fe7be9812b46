//! EVERY STATE CHANGE, one file per verb, whoever asks for it: a page, the command line or a timer.
//!
//! Neighbours: uses `store`, `boundary`, `firewall` and `detect`; `web`, `cli` and `daemon` call it.
//!
//! Invariant: rights are checked here, not only in pages, and each change writes its audit row in the transaction that
//! makes it.

mod helper_socket;

pub use helper_socket::{HelperFault, HelperSocket};
