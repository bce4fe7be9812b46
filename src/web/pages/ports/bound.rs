//! Which local addresses a port answers on.

use crate::firewall::{Listener, listener::Bind};

/// How far a port's local addresses extend, widest first. This is no statement about firewalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// Every address of at least one family.
    Every,
    /// Named addresses or interfaces, one of them not loopback.
    Named,
    /// Loopback.
    Host,
}

impl Bound {
    /// Every class, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Every, Self::Named, Self::Host];

    /// The class of one socket.
    #[must_use]
    pub fn of(listener: &Listener) -> Self {
        match (listener.bind, listener.interface.as_deref()) {
            (_, Some("lo")) => Self::Host,
            (bind, _) if bind.is_loopback() => Self::Host,
            (_, Some(_)) | (Bind::Address(_), None) => Self::Named,
            (Bind::Any4 | Bind::Any6 | Bind::AnyDual, None) => Self::Every,
        }
    }

    /// The value in the address and the class of the tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Named => "some",
            Self::Host => "host",
        }
    }

    /// The words of the group and of the filter.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Every => "Every address",
            Self::Named => "Single addresses",
            Self::Host => "This host only",
        }
    }

    /// The class inside a sentence: "9 on every address".
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Every => "on every address",
            Self::Named => "on single addresses",
            Self::Host => "for this host only",
        }
    }

    /// What the class means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Every => "Any address of this host answers. Who gets that far is up to the firewalls in between.",
            Self::Named => "Only the named addresses or interfaces of this host answer.",
            Self::Host => "Only programs on this host can connect.",
        }
    }

    /// The symbol in the sprite.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Every => "everywhere",
            Self::Named => "single",
            Self::Host => "house",
        }
    }
}
