//! The page's first line: how many rules, what is in force, what is staged.

use crate::{
    firewall::enforcement::{Enforcement, Mode},
    web::kit::{Stamp, words},
};

use super::sight::Sight;

/// The sentences above the list. They count the whole list, whatever the filter shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What is in force.
    pub sentence: String,
    /// What is staged.
    pub staged: String,
}

impl Answer {
    pub(super) fn new(sight: &Sight<'_>) -> Self {
        let rules = words::count(sight.draft.parts().rules.len(), "rule");
        let sentence = match sight.enforcement {
            None => format!("{rules}. What is in force isn't known, because the helper doesn't answer."),
            Some(enforcement) => format!("{rules}; {}.", state(enforcement, sight)),
        };
        let staged = match sight.staged {
            0 => "Nothing is staged.".to_owned(),
            number => format!("{} staged by you.", words::count(number, "change")),
        };
        Self { sentence, staged }
    }
}

fn state(enforcement: &Enforcement, sight: &Sight<'_>) -> String {
    if let Some(pending) = enforcement.pending {
        return format!("revision {} is in force until it is confirmed or rolled back", pending.revision);
    }
    match (enforcement.mode, enforcement.confirmed) {
        (Mode::Off, _) => "none is in force, because the firewall is not turned on".to_owned(),
        (Mode::Panic, _) => "none is in force, because root ordered that nothing new comes in".to_owned(),
        (Mode::Rescue, _) => "none is in force, only the rescue ruleset".to_owned(),
        (Mode::Enforcing | Mode::Observing, None) => "none is confirmed yet".to_owned(),
        (Mode::Observing, Some(revision)) => format!("revision {revision} is in force and only observes"),
        (Mode::Enforcing, Some(revision)) => match sight.in_force_since {
            Some(since) => {
                let ago = Stamp::new(since, sight.now).words;
                format!("revision {revision} is in force, confirmed {ago}")
            }
            None => format!("revision {revision} is in force"),
        },
    }
}
