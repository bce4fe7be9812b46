//! More or less than on the same day of the week before.

use crate::{firewall::Moment, store::Bar, web::kit::words};

/// How a day compares with the one a week before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trend {
    /// The record doesn't reach back so far.
    #[default]
    Unknown,
    /// How many packets were counted now and then.
    Known {
        /// In the last 24 hours.
        now: u64,
        /// In the same hours a week ago.
        before: u64,
    },
}

impl Trend {
    /// Compares the bars of two days. `since` is when the record begins, `from` when the earlier day does.
    pub(super) fn of(now: &[Bar], before: &[Bar], since: Option<Moment>, from: Moment) -> Self {
        let whole = |bars: &[Bar]| bars.iter().map(|bar| bar.packets.saturating_add(bar.not_itemised)).sum();
        let is_known = since.is_some_and(|since| since <= from);
        if is_known { Self::Known { now: whole(now), before: whole(before) } } else { Self::Unknown }
    }

    /// As a sentence.
    pub(super) fn words(self) -> String {
        let Self::Known { now, before } = self else {
            return "How that compares with last week isn’t known yet: the record doesn’t reach back so far."
                .to_owned();
        };
        let then = words::grouped(usize::try_from(before).unwrap_or(usize::MAX));
        match (now, before) {
            (0, 0) => "None on the same day a week ago either.".to_owned(),
            (_, 0) => "On the same day a week ago there was none.".to_owned(),
            _ if now / 3 >= before => {
                let times = words::grouped(usize::try_from(now / before).unwrap_or(usize::MAX));
                format!("{times} times as many as on the same day a week ago ({then}).")
            }
            _ => match percent(now, before) {
                0 => format!("About as many as on the same day a week ago ({then})."),
                more @ 1.. => format!("{more} % more than on the same day a week ago ({then})."),
                less => format!("{} % fewer than on the same day a week ago ({then}).", less.abs()),
            },
        }
    }
}

fn percent(now: u64, before: u64) -> i64 {
    let (difference, before) = (i128::from(now) - i128::from(before), i128::from(before.max(1)));
    let half = if difference < 0 { -before / 2 } else { before / 2 };
    i64::try_from((difference * 100 + half) / before).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_told_in_words_a_person_can_check() {
        for (now, before, words) in [
            (0, 0, "None on the same day a week ago either."),
            (7, 0, "On the same day a week ago there was none."),
            (0, 7, "100 % fewer than on the same day a week ago (7)."),
            (1_380, 1_000, "38 % more than on the same day a week ago (1,000)."),
            (11_204, 8_120, "38 % more than on the same day a week ago (8,120)."),
            (996, 1_000, "About as many as on the same day a week ago (1,000)."),
            (4_100, 1_000, "4 times as many as on the same day a week ago (1,000)."),
            (u64::MAX, 1, "18,446,744,073,709,551,615 times as many as on the same day a week ago (1)."),
        ] {
            assert_eq!(Trend::Known { now, before }.words(), words);
        }
    }

    #[test]
    fn without_a_record_of_that_day_there_is_no_trend() {
        let at = Moment::from_millis;
        let bar = Bar { from: at(0), seconds: 60, packets: 2, not_itemised: 3 };
        assert_eq!(Trend::of(&[bar], &[], None, at(5)), Trend::Unknown);
        assert_eq!(Trend::of(&[bar], &[], Some(at(6)), at(5)), Trend::Unknown);
        assert_eq!(Trend::of(&[bar, bar], &[bar], Some(at(5)), at(5)), Trend::Known { now: 10, before: 5 });
    }
}
