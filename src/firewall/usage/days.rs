//! Who used a port on each of the last days.

use std::collections::BTreeMap;

use super::{Key, MOST_DAYS};
use crate::firewall::{Moment, listener::Transport};

const MILLIS_A_DAY: i64 = 24 * 60 * 60 * 1000;

/// What is known of every port that was watched.
#[derive(Debug, Default, Clone)]
pub struct PortUses(BTreeMap<Key, PortUse>);

/// What is known of one port, whoever listened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortUse {
    /// TCP or UDP.
    pub transport: Transport,
    /// The port.
    pub port: u16,
    /// Since when it is watched.
    pub watched_since: Moment,
    /// When somebody was last connected.
    pub last_used_at: Option<Moment>,
    /// The days on which it was watched, oldest first.
    pub days: Vec<DayUse>,
}

/// Who used a port on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayUse {
    /// The number of the day since 1970-01-01, in UTC.
    pub day: i64,
    /// How many came, each counted once.
    pub peers: u64,
    /// More came than could be told apart: there were at least so many.
    pub is_least: bool,
}

/// The number of a moment's day since 1970-01-01, in UTC.
#[must_use]
pub const fn day_of(moment: Moment) -> i64 {
    moment.as_millis().div_euclid(MILLIS_A_DAY)
}

impl PortUses {
    /// What is known of a port; none when it was never watched.
    #[must_use]
    pub fn of(&self, port: u16, transport: Transport) -> Option<&PortUse> {
        self.0.get(&(transport, port))
    }

    /// Every port, in order.
    pub fn iter(&self) -> impl Iterator<Item = &PortUse> {
        self.0.values()
    }
}

impl FromIterator<PortUse> for PortUses {
    fn from_iter<I: IntoIterator<Item = PortUse>>(uses: I) -> Self {
        Self(uses.into_iter().map(|port_use| ((port_use.transport, port_use.port), port_use)).collect())
    }
}

impl PortUse {
    /// Whether its use can be seen. UDP has no connections; a server that makes a socket for each peer is the exception.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.transport == Transport::Tcp || self.last_used_at.is_some()
    }

    /// For how many whole days nobody came, while it was watched and its use can be seen.
    #[must_use]
    pub fn quiet_days(&self, now: Moment) -> Option<i64> {
        let quiet_since = self.last_used_at.unwrap_or(self.watched_since);
        let days = now.as_millis().saturating_sub(quiet_since.as_millis()).div_euclid(MILLIS_A_DAY);
        (self.is_told() && days > 0).then(|| days.min(self.watched_days(quiet_since))).filter(|days| *days > 0)
    }

    /// A day on which the panel was off doesn't count as quiet.
    fn watched_days(&self, since: Moment) -> i64 {
        let days = self.days.iter().filter(|day| day.day >= day_of(since)).count();
        i64::try_from(days).unwrap_or(MOST_DAYS)
    }

    /// The most who came on one day.
    #[must_use]
    pub fn busiest(&self) -> u64 {
        self.days.iter().map(|day| day.peers).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Moment {
        Moment::from_millis(day * MILLIS_A_DAY)
    }

    fn port_use(transport: Transport, last_used: Option<i64>, watched: std::ops::RangeInclusive<i64>) -> PortUse {
        PortUse {
            transport,
            port: 110,
            watched_since: at(*watched.start()),
            last_used_at: last_used.map(at),
            days: watched
                .map(|day| DayUse { day, peers: u64::from(Some(day) == last_used), is_least: false })
                .collect(),
        }
    }

    #[test]
    fn quiet_days_are_those_that_were_watched() {
        let quiet = |used, watched, now| port_use(Transport::Tcp, used, watched).quiet_days(at(now));
        assert_eq!(quiet(None, 100..=130, 130), Some(30));
        assert_eq!(quiet(Some(120), 100..=130, 130), Some(10));
        assert_eq!(quiet(Some(130), 100..=130, 130), None);
        assert_eq!(quiet(None, 130..=130, 130), None);
        assert_eq!(quiet(None, 100..=102, 130), Some(3), "the panel was off most of the time");
        assert_eq!(port_use(Transport::Udp, None, 100..=130).quiet_days(at(130)), None);
        assert_eq!(day_of(Moment::from_millis(-1)), -1);
    }
}
