//! How each rule of the draft differs from what is in force.

use std::collections::BTreeMap;

use crate::{
    firewall::{
        RuleId,
        changes::{Kind, RulesetChange, Thing},
    },
    web::kit::Tag,
};

/// What happened to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It stands elsewhere.
    Moved,
    /// It is gone.
    Removed,
}

impl Mark {
    pub(super) fn tag(self) -> Tag {
        match self {
            Self::Added => Tag::new("draft", "plus", "Added").meaning("Not in force yet."),
            Self::Changed => Tag::new("draft", "pencil", "Changed").meaning("In force as it was before."),
            Self::Moved => Tag::new("draft", "order", "Moved").meaning("In force at its place before."),
            Self::Removed => Tag::new("draft", "bin", "Removed").meaning("Still in force."),
        }
    }
}

/// What happened to each rule that differs.
pub(super) fn of(changes: &[RulesetChange]) -> BTreeMap<RuleId, Mark> {
    let mark = |change: &RulesetChange| match change.thing {
        Thing::Rule(id) => Some((id, change.kind.into())),
        Thing::List(_) | Thing::Service(_) | Thing::Policy => None,
    };
    changes.iter().filter_map(mark).collect()
}

impl From<Kind> for Mark {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Added => Self::Added,
            Kind::Removed => Self::Removed,
            Kind::Changed => Self::Changed,
            Kind::Moved => Self::Moved,
        }
    }
}
