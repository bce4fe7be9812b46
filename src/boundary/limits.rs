//! The numbers that bound what either end can make the other do.

use std::time::Duration;

/// The longest request in bytes, checked before any allocation.
pub const REQUEST_BYTES: u32 = 1024 * 1024;

/// The longest response in bytes: about 50,000 listeners.
pub const RESPONSE_BYTES: u32 = 16 * 1024 * 1024;

/// How long the helper waits for a whole request, counted from its last answer, and for a whole answer to be taken.
pub const IDLE: Duration = Duration::from_secs(10);

/// The longest output of one `iptables-save` that is passed on, in bytes: about 40,000 rules.
pub const SAVED_BYTES: u32 = 3 * 1024 * 1024;

/// Connections that the helper serves at once, for the panel and for root each; one more is closed unread.
pub const CONNECTIONS: usize = 16;

/// The longest request that carries a ruleset, in bytes: a million list entries. Only one of more than
/// [`REQUEST_BYTES`] is read at a time.
pub const RULESET_BYTES: u32 = 64 * 1024 * 1024;

/// How long the panel waits for an act that rehearses or commits.
pub const ACT: Duration = Duration::from_mins(2);

/// How long an applied revision may stay unconfirmed: at least, usually and at most, extensions included, in seconds.
pub const WINDOW: (u32, u32, u32) = (5, 120, 3600);

/// Packets of one rehearsal.
pub const PROBES: usize = 500;

/// Bans of one request or answer.
pub const BANS: usize = 10_000;

/// Units of one request.
pub const UNITS: usize = 256;

/// Records of closed units that the helper keeps; the oldest goes when there is one more.
pub const UNIT_RECORDS: usize = 256;
