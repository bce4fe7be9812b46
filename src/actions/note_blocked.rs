//! Writing down what was turned away, and telling whoever watches.

use std::sync::Arc;

use tokio::sync::broadcast;

use super::Actions;
use crate::{
    detect::blocked::Entry,
    firewall::blocked::{Blocked, BlockedId},
    store::Error,
};

/// Batches that a slow watcher may lag behind.
const BATCHES: usize = 32;

/// Who watches the record.
#[derive(Debug)]
pub(super) struct Feed(broadcast::Sender<Arc<[Blocked]>>);

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::Sender::new(BATCHES))
    }
}

impl Actions {
    /// What is stored from now on, batch by batch. A row that grew comes again under its key.
    #[must_use]
    pub fn blocked_feed(&self) -> broadcast::Receiver<Arc<[Blocked]>> {
        self.shared.feed.0.subscribe()
    }

    /// Stores rows with their roll-ups, then tells of them. Gives their keys.
    ///
    /// # Errors
    /// [`Error`] of the database; nothing is stored then and nobody is told.
    pub async fn note_blocked(&self, entries: &[Entry]) -> Result<Vec<BlockedId>, Error> {
        let ids = self.store().upkeep().note_blocked(entries).await?;
        if self.shared.feed.0.receiver_count() > 0 {
            let rows = ids.iter().zip(entries).map(|(id, entry)| row(*id, entry));
            // Nobody may be listening any more.
            let _ = self.shared.feed.0.send(rows.collect());
        }
        Ok(ids)
    }
}

fn row(id: BlockedId, entry: &Entry) -> Blocked {
    Blocked {
        id,
        source: entry.source,
        door: entry.door.clone(),
        source_port: entry.source_port,
        count: entry.count,
        first: entry.first,
        last: entry.last,
    }
}
