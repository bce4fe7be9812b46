//! The clocks. A window is measured by one that nobody can set and that goes on while the host sleeps.

use std::fs;

use rustix::time::{ClockId, clock_gettime};

use crate::firewall::Moment;

/// Milliseconds since the host was started, sleep included.
pub fn since_boot() -> u64 {
    millis(ClockId::Boottime).try_into().unwrap_or(0)
}

/// What the wall clock says.
pub fn now() -> Moment {
    Moment::from_millis(millis(ClockId::Realtime))
}

/// A name of this start of the host, because [`since_boot`] begins anew with the next. Empty if the kernel has none.
pub fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

fn millis(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000)
}
