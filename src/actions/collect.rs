//! Receipts of packets: where they are read, how that goes, and whether rows and counters agree.

use std::os::fd::OwnedFd;

use super::{Actions, HelperFault, HelperSocket};
use crate::{
    firewall::{Ruleset, blocked::gives_receipts, enforcement::Count},
    store::Error,
};

/// How collecting goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collecting {
    /// Whether receipts are read at the moment.
    pub is_reading: bool,
    /// Why nothing is read or nothing stored, in words; none when all is well.
    pub fault: Option<String>,
    /// Packets that came too fast for the kernel to hand them over, since the panel started. They are counted all the same,
    /// and put down as not itemised.
    pub lost: u64,
    /// Packets that somebody else's rule sends to our group.
    pub foreign: u64,
    /// Packets that found no room in memory, because the database took nothing for long.
    pub forgotten: u64,
}

impl Actions {
    /// How collecting goes. Asks nobody.
    #[must_use]
    pub fn collecting(&self) -> Collecting {
        self.shared.collecting.borrow().clone()
    }

    /// Says how collecting goes.
    pub fn note_collecting(&self, change: impl FnOnce(&mut Collecting)) {
        self.shared.collecting.send_modify(change);
    }

    /// Asks the helper for the socket that receipts are read from.
    ///
    /// # Errors
    /// [`HelperFault`]; refused as taken as long as it is open anywhere.
    pub async fn open_nflog(&self) -> Result<OwnedFd, HelperFault> {
        self.ask_helper(HelperSocket::open_nflog).await
    }

    /// Enters what the counters show into the books. By then what had come before they were read must be stored.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn balance_blocked(&self, minute: i64, counts: Vec<Count>) -> Result<(), Error> {
        let ruleset = self.outline_in_force().await?;
        let counts: Vec<(Count, bool)> =
            counts.into_iter().map(|count| (count, gives_receipts(count.line, ruleset.parts()))).collect();
        self.store().upkeep().balance_blocked(minute, &counts).await
    }

    /// Forgets a little of what is old or too much. Tells whether there may be more.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn forget_blocked(&self) -> Result<bool, Error> {
        let (now, retention) = (self.now(), self.store().find_retention().await?);
        self.store().upkeep().delete_old_blocked(now, retention.oldest(now), retention.bytes()).await
    }

    /// The ruleset in force without the entries of its lists. In an emergency it is the helper's own, which drops by
    /// default as a new one does.
    async fn outline_in_force(&self) -> Result<Ruleset, Error> {
        let view = self.firewall();
        let is_ours = view.enforcement.as_ref().is_some_and(|enforcement| enforcement.mode.is_of_revision());
        let Some(number) = view.pending().or(view.confirmed()).filter(|_| is_ours) else {
            return Ok(Ruleset::default());
        };
        Ok(self.store().find_outline(number).await?.unwrap_or_default())
    }
}
