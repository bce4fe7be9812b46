//! What the helper gives up before it reads the first byte of a client.
//!
//! Landlock isn't used: it forbids a process to look into any process outside its own domain, and the owners of
//! sockets are found in `/proc/PID/fd` of others.

mod calls;
mod filters;

use std::{io, os::fd::AsFd};

use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior},
    thread::{
        CapabilitySet, CapabilitySets, capability_is_in_bounding_set, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    },
};

use filters::{allowed, allowed_to_child, allowed_to_units, install_filters};

/// Finding who holds a socket: enter `/proc/PID/fd` of any user, and read its links. And changing the members of sets.
const KEPT: CapabilitySet =
    CapabilitySet::DAC_READ_SEARCH.union(CapabilitySet::SYS_PTRACE).union(CapabilitySet::NET_ADMIN);

/// The child: changing the ruleset; making a network namespace and sending packets in it.
const KEPT_BY_CHILD: CapabilitySet =
    CapabilitySet::NET_ADMIN.union(CapabilitySet::NET_RAW).union(CapabilitySet::SYS_ADMIN);

/// The child for the service manager needs none: root's name is enough there.
const KEPT_BY_UNITS: CapabilitySet = CapabilitySet::empty();

/// More than any kernel has; the first number that the kernel doesn't know ends the search.
const CAPABILITY_NUMBERS: u32 = 64;

/// Drops every privilege that the helper doesn't need. Call before the first thread starts: threads inherit.
pub fn confine(state_dir: &impl AsFd) -> io::Result<()> {
    tie_up(KEPT)?;
    install_filters(allowed(state_dir.as_fd())).map_err(io::Error::other)
}

/// The same for the child and every program it starts.
pub fn confine_child() -> io::Result<()> {
    tie_up(KEPT_BY_CHILD)?;
    install_filters(allowed_to_child()).map_err(io::Error::other)
}

/// The same for the child that talks to the service manager, and for `systemctl`.
pub fn confine_units() -> io::Result<()> {
    tie_up(KEPT_BY_UNITS)?;
    install_filters(allowed_to_units()).map_err(io::Error::other)
}

fn tie_up(kept: CapabilitySet) -> io::Result<()> {
    drop_capabilities(kept)?;
    set_no_new_privs(true)?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

fn drop_capabilities(kept: CapabilitySet) -> io::Result<()> {
    let numbers = (0..CAPABILITY_NUMBERS).map(|number| CapabilitySet::from_bits_retain(1 << number));
    for (capability, is_held) in numbers.map_while(|one| Some((one, capability_is_in_bounding_set(one).ok()?))) {
        // Systemd has taken the others away already, and with them the right to give one up.
        if is_held && !kept.contains(capability) {
            remove_capability_from_bounding_set(capability)?;
        }
    }
    clear_ambient_capability_set()?;
    Ok(set_capabilities(
        None,
        CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() },
    )?)
}

#[cfg(test)]
mod tests;
