//! The list of ports in numbers, for pages that lead to it.

use super::{Filter, Place, Snapshot, answer::Answer, entry, entry::Entry};
use crate::firewall::Moment;

/// What there is to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// How many ports can be reached from where, each with the address of the list of them. Places that are no worry
    /// when nothing is there have no line then.
    pub places: Vec<(Place, usize, String)>,
    /// The sentences of the list.
    pub answer: Answer,
    /// How many of what the world can reach aren't needed on a web server.
    pub needless: usize,
    /// How many are open although our rules alone would not let that in.
    pub around: usize,
    /// Whether it is known from where they can be reached.
    pub is_known: bool,
}

impl Census {
    /// Counts everything that is known at `now`.
    #[must_use]
    pub fn new(snapshot: &Snapshot<'_>, now: Moment) -> Self {
        let published = snapshot.published();
        let entries = entry::entries(snapshot, &published, now);
        let is_known = snapshot.exposures.is_some_and(|exposures| exposures.taken_at.is_some());
        let is_around = |entry: &&Entry<'_>| entry.exposures.iter().any(|one| one.is_around_our_firewall());
        let is_needless = |entry: &&Entry<'_>| entry.place == Place::World && entry.is_needless();
        Self {
            places: Place::ALL.into_iter().filter_map(|place| line(&entries, place)).collect(),
            needless: entries.iter().filter(is_needless).count(),
            around: entries.iter().filter(is_around).count(),
            answer: Answer::new(&entries, is_known),
            is_known,
        }
    }
}

fn line(entries: &[Entry<'_>], place: Place) -> Option<(Place, usize, String)> {
    let number = entries.iter().filter(|entry| entry.place == place).count();
    let is_worth_a_line = number > 0 || !matches!(place, Place::Unclear | Place::Some);
    is_worth_a_line.then(|| (place, number, Filter::from_place(place).address(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_are_no_worry_when_empty_have_no_line() {
        let census = Census::new(&Snapshot::default(), Moment::from_millis(0));
        let places: Vec<Place> = census.places.iter().map(|(place, ..)| *place).collect();
        assert_eq!(places, [Place::World, Place::Networks, Place::Containers, Place::Host]);
        assert_eq!(census.places[0].2, "/ports?from=world");
        assert!(!census.is_known);
    }
}
