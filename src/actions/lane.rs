//! A queue in front of work that one may do at a time.

use std::time::Duration;

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// How long anybody stands in a queue before he is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// First come, first served, one at a time; the queue has an end.
#[derive(Debug)]
pub(super) struct Lane {
    permit: Semaphore,
    room: Semaphore,
    capacity: usize,
}

/// The right to do the work, until it is dropped.
#[must_use]
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _permit: SemaphorePermit<'a>,
    _room: SemaphorePermit<'a>,
}

impl Lane {
    /// A lane in which `capacity` may stand, the one at work included.
    pub(super) const fn new(capacity: usize) -> Self {
        Self { permit: Semaphore::const_new(1), room: Semaphore::const_new(capacity), capacity }
    }

    /// Waits for a turn. None when the queue is too long, or the wait was. Half of the queue is kept for those with
    /// `preference`.
    pub(super) async fn enter(&self, preference: bool) -> Option<Turn<'_>> {
        if !preference && self.room.available_permits() <= self.capacity / 2 {
            return None;
        }
        let room = self.room.try_acquire().ok()?;
        let permit = timeout(PATIENCE, self.permit.acquire()).await.ok()?.ok()?;
        Some(Turn { _permit: permit, _room: room })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn half_of_the_queue_is_kept_for_the_preferred_and_the_rest_is_turned_away() {
        let lane = Lane::new(4);
        let first = lane.enter(false).await.unwrap();
        let mut second = Box::pin(lane.enter(false));
        let mut third = Box::pin(lane.enter(true));
        let mut fourth = Box::pin(lane.enter(true));
        for waiting in [&mut second, &mut third, &mut fourth] {
            assert!(futures_poll(waiting).await.is_none());
        }
        assert!(lane.enter(false).await.is_none());
        assert!(lane.enter(true).await.is_none());
        drop(first);
        assert!(second.await.is_some());
    }

    async fn futures_poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        timeout(Duration::ZERO, future).await.ok()
    }
}
