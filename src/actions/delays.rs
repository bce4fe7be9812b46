//! How long somebody who failed has to wait. A table in memory, bounded, without a clock of its own.

use std::collections::BTreeMap;

use crate::firewall::Moment;

/// How failures turn into waiting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Curve {
    /// Failures that cost nothing: typing errors.
    pub(super) free: u32,
    /// Seconds to wait after the first that costs; each further one doubles it.
    pub(super) first: i64,
    /// The most seconds to wait.
    pub(super) most: i64,
}

impl Curve {
    fn seconds(self, failures: u32) -> i64 {
        match failures.checked_sub(self.free) {
            None => 0,
            Some(doublings) => self.first.saturating_mul(1 << doublings.min(32)).min(self.most),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Moment,
}

/// Failures by key.
///
/// When the table is full it drops what is forgiven anyway; if that isn't enough, the eighth with the fewest failures,
/// the oldest of those first. So an attacker who floods the table with new keys pushes out other new keys, not one that
/// has earned a delay: to lose that, he would have to fill seven eighths of it with keys that failed more often.
#[derive(Debug)]
pub(super) struct Delays<K> {
    failures: BTreeMap<K, Failures>,
    capacity: usize,
    forgiven_after: i64,
}

impl<K: Ord + Clone> Delays<K> {
    /// An empty table of at most `capacity` keys, each forgotten `forgiven_after` seconds after its last failure.
    pub(super) const fn new(capacity: usize, forgiven_after: i64) -> Self {
        Self { failures: BTreeMap::new(), capacity, forgiven_after }
    }

    /// How often the key has failed.
    pub(super) fn count(&mut self, key: &K, now: Moment) -> u32 {
        self.recent(key, now).map_or(0, |failures| failures.count)
    }

    /// Seconds until the key may try again, 0 for now.
    pub(super) fn wait(&mut self, key: &K, curve: Curve, now: Moment) -> i64 {
        self.recent(key, now)
            .map_or(0, |failures| (curve.seconds(failures.count) - now.seconds_since(failures.last)).max(0))
    }

    /// Notes a failure.
    pub(super) fn add(&mut self, key: &K, now: Moment) {
        let count = self.count(key, now).saturating_add(1);
        if !self.failures.contains_key(key) {
            self.make_room(now);
        }
        self.failures.insert(key.clone(), Failures { count, last: now });
    }

    fn recent(&mut self, key: &K, now: Moment) -> Option<Failures> {
        let failures = self.failures.get_mut(key)?;
        // The clock was set back: without this the wait would last until it has caught up.
        failures.last = failures.last.min(now);
        let failures = *failures;
        (now.seconds_since(failures.last) < self.forgiven_after).then_some(failures)
    }

    fn make_room(&mut self, now: Moment) {
        if self.failures.len() < self.capacity {
            return;
        }
        self.failures.retain(|_, failures| now.seconds_since(failures.last) < self.forgiven_after);
        if self.failures.len() < self.capacity {
            return;
        }
        let mut order: Vec<_> = self.failures.iter().map(|(key, each)| (each.count, each.last, key.clone())).collect();
        order.sort_unstable();
        // Several at once, so that a flood doesn't sort the table for each of its keys.
        for (_, _, key) in order.into_iter().take(self.capacity.div_ceil(8)) {
            self.failures.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: Curve = Curve { free: 3, first: 2, most: 900 };

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(1_000_000_000_000).plus_seconds(seconds)
    }

    #[test]
    fn the_first_failures_are_free_then_the_wait_doubles_up_to_the_most() {
        let mut delays = Delays::new(10, 3600);
        let mut waits = Vec::new();
        for _ in 0..14 {
            delays.add(&'a', at(0));
            waits.push(delays.wait(&'a', CURVE, at(0)));
        }
        assert_eq!(waits, [0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(delays.wait(&'a', CURVE, at(899)), 1);
        assert_eq!(delays.wait(&'a', CURVE, at(900)), 0);
        assert_eq!(delays.wait(&'b', CURVE, at(0)), 0);
    }

    #[test]
    fn failures_are_forgiven_after_a_quiet_time() {
        let mut delays = Delays::new(10, 3600);
        (0..20).for_each(|_| delays.add(&'a', at(0)));
        assert_eq!(delays.count(&'a', at(3599)), 20);
        assert_eq!(delays.count(&'a', at(3600)), 0);
        delays.add(&'a', at(3600));
        assert_eq!(delays.count(&'a', at(3600)), 1);
    }

    #[test]
    fn a_clock_set_back_does_not_lengthen_the_wait() {
        let mut delays = Delays::new(10, 3600);
        (0..20).for_each(|_| delays.add(&'a', at(1_000_000)));
        assert_eq!(delays.wait(&'a', CURVE, at(0)), 900);
        assert_eq!(delays.wait(&'a', CURVE, at(900)), 0);
    }

    #[test]
    fn a_flood_of_new_keys_pushes_out_new_keys_only() {
        let mut delays = Delays::new(100, 3600);
        (0..5).for_each(|_| delays.add(&0, at(0)));
        for key in 1..10_000 {
            delays.add(&key, at(1));
        }
        assert!(delays.failures.len() <= 100);
        assert_eq!(delays.count(&0, at(1)), 5);
    }
}
