//! Who is banned, as the helper told it last.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Actions, HelperSocket};
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

/// The answer for everybody who looks.
#[derive(Debug)]
pub(super) struct Bans(watch::Sender<BansView>);

impl Default for Bans {
    fn default() -> Self {
        Self(watch::channel(BansView::default()).0)
    }
}

impl Actions {
    /// The bans as of the last refresh. Asks nobody.
    #[must_use]
    pub fn bans(&self) -> BansView {
        self.shared.bans.0.borrow().clone()
    }

    /// Asks the helper for the bans. Without an answer the last one stays.
    pub async fn refresh_bans(&self) {
        if let Ok(bans) = self.ask_helper(HelperSocket::read_bans).await {
            self.shared.bans.0.send_replace(BansView { bans: Arc::new(bans), taken_at: Some(self.now()) });
        }
    }
}
