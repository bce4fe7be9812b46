//! How many addresses came on each of the last days, as bars.

use crate::{
    firewall::{
        Moment,
        usage::{DayUse, day_of},
    },
    web::kit::{Stamp, words},
};

const DAYS: i64 = 30;
const MILLIS: i64 = 86_400_000;
/// Of the picture, in its own units.
const HEIGHT: u64 = 32;
const STEP: i64 = 8;
const WIDTH: u32 = 6;

/// The picture, for `templates/pages/ports/chart.html`.
#[derive(Debug, PartialEq, Eq)]
pub struct Chart {
    /// One for each day that was watched, oldest first.
    pub bars: Vec<Bar>,
    /// What the picture shows, in words.
    pub words: String,
}

/// A bar.
#[derive(Debug, PartialEq, Eq)]
pub struct Bar {
    /// Where it stands.
    pub x: i64,
    /// Where it begins from above.
    pub y: u64,
    /// How high it is.
    pub height: u64,
    /// How wide it is.
    pub width: u32,
    /// What it says.
    pub title: String,
}

impl Chart {
    /// Draws the days; absent when none was watched.
    pub(super) fn new(days: &[DayUse], now: Moment) -> Option<Self> {
        let today = day_of(now);
        let first = today - DAYS + 1;
        let shown: Vec<&DayUse> = days.iter().filter(|day| (first..=today).contains(&day.day)).collect();
        let most = shown.iter().map(|day| day.peers).max()?;
        let bars = shown.iter().map(|day| Bar::new(day, day.day - first, most)).collect();
        Some(Self { bars, words: described(&shown, most, today) })
    }
}

impl Bar {
    fn new(day: &DayUse, position: i64, most: u64) -> Self {
        // A day without anybody is a line, so that it differs from one that wasn't watched.
        let height = if day.peers == 0 { 1 } else { (day.peers.saturating_mul(HEIGHT) / most).max(3) };
        let date = date(day.day);
        let least = if day.is_least { "at least " } else { "" };
        Self {
            x: position * STEP,
            y: HEIGHT - height,
            height,
            width: WIDTH,
            title: format!("{date}: {least}{}", addresses(day.peers)),
        }
    }
}

fn addresses(number: u64) -> String {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    if number == 1 { "1 address".to_owned() } else { format!("{} addresses", words::grouped(number)) }
}

fn date(day: i64) -> String {
    let moment = Moment::from_millis(day.saturating_mul(MILLIS));
    Stamp::new(moment, moment).exact.chars().take(10).collect()
}

fn described(days: &[&DayUse], most: u64, today: i64) -> String {
    let watched = words::count(days.len(), "day");
    let of_today = days
        .iter()
        .find(|day| day.day == today)
        .map_or(String::new(), |day| format!(", {} today", addresses(day.peers)));
    if most == 0 {
        return format!("Nobody came on the {watched} that were watched.");
    }
    let top = days.iter().rev().find(|day| day.peers == most).map(|day| date(day.day)).unwrap_or_default();
    format!("Addresses a day, over {watched}: at most {} on {top}{of_today}.", addresses(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_795_375_697_000);

    fn day(ago: i64, peers: u64) -> DayUse {
        DayUse { day: day_of(NOW) - ago, peers, is_least: false }
    }

    #[test]
    fn the_last_thirty_days_are_drawn_to_the_same_scale() {
        let chart = Chart::new(&[day(40, 900), day(29, 10), day(1, 0), day(0, 40)], NOW).expect("a chart");
        let shape: Vec<_> = chart.bars.iter().map(|bar| (bar.x, bar.y, bar.height)).collect();
        assert_eq!(shape, [(0, 24, 8), (224, 31, 1), (232, 0, 32)]);
        assert_eq!(chart.bars[0].title, "2026-10-24: 10 addresses");
        assert_eq!(
            chart.words,
            "Addresses a day, over 3 days: at most 40 addresses on 2026-11-22, 40 addresses today."
        );
    }

    #[test]
    fn few_can_be_seen_beside_many_and_nobody_is_said() {
        let chart = Chart::new(&[day(2, 1), day(1, 4_000_000_000)], NOW).expect("a chart");
        assert_eq!(chart.bars[0].height, 3);
        assert_eq!(
            Chart::new(&[day(1, 0)], NOW).expect("a chart").words,
            "Nobody came on the 1 day that were watched."
        );
        assert_eq!(Chart::new(&[], NOW), None);
    }
}
