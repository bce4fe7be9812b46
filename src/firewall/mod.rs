//! PURE. What addresses, ports, listeners, rules and verdicts mean.
//!
//! Neighbours: everyone may use this room; it uses none.
//!
//! Invariant: nothing here reads a clock, a file, a socket or a random number. The same input gives the same output,
//! byte for byte, so the helper and the panel always agree on what a ruleset means.

mod addr;
#[cfg(feature = "panel")]
pub mod advice;
#[cfg(feature = "panel")]
pub mod aim;
#[cfg(feature = "panel")]
pub mod blocked;
pub mod catalogue;
pub mod changes;
pub mod check;
#[cfg(feature = "panel")]
pub mod closing;
pub mod compile;
pub mod diff;
pub mod edit;
pub mod enforcement;
pub mod exposure;
pub mod foreign;
pub mod instant;
pub mod line;
pub mod list;
pub mod listener;
pub mod lockout;
pub mod merge;
mod moment;
mod name;
pub mod nft;
pub mod order;
mod owner;
#[cfg(feature = "panel")]
pub mod package;
mod parse_error;
mod policy;
mod port;
mod prefix;
#[cfg(feature = "panel")]
pub mod propose;
mod rate;
#[cfg(feature = "panel")]
pub mod record;
#[cfg(feature = "panel")]
pub mod replay;
mod rule;
mod ruleset;
pub mod sentence;
pub mod service;
pub mod simulate;
mod targets;
#[cfg(feature = "panel")]
pub mod text;
pub mod unit;
pub mod untrusted;
#[cfg(feature = "panel")]
pub mod usage;
pub mod whereabouts;
pub mod witness;

pub use addr::{AddressRange, Family, bits, merge};
pub use check::{CheckedRuleset, Problem, Severity, Surroundings, check};
pub use compile::{Compiled, compile};
pub use diff::{Diff, diff};
pub use line::{Automatic, Line, Receipt};
pub use list::List;
pub use listener::{Listener, Listing};
pub use moment::Moment;
pub use name::{InterfaceName, ListName, RuleId, ServiceName, Text};
pub use owner::Owner;
pub use parse_error::ParseError;
pub use policy::Policy;
pub use port::{Port, PortRange, Ports};
pub use prefix::AddressPrefix;
pub use rate::{Per, Rate};
pub use rule::{Action, Direction, Peer, Rule, Target};
pub use ruleset::{Parts, Ruleset, TooMany};
pub use service::Service;
pub use targets::Targets;
