//! Whether a connection is at work, so that an idle one can be closed.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
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

impl Running {
    /// The same request, in progress until its answer has been read to the end.
    pub(super) const fn carried_by(self, body: Body) -> Carried {
        Carried { body, _running: self }
    }
}

/// The body of an answer with its request in progress.
pub(super) struct Carried {
    body: Body,
    _running: Running,
}

impl hyper::body::Body for Carried {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
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
