//! What is found out about a listener.

use std::collections::BTreeMap;

use super::Step;
use crate::firewall::Family;

/// One of the places from which a listener may be reached, the farthest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Everybody.
    World,
    /// The networks this host has an address in or knows a way to, and private addresses beyond.
    Networks,
    /// Containers and virtual machines of this host.
    Containers,
    /// This host itself.
    Host,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::World, Self::Networks, Self::Containers, Self::Host];
}

/// Whether a listener is reached from an origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// By everybody there.
    Open,
    /// By some: which, in words.
    Partly(String),
    /// By nobody: something drops it.
    Closed,
    /// No packet from there comes to the address or interface it is bound to.
    Unreachable,
    /// It can't be told: why, in words.
    CantTell(String),
}

impl Reach {
    /// Whether somebody gets through.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Partly(_))
    }
}

/// One answer and what it was found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is reached.
    pub reach: Reach,
    /// What decided, in the order in which packets come by.
    pub path: Vec<Step>,
}

/// The farthest place from which a listener is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// From the world.
    World {
        /// Only by some, or only in one family.
        partly: bool,
    },
    /// From networks.
    Networks {
        /// Only by some.
        partly: bool,
    },
    /// From containers.
    Containers {
        /// Only by some.
        partly: bool,
    },
    /// From nowhere else.
    HostOnly,
    /// It can't be told whether it is reached from farther away than what can be told.
    CantTell,
}

impl Scope {
    /// From where, after "reached from".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::World { partly: false } => "the world",
            Self::World { partly: true } => "some of the world",
            Self::Networks { partly: false } => "my networks",
            Self::Networks { partly: true } => "some of my networks",
            Self::Containers { .. } => "containers",
            Self::HostOnly => "this host only",
            Self::CantTell => "nobody knows where",
        }
    }
}

/// From where a listener can be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    pub(super) answers: BTreeMap<(Origin, Family), Answer>,
    pub(super) is_around: bool,
}

impl Exposure {
    /// The answers, the farthest origin first; none for a family the listener hasn't got.
    pub fn answers(&self) -> impl Iterator<Item = (Origin, Family, &Answer)> {
        self.answers.iter().map(|((origin, family), answer)| (*origin, *family, answer))
    }

    /// One answer; none if the listener hasn't got the family.
    #[must_use]
    pub fn answer(&self, origin: Origin, family: Family) -> Option<&Answer> {
        self.answers.get(&(origin, family))
    }

    /// The farthest place from which it is reached.
    #[must_use]
    pub fn widest(&self) -> Scope {
        for origin in [Origin::World, Origin::Networks, Origin::Containers] {
            let reaches: Vec<&Reach> = Family::BOTH.iter().filter_map(|family| self.reach(origin, *family)).collect();
            if reaches.iter().any(|reach| reach.is_open()) {
                let partly = !reaches.contains(&&Reach::Open);
                return match origin {
                    Origin::World => Scope::World { partly },
                    Origin::Networks => Scope::Networks { partly },
                    Origin::Containers | Origin::Host => Scope::Containers { partly },
                };
            }
            if reaches.iter().any(|reach| matches!(reach, Reach::CantTell(_))) {
                return Scope::CantTell;
            }
        }
        Scope::HostOnly
    }

    /// Whether the same people get through, whatever decides it.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        let reaches = |exposure: &Self| -> Vec<_> {
            exposure.answers().map(|(origin, family, answer)| (origin, family, answer.reach.clone())).collect()
        };
        reaches(self) == reaches(other)
    }

    fn reach(&self, origin: Origin, family: Family) -> Option<&Reach> {
        self.answer(origin, family).map(|answer| &answer.reach)
    }

    /// Whether it has both families and one is reached from somewhere where the other isn't.
    #[must_use]
    pub fn differs_by_family(&self) -> bool {
        let differs = |origin: &Origin| {
            let [four, six] = Family::BOTH.map(|family| self.reach(*origin, family));
            // Of a family that no packet comes by nobody expects anything.
            let both = four.zip(six).filter(|(four, six)| ![four, six].contains(&&&Reach::Unreachable));
            both.is_some_and(|(four, six)| four.is_open() != six.is_open())
        };
        Origin::ALL.iter().any(differs)
    }

    /// Whether it is reached from outside although our own rules alone would not let that in.
    #[must_use]
    pub const fn is_around_our_firewall(&self) -> bool {
        self.is_around
    }
}
