//! Who uses a port: now, last, and on each of the last days.

use crate::{
    firewall::{
        Moment,
        usage::{Connected, PortUse},
    },
    web::kit::{Stamp, words},
};

use super::chart::Chart;

/// How many days without anybody are worth a word.
const QUIET: i64 = 30;

/// What the page says of a port's use.
#[derive(Debug)]
pub struct Used {
    /// How many are connected: the number for the cell, and what it counts.
    pub now: Option<(String, String)>,
    /// When somebody was there last.
    pub last: Option<Stamp>,
    /// What there is to say instead of a time.
    pub remark: Option<String>,
    /// Whether anybody is connected.
    pub is_now: bool,
    /// Whether nobody came for so long that the port may be closed.
    pub is_idle: bool,
    /// The last days.
    pub chart: Option<Chart>,
}

impl Used {
    pub(super) fn new(connected: Option<&Connected>, used: Option<&PortUse>, now: Moment) -> Self {
        let told = used.filter(|used| used.is_told());
        Self {
            now: connected.map(count),
            last: told.and_then(|used| used.last_used_at).map(|at| Stamp::new(at, now)),
            remark: remark(used, now),
            is_now: connected.is_some_and(|connected| connected.connections > 0),
            is_idle: is_idle(used, now),
            chart: told.and_then(|used| Chart::new(&used.days, now)),
        }
    }
}

fn count(connected: &Connected) -> (String, String) {
    let peers = connected.peers.len();
    let connections = usize::try_from(connected.connections).unwrap_or(usize::MAX);
    let addresses = if peers == 1 { "1 address".to_owned() } else { format!("{} addresses", words::grouped(peers)) };
    let more = if connected.unnamed > 0 { " or more" } else { "" };
    (words::grouped(peers), format!("{addresses}{more}, {}", words::count(connections, "connection")))
}

fn remark(used: Option<&PortUse>, now: Moment) -> Option<String> {
    let used = used?;
    if !used.is_told() {
        return Some("can’t be seen for UDP".to_owned());
    }
    match (used.quiet_days(now), used.last_used_at) {
        (Some(days), _) if days >= QUIET => Some(format!("nobody in {QUIET} days")),
        (Some(1), None) => Some("nobody in the day it was watched".to_owned()),
        (Some(days), None) => Some(format!("nobody in the {days} days it was watched")),
        (None, None) => Some("nobody yet".to_owned()),
        _ => None,
    }
}

/// Whether nobody came for so long that the port may be closed.
pub(super) fn is_idle(used: Option<&PortUse>, now: Moment) -> bool {
    let told = used.filter(|used| used.is_told());
    told.and_then(|used| used.quiet_days(now)).is_some_and(|days| days >= QUIET)
}
