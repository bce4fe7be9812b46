//! Who is banned, as the helper told it last.

use std::sync::Arc;

use super::Actions;
use crate::firewall::{Moment, enforcement::Ban};

/// The last answer of the helper.
#[derive(Debug, Clone, Default)]
pub struct BansView {
    /// The bans, with the time they had left when they were listed.
    pub bans: Arc<Vec<Ban>>,
    /// When they were listed; none before the first answer.
    pub taken_at: Option<Moment>,
}

impl BansView {
    /// The bans with the time that they have left at `now`; those that are over aren't among them.
    pub fn left(&self, now: Moment) -> impl Iterator<Item = Ban> {
        let age = self.taken_at.map_or(0, |taken_at| now.seconds_since(taken_at).max(0));
        let age = u32::try_from(age).unwrap_or(u32::MAX);
        let left = move |ban: &Ban| match ban.seconds {
            None => Some(*ban),
            Some(seconds) => {
                seconds.checked_sub(age).filter(|left| *left > 0).map(|left| Ban { seconds: Some(left), ..*ban })
            }
        };
        self.bans.iter().filter_map(left)
    }
}

impl Actions {
    /// The bans as they were listed last, with the time that they had left then. Asks nobody.
    #[must_use]
    pub fn listed_bans(&self) -> BansView {
        self.shared.firewall.bans.borrow().clone()
    }
}
