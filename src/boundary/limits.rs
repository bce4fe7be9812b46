//! The numbers that bound what either end can make the other do.

use std::time::Duration;

/// The longest request in bytes, checked before any allocation.
pub const REQUEST_BYTES: u32 = 1024 * 1024;

/// The longest response in bytes: about 50,000 listeners.
pub const RESPONSE_BYTES: u32 = 16 * 1024 * 1024;

/// How long the helper waits for the next byte of a request, and either end for a write to make progress.
pub const IDLE: Duration = Duration::from_secs(10);

/// Connections the helper serves at once; one more is closed unread.
pub const CONNECTIONS: usize = 16;
