//! Reads receipts, folds them and has the rows stored once a second.
//!
//! One thread reads, because the kernel keeps only so many unread receipts: it must never wait for the database.

use std::{
    os::fd::OwnedFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tokio::{
    sync::oneshot,
    time::{interval, sleep},
};

use crate::{
    actions::Actions,
    detect::blocked::Fold,
    firewall::enforcement::Count,
    host::nflog::{Nflog, Tidings},
};

/// How often rows are stored: a crash loses what came since.
const STORE: Duration = Duration::from_secs(1);

/// How long the reader waits for a packet before it looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long after a failure the socket is asked for again.
const AGAIN: Duration = Duration::from_secs(2);

/// Receipts of packets that are counted already have been handed over and read by then: the kernel holds back a lone one
/// for a tenth of a second.
const UNDER_WAY: Duration = Duration::from_millis(400);

/// Brings receipts from the kernel into the database.
#[derive(Debug)]
pub(super) struct Collector {
    actions: Actions,
    share: Arc<Share>,
    /// Held while rows are stored, so that none is stored twice.
    storing: tokio::sync::Mutex<()>,
}

/// What the reading thread and the others share.
#[derive(Debug, Default)]
struct Share {
    fold: Mutex<Fold>,
    tidings: Mutex<Tidings>,
}

impl Collector {
    pub(super) fn new(actions: Actions) -> Self {
        Self { actions, share: Arc::default(), storing: tokio::sync::Mutex::default() }
    }

    /// Keeps a socket open, for ever: a new one when the old one fails, as soon as the helper gives one.
    pub(super) async fn read(&self) {
        loop {
            let fault = match self.actions.open_nflog().await {
                Ok(socket) => self.read_from(socket).await,
                Err(fault) => fault.to_string(),
            };
            if self.actions.collecting().fault.as_ref() != Some(&fault) {
                tracing::warn!(fault, "what is turned away is not recorded, only counted");
            }
            self.actions.note_collecting(|now| (now.is_reading, now.fault) = (false, Some(fault)));
            sleep(AGAIN).await;
        }
    }

    /// Reads until it fails, and says why it did.
    async fn read_from(&self, socket: OwnedFd) -> String {
        let (ended, end) = oneshot::channel();
        let (share, actions) = (Arc::clone(&self.share), self.actions.clone());
        let reader = thread::Builder::new().name("receipts".to_owned());
        if let Err(error) = reader.spawn(move || share.read(Nflog::new(socket), &actions, ended)) {
            return format!("no thread can be started: {error}");
        }
        tracing::info!("what is turned away is recorded");
        self.actions.note_collecting(|now| (now.is_reading, now.fault) = (true, None));
        end.await.unwrap_or_else(|_| "the reader of receipts broke off".to_owned())
    }

    /// Stores what has come, once a second, for ever.
    pub(super) async fn store(&self) {
        let mut ticks = interval(STORE);
        loop {
            ticks.tick().await;
            self.store_now().await;
        }
    }

    /// Stores what has come so far. What can't be stored stays in memory and is tried again, as far as there is room.
    pub(super) async fn store_now(&self) {
        let _storing = self.storing.lock().await;
        let batch = self.share.fold().take();
        let forgotten = self.share.fold().forgotten();
        let tidings = *lock(&self.share.tidings);
        let mut fault = None;
        if !batch.entries.is_empty() {
            match self.actions.note_blocked(&batch.entries).await {
                Ok(ids) => self.share.fold().saved(&batch, &ids),
                Err(error) => fault = Some(error.to_string()),
            }
        }
        self.actions.note_collecting(|now| {
            if now.is_reading && now.fault != fault {
                if let Some(fault) = &fault {
                    tracing::error!(fault, "what is turned away can't be stored and waits in memory");
                }
                now.fault = fault;
            }
            (now.lost, now.foreign, now.forgotten) = (tidings.lost, tidings.foreign, forgotten);
        });
    }

    /// Enters counters that were just read into the books of the minute that they end.
    pub(super) async fn balance(&self, minute: i64, counts: Vec<Count>) {
        sleep(UNDER_WAY).await;
        self.store_now().await;
        if let Err(error) = self.actions.balance_blocked(minute, counts).await {
            tracing::warn!(%error, "the books of what is turned away could not be kept; the next minute makes up for it");
        }
    }
}

impl Share {
    fn fold(&self) -> MutexGuard<'_, Fold> {
        lock(&self.fold)
    }

    fn read(&self, mut nflog: Nflog, actions: &Actions, ended: oneshot::Sender<String>) {
        let mut before = Tidings::default();
        while !ended.is_closed() {
            let read = nflog.read(PATIENCE, |packet| self.fold().add(packet, actions.now()));
            let now = nflog.tidings();
            let mut sum = lock(&self.tidings);
            sum.lost += now.lost - before.lost;
            sum.foreign += now.foreign - before.foreign;
            before = now;
            drop(sum);
            if let Err(error) = read {
                let _ = ended.send(format!("receipts can't be read: {error}"));
                return;
            }
        }
    }
}

/// Nobody leaves anything half done under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
