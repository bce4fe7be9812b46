//! From how far a port can be reached, as the page groups its rows.

use crate::firewall::{
    Family,
    exposure::{Exposure, Origin, Reach, Scope},
};

/// The farthest place, farthest first; what can't be told stands where it can't be overlooked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Everybody, or everybody but some.
    World,
    /// It can't be told.
    Unclear,
    /// Some named addresses of the world.
    Some,
    /// The networks this host is in.
    Networks,
    /// Containers and virtual machines of this host.
    Containers,
    /// Programs of this host.
    Host,
}

impl Place {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 6] = [Self::World, Self::Unclear, Self::Some, Self::Networks, Self::Containers, Self::Host];

    pub(super) fn of(exposure: &Exposure) -> Self {
        match exposure.widest() {
            Scope::World { .. } if names_all(exposure) => Self::Some,
            Scope::World { .. } => Self::World,
            Scope::Networks { .. } => Self::Networks,
            Scope::Containers { .. } => Self::Containers,
            Scope::HostOnly => Self::Host,
            Scope::CantTell => Self::Unclear,
        }
    }

    /// The value in the address and the class of the tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Unclear => "unclear",
            Self::Some => "some",
            Self::Networks => "networks",
            Self::Containers => "containers",
            Self::Host => "host",
        }
    }

    /// The word on a tag and in the filter.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::World => "World",
            Self::Unclear => "Can’t tell",
            Self::Some => "Some addresses",
            Self::Networks => "My networks",
            Self::Containers => "Containers",
            Self::Host => "This host",
        }
    }

    /// The heading of the group.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::World => "Open to the world",
            Self::Unclear => "Can’t tell",
            Self::Some => "Open to some addresses",
            Self::Networks => "Open to my networks",
            Self::Containers => "Open to containers",
            Self::Host => "This host only",
        }
    }

    /// What the group means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::World => "Anybody on the internet gets through, as far as this host is concerned.",
            Self::Unclear => "A rule of another program isn’t understood. Take it for open until you have looked.",
            Self::Some => "Only the addresses that a rule names get through.",
            Self::Networks => "Reached from the networks this host is in, not from the internet.",
            Self::Containers => "Reached from containers and virtual machines on this host, not from outside.",
            Self::Host => "Only programs on this host connect: it is bound so, or shut to everybody else.",
        }
    }

    /// The symbol in the sprite.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::World => "everywhere",
            Self::Unclear => "question",
            Self::Some => "list",
            Self::Networks => "single",
            Self::Containers => "box",
            Self::Host => "house",
        }
    }

    /// The class of the tag.
    #[must_use]
    pub const fn tone(self) -> &'static str {
        match self {
            Self::World => "every",
            Self::Unclear => "warn",
            Self::Some | Self::Networks | Self::Containers => "some",
            Self::Host => "host",
        }
    }
}

/// Whether of the world only those get through whom a rule names.
fn names_all(exposure: &Exposure) -> bool {
    let reaches = Family::BOTH.into_iter().filter_map(|family| exposure.answer(Origin::World, family));
    reaches.map(|answer| &answer.reach).filter(|reach| reach.is_open()).all(is_limited)
}

/// The words of the evaluation say it: `only from 203.0.113.0/24`, not `unless banned`.
fn is_limited(reach: &Reach) -> bool {
    matches!(reach, Reach::Partly(words) if ["only from ", "only if "].iter().any(|start| words.starts_with(start)))
}
