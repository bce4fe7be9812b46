//! Who uses the ports, which listeners came and went, and from which packages they are.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use super::{Actions, SignedIn};
use crate::{
    firewall::{
        Moment,
        package::Packages,
        usage::{Connections, Coverage, ListenerNews, PortUses, Sample, SeenListener, Standing, Tally, remembered_as},
    },
    store::Error,
};

/// What is known, and what is to be written down.
#[derive(Debug, Default)]
pub(super) struct Usage {
    connections: watch::Sender<Arc<Connections>>,
    logins: watch::Sender<BTreeSet<IpAddr>>,
    port_uses: watch::Sender<Arc<PortUses>>,
    packages: watch::Sender<Arc<Packages>>,
    tally: Mutex<Tally>,
    standing: Mutex<(Standing, Option<Moment>)>,
}

impl Actions {
    /// Who was connected at the last look. Asks nobody.
    #[must_use]
    pub fn connections(&self) -> Arc<Connections> {
        self.shared.usage.connections.borrow().clone()
    }

    /// From where people were signed in on the host itself (over SSH) at the last look. Asks nobody.
    #[must_use]
    pub fn logins(&self) -> BTreeSet<IpAddr> {
        self.shared.usage.logins.borrow().clone()
    }

    /// Takes in from where people are signed in on the host itself.
    pub fn note_logins(&self, logins: BTreeSet<IpAddr>) {
        self.shared.usage.logins.send_replace(logins);
    }

    /// Who used the ports on the last days, as of the last minute. Asks nobody.
    #[must_use]
    pub fn port_uses(&self) -> Arc<PortUses> {
        self.shared.usage.port_uses.borrow().clone()
    }

    /// The packages of what listens. Asks nobody.
    #[must_use]
    pub fn packages(&self) -> Arc<Packages> {
        self.shared.usage.packages.borrow().clone()
    }

    /// Takes in the packages of what listens.
    pub fn note_packages(&self, packages: Packages) {
        self.shared.usage.packages.send_replace(Arc::new(packages));
    }

    /// Takes in what a look at the host's sockets found, and what was heard of connections that ended before it.
    pub fn note_connections(&self, heard: &Sample, sample: Sample, coverage: Coverage) {
        let now = self.now();
        let usage = &self.shared.usage;
        let mut tally = usage.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.add(heard, now);
        tally.add(&sample, now);
        let connections = Connections { sample, taken_at: Some(now), fault: None, coverage };
        usage.connections.send_replace(Arc::new(connections));
    }

    /// Takes in that a look failed. What the one before found stays.
    pub fn note_unseen_connections(&self, fault: String) {
        self.shared.usage.connections.send_modify(|connections| {
            *connections = Arc::new(Connections { fault: Some(fault), ..Connections::clone(connections) });
        });
    }

    /// Writes down what was seen since the last time, and forgets what is older than it is kept. For a timer, about once a
    /// minute.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn write_usage(&self) -> Result<(), Error> {
        let usage = &self.shared.usage;
        let now = self.now();
        let upkeep = self.store().upkeep();
        let noted = usage.tally.lock().unwrap_or_else(PoisonError::into_inner).take();
        upkeep.note_port_use(now, &noted).await?;
        upkeep.note_listeners(&self.standing()).await?;
        upkeep.delete_old_port_use(now).await?;
        usage.port_uses.send_replace(Arc::new(self.store().port_uses().await?));
        Ok(())
    }

    /// Who listens for longer than one look; nobody while there is no newer list than the last time.
    fn standing(&self) -> Vec<SeenListener> {
        let view = self.listeners();
        let mut guard = self.shared.usage.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let (standing, noted_at) = &mut *guard;
        let Some(taken_at) = view.taken_at.filter(|taken_at| *noted_at < Some(*taken_at)) else { return Vec::new() };
        *noted_at = Some(taken_at);
        standing.note(&view.listing, taken_at)
    }

    /// Which listeners came and went since the user's last visit, and that this is a visit. Looks that are less than half
    /// an hour apart are one visit, so news stays news while the user reads.
    ///
    /// # Errors
    /// [`Error`] of the database while reading. A visit that can't be noted is no error.
    pub async fn listener_news(&self, user: &SignedIn) -> Result<ListenerNews, Error> {
        if let Err(error) = self.store().upkeep().note_look(user.user.id, self.now()).await {
            tracing::warn!(%error, "a look at the ports could not be noted");
        }
        self.unseen_listeners(user).await
    }

    /// The same without that this counts as a visit.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn unseen_listeners(&self, user: &SignedIn) -> Result<ListenerNews, Error> {
        let view = self.listeners();
        let listens = |seen: &SeenListener| {
            let key = (seen.transport, seen.port, seen.owner.as_str());
            let mut listeners = view.listing.listeners.iter();
            listeners.any(|listener| (listener.transport, listener.port, remembered_as(listener)) == key)
        };
        let mut news = self.store().find_listener_news(user.user.id, self.now(), listens).await?;
        // Nobody is gone only because the helper doesn't answer.
        if view.taken_at.is_none() {
            news.gone.clear();
        }
        Ok(news)
    }
}
