//! The names of the sets that others write to. Every table has them, so that an address can be banned or listed at any
//! time without a new revision.

use crate::firewall::Family;

/// Banned addresses, each with a timeout.
#[must_use]
pub fn ban(family: Family) -> String {
    format!("ban_{}", family.digit())
}

/// Banned prefixes, each with a timeout.
#[must_use]
pub fn ban_net(family: Family) -> String {
    format!("ban_net_{}", family.digit())
}

/// The members of a list.
#[must_use]
pub fn list(name: &str, family: Family) -> String {
    format!("list_{name}_{}", family.digit())
}

/// The networks this host has an address in.
#[must_use]
pub fn own(family: Family) -> String {
    format!("own_{}", family.digit())
}
