//! A moment as a page shows it: relative in words, exact on demand.

use jiff::Timestamp;

use crate::firewall::Moment;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The three faces of one moment, for the macro `time` of `templates/kit/parts.html`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// `3 h ago`.
    pub words: String,
    /// `2026-11-22 19:28:17 UTC`.
    pub exact: String,
    /// RFC 3339, for the attribute `datetime`.
    pub machine: String,
    /// Seconds ago, while the words change so fast that a script should keep them true.
    pub age: Option<i64>,
}

impl Stamp {
    /// Describes `then` as seen at `now`.
    #[must_use]
    pub fn new(then: Moment, now: Moment) -> Self {
        let Ok(time) = Timestamp::from_millisecond(then.as_millis()) else {
            let unknown = String::from("at an unknown time");
            return Self { words: unknown.clone(), exact: unknown, machine: String::new(), age: None };
        };
        let exact = time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        let age = now.seconds_since(then);
        let words = if age < -MINUTE { exact.clone() } else { ago(age.max(0)) };
        let machine = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self { words, exact, machine, age: (0..DAY).contains(&age).then_some(age) }
    }

    /// The exact time without the day, for what is near: `19:28:17 UTC`.
    #[must_use]
    pub fn clock(&self) -> &str {
        self.exact.split_once(' ').map_or(&self.exact, |(_, clock)| clock)
    }
}

impl Stamp {
    /// Describes a moment that is to come: `in 3 h`. One that has come is described like any other.
    #[must_use]
    pub fn ahead(then: Moment, now: Moment) -> Self {
        let left = then.seconds_since(now);
        let stamp = Self::new(then, now);
        if left <= 0 { stamp } else { Self { words: ahead(left), age: None, ..stamp } }
    }
}

fn ahead(seconds: i64) -> String {
    let many = |amount: i64, unit: &str| format!("in {amount} {unit}{}", if amount == 1 { "" } else { "s" });
    match seconds {
        ..MINUTE => format!("in {seconds} s"),
        MINUTE..HOUR => format!("in {} min", seconds / MINUTE),
        HOUR..DAY => format!("in {} h", seconds / HOUR),
        _ if seconds < 60 * DAY => many(seconds / DAY, "day"),
        _ if seconds < 730 * DAY => many(seconds / (30 * DAY), "month"),
        _ => many(seconds / (365 * DAY), "year"),
    }
}

/// `static/js/ago.js` says the same for ages below a day.
fn ago(seconds: i64) -> String {
    let many = |amount: i64, unit: &str| format!("{amount} {unit}{} ago", if amount == 1 { "" } else { "s" });
    match seconds {
        0 => String::from("just now"),
        1..MINUTE => format!("{seconds} s ago"),
        MINUTE..HOUR => format!("{} min ago", seconds / MINUTE),
        HOUR..DAY => format!("{} h ago", seconds / HOUR),
        _ if seconds < 60 * DAY => many(seconds / DAY, "day"),
        _ if seconds < 730 * DAY => many(seconds / (30 * DAY), "month"),
        _ => many(seconds / (365 * DAY), "year"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_its_largest_unit() {
        let now = Moment::from_millis(1_795_000_000_000);
        let cases = [
            (0, "just now"),
            (12, "12 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (3 * HOUR + 59, "3 h ago"),
            (DAY, "1 day ago"),
            (59 * DAY, "59 days ago"),
            (60 * DAY, "2 months ago"),
            (800 * DAY, "2 years ago"),
        ];
        for (seconds, words) in cases {
            assert_eq!(Stamp::new(now.plus_seconds(-seconds), now).words, words, "{seconds} s");
        }
    }

    #[test]
    fn the_exact_time_is_utc_and_only_young_times_tick() {
        let now = Moment::from_millis(1_795_375_697_000);
        let young = Stamp::new(now.plus_seconds(-12), now);
        assert_eq!((young.exact.as_str(), young.age), ("2026-11-22 19:28:05 UTC", Some(12)));
        assert_eq!(young.machine, "2026-11-22T19:28:05Z");
        assert_eq!(Stamp::new(now.plus_seconds(-2 * DAY), now).age, None);
    }

    #[test]
    fn what_is_to_come_is_said_in_its_largest_unit() {
        let now = Moment::from_millis(1_795_000_000_000);
        for (seconds, words) in [
            (1, "in 1 s"),
            (59 * MINUTE, "in 59 min"),
            (HOUR, "in 1 h"),
            (DAY, "in 1 day"),
            (90 * DAY, "in 3 months"),
            (800 * DAY, "in 2 years"),
            (0, "just now"),
            (-HOUR, "1 h ago"),
        ] {
            assert_eq!(Stamp::ahead(now.plus_seconds(seconds), now).words, words);
        }
        assert_eq!(Stamp::ahead(Moment::from_millis(i64::MAX), now).exact, "at an unknown time");
    }

    #[test]
    fn a_clock_that_ran_back_shows_the_exact_time() {
        let now = Moment::from_millis(1_795_375_697_000);
        assert_eq!(Stamp::new(now.plus_seconds(5), now).words, "just now");
        assert_eq!(Stamp::new(now.plus_seconds(3600), now).words, "2026-11-22 20:28:17 UTC");
        assert_eq!(Stamp::new(Moment::from_millis(i64::MAX), now).words, "at an unknown time");
    }
}
