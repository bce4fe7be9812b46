//! READS THE MACHINE without any privilege: interfaces and addresses.
//!
//! Neighbours: uses `firewall` and the event types of `detect`; only `daemon` calls it.
//!
//! Invariant: reads only. What needs a privilege is opened by the helper and handed over as a descriptor.
