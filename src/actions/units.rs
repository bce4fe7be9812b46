//! What the service manager said last of the units behind the ports, asked off the path of any request.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};

use super::Actions;
use crate::{
    boundary::limits,
    firewall::{
        Listing,
        unit::{UnitFacts, UnitName},
    },
};

/// Units by the name that listeners are listed with.
pub type Units = BTreeMap<String, UnitFacts>;

#[derive(Debug, Default)]
pub(super) struct State {
    view: watch::Sender<Arc<Units>>,
    /// When they were asked for, and which; held while the helper is asked.
    asked: Mutex<Option<(Instant, Vec<UnitName>)>>,
}

impl Actions {
    /// The units behind the ports. Asks nobody.
    #[must_use]
    pub fn units(&self) -> Arc<Units> {
        self.shared.units.view.borrow().clone()
    }

    /// Asks for the units behind the ports if others listen now or what is known is older than `oldest`. On a host without
    /// a service manager nothing is known of them.
    pub async fn refresh_units(&self, oldest: Duration) {
        let names = names(&self.listeners().listing);
        let mut asked = self.shared.units.asked.lock().await;
        let is_known = |(at, of): &(Instant, Vec<UnitName>)| *of == names && at.elapsed() < oldest;
        if names.is_empty() || asked.as_ref().is_some_and(is_known) {
            return;
        }
        let question = names.clone();
        match self.ask_helper(move |helper| helper.read_units(question)).await {
            Ok(facts) => {
                let units = names.iter().map(UnitName::to_string).zip(facts).filter(|(_, facts)| facts.exists());
                self.shared.units.view.send_replace(Arc::new(units.collect()));
            }
            Err(fault) => tracing::debug!(%fault, "the units behind the ports could not be read"),
        }
        *asked = Some((Instant::now(), names));
    }
}

/// As many as one question can carry.
fn names(listing: &Listing) -> Vec<UnitName> {
    let units: BTreeSet<&str> = listing.listeners.iter().filter_map(|listener| listener.unit.as_deref()).collect();
    units.into_iter().filter_map(|unit| UnitName::parse(unit).ok()).take(limits::UNITS).collect()
}
