//! When: how far back from now, or between two moments.

use crate::firewall::{Moment, instant};

const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;

/// How far back, from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// An hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// 7 days and what has passed of this one.
    Week,
    /// 30 days and what has passed of this one.
    Month,
    /// 90 days and what has passed of this one.
    Quarter,
}

impl Span {
    pub(super) const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// The words behind "in".
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::Day => "24 h",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
        }
    }

    /// Long ones begin with a day, because sums over days are at hand and of parts of days long ago are not.
    pub(super) fn start(self, now: Moment) -> Moment {
        let days = |days| Moment::from_millis((now.as_millis().div_euclid(DAY * 1000) - days) * DAY * 1000);
        match self {
            Self::Hour => now.plus_seconds(-HOUR),
            Self::Day => now.plus_seconds(-DAY),
            Self::Week => days(7),
            Self::Month => days(30),
            Self::Quarter => days(90),
        }
    }
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    Last(Span),
    Between(Option<Moment>, Option<Moment>),
}

/// A moment as forms and addresses have it; nothing for none.
pub(super) fn print_some(moment: Option<Moment>) -> String {
    moment.map(instant::print).unwrap_or_default().trim_end_matches('Z').to_owned()
}

/// Reads a moment as browsers send it: the seconds may be missing.
pub(super) fn parse_moment(text: &str) -> Option<Moment> {
    let text = text.trim_end_matches('Z').replacen(' ', "T", 1);
    let full = if text.matches(':').count() == 1 { format!("{text}:00Z") } else { format!("{text}Z") };
    instant::parse(&full).ok()
}
