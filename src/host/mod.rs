//! READS THE MACHINE without any privilege: its names and addresses, who is connected or signed in, which packages programs came in.
//!
//! Neighbours: uses `firewall`, `netlink` and the event types of `detect`; only `daemon` calls it.
//!
//! Invariant: reads only. What needs a privilege is opened by the helper and handed over as a descriptor.

pub mod connections;
pub mod geography;
mod interfaces;
pub mod logins;
mod names;
pub mod nflog;
pub mod packages;

pub use interfaces::addresses;
pub use names::{full_name, short_name};
