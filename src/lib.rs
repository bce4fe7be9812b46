//! Portreeve, a firewall panel for Linux servers.
//!
//! The rooms below are sorted by what they may touch, not by what they are about. `ARCHITECTURE.md` tells who may use
//! whom; `tests/architecture.rs` and the feature gates hold them to it.

/// PURE. What addresses, ports, listeners, rules and verdicts mean.
pub mod firewall;

/// THE WIRE between panel and helper: types and framing, no effects.
pub mod boundary;

/// NETLINK as bytes, and the sockets it comes over.
pub mod netlink;

/// PRIVILEGED. The only code that runs as root.
pub mod helper;

/// PURE. Events in, decisions out.
#[cfg(feature = "panel")]
pub mod detect;

/// READS THE MACHINE without any privilege.
#[cfg(feature = "panel")]
pub mod host;

/// THE ONLY SQL.
#[cfg(feature = "panel")]
pub mod store;

/// EVERY STATE CHANGE, one file per verb.
#[cfg(feature = "panel")]
pub mod actions;

/// HTTP: the pages and the kit they are made of.
#[cfg(feature = "panel")]
pub mod web;

/// The command line, one file per subcommand.
#[cfg(feature = "panel")]
pub mod cli;

/// Wires the tasks of `portreeve serve` together and shuts them down.
#[cfg(feature = "panel")]
pub mod daemon;
