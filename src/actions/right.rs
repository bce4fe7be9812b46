//! What each role may do: one table. Every verb that changes something asks it, and pages ask it what to offer.

use super::SignedIn;
use crate::store::{Error, Role};

/// What somebody may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Change what concerns only oneself: password, colours, sessions, saved filters.
    OwnAccount,
    /// Let an address in or keep it out for a time, and lift a ban.
    Ban,
    /// Confirm what was applied, give it more time, or roll it back.
    Answer,
    /// Write down what is known of an address.
    NoteAddress,
    /// Change rules, lists and services, and apply that.
    ChangeRules,
    /// Close ports by stopping what listens, and take that back.
    ClosePorts,
    /// Turn the firewall off.
    TurnOff,
    /// See who did what from where, and take it out as a file.
    SeeAudit,
    /// Make, change and remove accounts, and end other people's sessions.
    ManagePeople,
    /// Choose what holds for the panel as a whole.
    ChangeSettings,
}

impl Right {
    /// Every right, the least first.
    pub const ALL: [Self; 10] = [
        Self::OwnAccount,
        Self::Ban,
        Self::Answer,
        Self::NoteAddress,
        Self::ChangeRules,
        Self::ClosePorts,
        Self::TurnOff,
        Self::SeeAudit,
        Self::ManagePeople,
        Self::ChangeSettings,
    ];

    /// The lowest role that has it.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::OwnAccount => Role::Viewer,
            Self::Ban | Self::Answer | Self::NoteAddress => Role::Operator,
            Self::ChangeRules
            | Self::ClosePorts
            | Self::TurnOff
            | Self::SeeAudit
            | Self::ManagePeople
            | Self::ChangeSettings => Role::Administrator,
        }
    }
}

/// Why an act wasn't done that can fail in no other way.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The account may not.
    #[error("your account may not do this")]
    Forbidden,
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl SignedIn {
    /// Whether whoever is signed in has the right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.user.role >= right.role() && (!self.owes_factor || right == Right::OwnAccount)
    }

    /// Some for whoever has the right.
    pub(super) fn need(&self, right: Right) -> Option<()> {
        self.may(right).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_what_it_is_for() {
        let rights = |role: Role| Right::ALL.into_iter().filter(|right| role >= right.role()).collect::<Vec<_>>();
        assert_eq!(rights(Role::Viewer), [Right::OwnAccount]);
        assert_eq!(rights(Role::Operator), [Right::OwnAccount, Right::Ban, Right::Answer, Right::NoteAddress]);
        assert_eq!(rights(Role::Administrator), Right::ALL);
    }
}
