//! What listens on this host: every port with what it is for, who holds it and what it is bound to.
//!
//! The page knows addresses and not yet firewalls, so it says "bound to" and never "reachable from".

mod answer;
mod bound;
mod entry;
mod filter;
mod row;
mod view;

pub use bound::Bound;
pub use filter::Filter;
pub use view::{PortsView, Snapshot};

/// The page's address.
pub const PATH: &str = "/ports";
