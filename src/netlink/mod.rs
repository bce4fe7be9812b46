//! NETLINK: the messages that the kernel answers with, as bytes, and the sockets they come over.
//!
//! Neighbours: uses `firewall` for what a socket is; `helper` and `host` ask the kernel through it.
//!
//! Invariant: whatever is cut off or lies about its length ends the walk, and only what the kernel itself sent is read.
//! Reading bytes touches nothing, so that it can be fuzzed. What is asked or ordered, and by which right, is not its
//! business.

pub mod nflog;
pub mod sock_diag;
mod socket;
pub(crate) mod wire;

pub use socket::{DATAGRAM, Socket};
pub use wire::{Message, attribute, attributes, messages};
