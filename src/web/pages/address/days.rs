//! The last days as a row of small bars.

use crate::{
    firewall::Moment,
    web::kit::{Stamp, words},
};

/// Of the picture, in its own units.
const HEIGHT: u64 = 20;
const STEP: u64 = 6;
const WIDTH: u64 = 5;
const SECONDS: i64 = 86_400;

/// The picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Days {
    /// How wide the whole is.
    pub width: u64,
    /// Days with packets.
    pub bars: Vec<Day>,
    /// What the eye sees, in words.
    pub words: String,
}

/// A bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day {
    pub x: u64,
    pub y: u64,
    pub height: u64,
    pub title: String,
}

impl Days {
    /// Draws packets by day: `from` is when the first of `days` days begins.
    pub fn new(packets: &[(Moment, u64)], from: Moment, days: i64, now: Moment) -> Self {
        let inside = packets.iter().filter_map(|(day, packets)| {
            let place = day.seconds_since(from).div_euclid(SECONDS);
            u64::try_from(place).ok().filter(|_| place < days).map(|place| (place, *day, *packets))
        });
        let inside: Vec<(u64, Moment, u64)> = inside.collect();
        let peak = inside.iter().map(|(.., packets)| *packets).max().unwrap_or(0).max(1);
        let number = |packets: u64| words::count(usize::try_from(packets).unwrap_or(usize::MAX), "packet");
        let bar = |&(place, day, packets): &(u64, Moment, u64)| {
            let height = (packets.saturating_mul(HEIGHT) / peak).clamp(1, HEIGHT);
            let title = format!("{}: {}", date(day, now), number(packets));
            Day { x: place * STEP, y: HEIGHT - height, height, title }
        };
        let highest = inside.iter().max_by_key(|(.., packets)| *packets);
        let most = highest.map(|(_, day, packets)| format!(", most on {} ({})", date(*day, now), number(*packets)));
        Self {
            width: u64::try_from(days).unwrap_or(0) * STEP - (STEP - WIDTH),
            words: format!("On {}{}", words::count(inside.len(), "day"), most.unwrap_or_default()),
            bars: inside.iter().map(bar).collect(),
        }
    }
}

fn date(day: Moment, now: Moment) -> String {
    Stamp::new(day, now).exact.split(' ').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_their_day_and_inside_the_picture() {
        let from = Moment::from_millis(1_795_305_600_000);
        let day = |number: i64| from.plus_seconds(number * SECONDS);
        let packets = [(day(0), 1), (day(30), 400), (day(31), 9), (day(-1), 9), (day(2), u64::MAX)];
        let days = Days::new(&packets, from, 31, day(31));
        assert_eq!(days.bars.iter().map(|bar| bar.x).collect::<Vec<_>>(), [0, 180, 12]);
        assert!(days.bars.iter().all(|bar| bar.x + WIDTH <= days.width && bar.y + bar.height == HEIGHT));
        assert!(days.words.starts_with("On 3 days, most on 2026-11-24 ("), "{}", days.words);
        assert_eq!(Days::new(&[], from, 31, from).words, "On 0 days");
    }
}
