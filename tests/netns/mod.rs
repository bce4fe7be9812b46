//! The helper on hosts of its own making: network namespaces with known sockets in them.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops with the place where it stood")]

mod connections;
pub mod host;
mod listing;
