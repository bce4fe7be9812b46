//! From what was tried to what is said of a listener.

use super::{Exposure, Origin, Reach, ground::Ground, probe::Door, trial::Trial};
use crate::firewall::{Family, Listener};

/// Judges listeners.
pub(super) struct Judge<'a> {
    all: Trial<'a>,
    alone: Option<Trial<'a>>,
    unreadable: &'a [String],
}

impl<'a> Judge<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, alone: Option<&'a Ground<'a>>, unreadable: &'a [String]) -> Self {
        Self { all: Trial::new(ground), alone: alone.map(Trial::new), unreadable }
    }

    pub(super) fn exposure(&self, listener: &Listener) -> Exposure {
        let mut exposure = Exposure::default();
        for family in Family::BOTH {
            let Some(door) = Door::of(listener, family) else { continue };
            for origin in Origin::ALL {
                let mut answer = self.all.answer(listener, &door, origin);
                if let (false, Some(first)) = (answer.reach == Reach::Unreachable, self.unreadable.first()) {
                    answer.reach = Reach::CantTell(format!("{first} could not be read"));
                }
                exposure.is_around |= self.is_around(listener, &door, origin, &answer.reach);
                exposure.answers.insert((origin, family), answer);
            }
        }
        exposure
    }

    fn is_around(&self, listener: &Listener, door: &Door, origin: Origin, reach: &Reach) -> bool {
        let is_outside = matches!(origin, Origin::World | Origin::Networks);
        let alone = self.alone.as_ref().filter(|_| is_outside && reach.is_open());
        alone.is_some_and(|alone| alone.answer(listener, door, origin).reach == Reach::Closed)
    }
}
