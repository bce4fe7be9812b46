//! The clocks. A window is measured by one that nobody can set and that goes on while the host sleeps.

use rustix::time::{ClockId, clock_gettime};

use crate::firewall::Moment;

/// Milliseconds since the host was started, sleep included.
pub fn since_boot() -> u64 {
    millis(ClockId::Boottime).try_into().unwrap_or(0)
}

/// The same without sleep: by it systemd tells when something happened.
pub fn awake() -> i64 {
    millis(ClockId::Monotonic)
}

/// What the wall clock says.
pub fn now() -> Moment {
    Moment::from_millis(millis(ClockId::Realtime))
}

fn millis(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000)
}
