//! The histogram, drawn as a picture without any style or script of its own.

use super::filter::Filter;
use crate::{
    firewall::{Moment, instant},
    store::Bar,
    web::kit::{Stamp, words},
};

/// The picture's size in units of its own; it is stretched to the page.
const WIDTH: u64 = 1000;
const HEIGHT: u64 = 100;

/// The histogram.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Its bars.
    pub bars: Vec<BarView>,
    /// What the eye sees, in words.
    pub summary: String,
    /// The highest bar's packets.
    pub peak: String,
    /// Where it begins and ends.
    pub ends: (Stamp, Stamp),
    /// Whether some bar has packets beyond the rows.
    pub has_more: bool,
    /// Length of a bar in words.
    pub step: String,
}

/// One bar: a part for the rows, above it a part for what was counted beyond them.
#[derive(Debug, Clone)]
pub struct BarView {
    /// Left edge.
    pub x: u64,
    /// Width.
    pub width: u64,
    /// Top of the lower part.
    pub y: u64,
    /// Its height.
    pub height: u64,
    /// Top of the upper part.
    pub more_y: u64,
    /// Its height.
    pub more_height: u64,
    /// What it says.
    pub title: String,
    /// The page of this bar alone.
    pub href: String,
    /// When it begins and ends, as the form has it.
    pub from: String,
    /// See [`Self::from`].
    pub until: String,
}

impl Chart {
    /// Draws the bars; none when there is nothing to see.
    #[must_use]
    pub fn new(bars: &[Bar], filter: &Filter, now: Moment) -> Option<Self> {
        let total = |bar: &Bar| bar.packets.saturating_add(bar.not_itemised);
        let (highest, seconds) = (bars.iter().max_by_key(|bar| total(bar))?, bars.first()?.seconds);
        let (peak, last) = (total(highest), bars.last()?);
        if peak == 0 {
            return None;
        }
        let number = |number: u64| words::grouped(usize::try_from(number).unwrap_or(usize::MAX));
        let count = u64::try_from(bars.len()).unwrap_or(1);
        let drawn = (0..).zip(bars).map(|(place, bar)| BarView::new(bar, (place, count, peak), filter, now));
        let step = step(seconds);
        Some(Self {
            bars: drawn.collect(),
            summary: format!(
                "{} bars of {step}. The highest has {} and begins at {}.",
                bars.len(),
                words::count(usize::try_from(peak).unwrap_or(usize::MAX), "packet"),
                Stamp::new(highest.from, now).exact
            ),
            peak: number(peak),
            ends: (Stamp::new(bars.first()?.from, now), Stamp::new(last.from.plus_seconds(seconds), now)),
            has_more: bars.iter().any(|bar| bar.not_itemised > 0),
            step,
        })
    }
}

fn step(seconds: i64) -> String {
    match seconds {
        ..86_400 => words::duration(seconds.unsigned_abs()),
        86_400 => "a day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
}

impl BarView {
    fn new(bar: &Bar, (place, count, peak): (u64, u64, u64), filter: &Filter, now: Moment) -> Self {
        let scale =
            |packets: u64| if packets == 0 { 0 } else { (packets.saturating_mul(HEIGHT) / peak).clamp(1, HEIGHT) };
        let (height, more_height) = (scale(bar.packets), scale(bar.not_itemised));
        let (x, end) = (place * WIDTH / count, (place + 1) * WIDTH / count);
        let until = bar.from.plus_seconds(bar.seconds);
        let text = |moment: Moment| instant::print(moment).trim_end_matches('Z').to_owned();
        let number = |number: u64| words::grouped(usize::try_from(number).unwrap_or(usize::MAX));
        let more = (bar.not_itemised > 0).then(|| format!(", {} not itemised", number(bar.not_itemised)));
        Self {
            x,
            // A gap of one unit keeps the bars apart.
            width: (end - x).saturating_sub(1).max(1),
            y: HEIGHT - height,
            height,
            more_y: (HEIGHT - height).saturating_sub(more_height),
            more_height: more_height.min(HEIGHT - height),
            title: format!("{}: {}{}", Stamp::new(bar.from, now).exact, number(bar.packets), more.unwrap_or_default()),
            href: filter.between(bar.from, until).address(),
            from: text(bar.from),
            until: text(until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_the_width_and_never_leave_the_picture() {
        let bar = |packets, not_itemised| Bar { from: Moment::from_millis(0), seconds: 60, packets, not_itemised };
        let bars = [bar(0, 0), bar(1, 0), bar(90, 10), bar(u64::MAX, u64::MAX)];
        for bars in [&bars[..3], &bars[..]] {
            let chart = Chart::new(bars, &Filter::default(), Moment::from_millis(0)).unwrap();
            for bar in &chart.bars {
                assert!(bar.x + bar.width <= WIDTH && bar.y + bar.height == HEIGHT, "{bar:?}");
                assert!(bar.more_y + bar.more_height <= bar.y, "{bar:?}");
            }
        }
        assert!(Chart::new(&bars[..1], &Filter::default(), Moment::from_millis(0)).is_none());
    }
}
