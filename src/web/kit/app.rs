//! What every handler can reach.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use super::{MetricsKey, Names};
use crate::{
    actions::{Actions, ListenersView},
    firewall::Moment,
    web::server::{Seats, limits},
};

/// How long after somebody looked at the list of ports it is kept fresh.
const WATCHED_FOR: Duration = Duration::from_mins(1);

/// The state of the router. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    actions: Actions,
    names: Names,
    seats: Seats,
    host: String,
    first_account: Notify,
    looked_at: Mutex<Option<Instant>>,
    looked: Notify,
    live: Arc<Semaphore>,
    metrics_key: MetricsKey,
    ended: watch::Sender<bool>,
}

impl App {
    /// Puts the state together; `host` is the name shown on pages.
    #[must_use]
    pub fn new(actions: Actions, names: Names, seats: Seats, host: String) -> Self {
        Self(Arc::new(Parts {
            actions,
            names,
            seats,
            host,
            first_account: Notify::new(),
            looked_at: Mutex::default(),
            looked: Notify::new(),
            live: Arc::new(Semaphore::new(limits::LIVE_PAGES)),
            metrics_key: MetricsKey::default(),
            ended: watch::Sender::new(false),
        }))
    }

    /// Every change there is.
    #[must_use]
    pub fn actions(&self) -> &Actions {
        &self.0.actions
    }

    /// The host's name as shown on pages.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// Rings when the first account has been made and the setup link is void.
    #[must_use]
    pub fn first_account(&self) -> &Notify {
        &self.0.first_account
    }

    /// The sockets that accept, as listed last. Looking has the list kept fresh for a while.
    #[must_use]
    pub fn listeners(&self) -> ListenersView {
        *self.looked_at() = Some(Instant::now());
        self.0.looked.notify_one();
        self.0.actions.listeners()
    }

    /// Whether somebody looked at the list of ports a short while ago.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.looked_at().is_some_and(|at| at.elapsed() < WATCHED_FOR)
    }

    /// Returns when somebody looks at the list of ports, or has since this was last called.
    pub async fn looked(&self) {
        self.0.looked.notified().await;
    }

    /// A place among the pages that are kept fresh by events; none while all are taken.
    #[must_use]
    pub fn live_seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.live).try_acquire_owned().ok()
    }

    /// Ends all pages that are kept fresh, so that they don't hold a stop up.
    pub fn end_live_pages(&self) {
        self.0.ended.send_replace(true);
    }

    /// Returns when they are to end.
    pub async fn live_pages_end(&self) {
        let _ = self.0.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// Who may read the panel's figures; nobody at first.
    #[must_use]
    pub fn metrics_key(&self) -> &MetricsKey {
        &self.0.metrics_key
    }

    fn looked_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the panel's certificate is over at that moment.
    #[must_use]
    pub fn is_certificate_over(&self, moment: Moment) -> bool {
        self.0.names.is_certificate_over(moment)
    }

    pub(super) fn names(&self) -> &Names {
        &self.0.names
    }

    pub(super) fn seats(&self) -> &Seats {
        &self.0.seats
    }
}
