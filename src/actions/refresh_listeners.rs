//! What listens on the host, as the helper told it last.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::{
    sync::{Mutex, watch},
    task::spawn_blocking,
};

use super::{Actions, HelperSocket};
use crate::firewall::{Listing, Moment};

/// The last list the helper gave, and why there is no newer one.
#[derive(Debug, Clone, Default)]
pub struct ListenersView {
    /// Every socket that accepts.
    pub listing: Arc<Listing>,
    /// When they were listed; none before the first list.
    pub taken_at: Option<Moment>,
    /// Why the latest refresh failed; none when it didn't. The list is then the one before.
    pub fault: Option<String>,
}

#[derive(Debug)]
pub(super) struct Listeners {
    helper: HelperSocket,
    view: watch::Sender<ListenersView>,
    asking: Mutex<()>,
    answers: AtomicU64,
}

impl Listeners {
    pub(super) fn new(helper: HelperSocket) -> Self {
        let (view, _) = watch::channel(ListenersView::default());
        Self { helper, view, asking: Mutex::new(()), answers: AtomicU64::new(0) }
    }
}

impl Actions {
    /// The list as of the last refresh. Asks nobody.
    #[must_use]
    pub fn listeners(&self) -> ListenersView {
        self.shared.listeners.view.borrow().clone()
    }

    /// Asks the helper for a new list and waits for it. Who calls while another call waits shares its answer. A fault is
    /// part of the view, beside the last good list.
    pub async fn refresh_listeners(&self) {
        let shared = &self.shared.listeners;
        let answers = shared.answers.load(Ordering::SeqCst);
        let _asking = shared.asking.lock().await;
        if shared.answers.load(Ordering::SeqCst) > answers {
            return;
        }
        let helper = shared.helper.clone();
        let answer = match spawn_blocking(move || helper.list_listeners()).await {
            Ok(answer) => answer.map_err(|fault| fault.to_string()),
            Err(_) => Err("the question to the helper broke off".to_owned()),
        };
        let now = self.now();
        shared.view.send_modify(|view| match answer {
            Ok(listing) => *view = ListenersView { listing: Arc::new(listing), taken_at: Some(now), fault: None },
            Err(fault) => view.fault = Some(fault),
        });
        shared.answers.fetch_add(1, Ordering::SeqCst);
    }
}
