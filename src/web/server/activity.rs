//! Whether a connection is at work, so that an idle one can be closed.

use tokio::{sync::watch, time::timeout};

use super::limits;

/// Counts the requests in progress on one connection.
#[derive(Debug, Clone)]
pub(super) struct Activity(watch::Sender<Requests>);

#[derive(Debug, Clone, Copy, Default)]
struct Requests {
    running: usize,
    seen: bool,
}

/// A request in progress; dropping it ends it.
#[derive(Debug)]
pub(super) struct Running(watch::Sender<Requests>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|requests| requests.running -= 1);
    }
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Requests::default()))
    }

    pub(super) fn begin(&self) -> Running {
        self.0.send_modify(|requests| *requests = Requests { running: requests.running + 1, seen: true });
        Running(self.0.clone())
    }

    /// Returns once no request has been in progress for as long as a connection may rest.
    pub(super) async fn rested(&self) {
        let mut requests = self.0.subscribe();
        loop {
            let now = *requests.borrow_and_update();
            let patience = if now.seen { limits::IDLE } else { limits::FIRST_REQUEST };
            let changed = requests.changed();
            if now.running > 0 {
                let _ = changed.await;
            } else if timeout(patience, changed).await.is_err() {
                return;
            }
        }
    }
}
