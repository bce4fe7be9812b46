//! The numbers that bound what either end can make the other do.

use std::time::Duration;

/// The longest request in bytes, checked before any allocation.
pub const REQUEST_BYTES: u32 = 1024 * 1024;

/// The longest response in bytes: about 50,000 listeners.
pub const RESPONSE_BYTES: u32 = 16 * 1024 * 1024;

/// How long the helper waits for a whole request, counted from its last answer, and for a whole answer to be taken.
pub const IDLE: Duration = Duration::from_secs(10);

/// Connections that the helper serves at once, for the panel and for root each; one more is closed unread.
pub const CONNECTIONS: usize = 16;
