//! What another program changed in our table: seen, and left as it is if somebody says so.

use std::sync::Arc;

use super::{Actions, ConfirmError, HelperSocket, Origin, Right, SignedIn};
use crate::{
    firewall::enforcement::Drift,
    store::{AcceptedDrift, Entry, Error, Verb, hash_of},
};

/// What another program changed in our table, as of the last look.
#[derive(Debug, Clone, Default)]
pub struct DriftView {
    /// What differs; empty if nothing does.
    pub drift: Vec<Drift>,
    /// The same for the same differences.
    pub hash: String,
    /// Who left exactly this as it is; none if nobody did.
    pub accepted: Option<AcceptedDrift>,
}

impl DriftView {
    /// How many differences wait for somebody's decision.
    #[must_use]
    pub fn undecided(&self) -> usize {
        if self.accepted.is_some() { 0 } else { self.drift.len() }
    }
}

impl Actions {
    /// What another program changed in our table, as of the last look.
    #[must_use]
    pub fn drift(&self) -> Arc<DriftView> {
        self.shared.firewall.drift.borrow().clone()
    }

    pub(super) async fn refresh_drift(&self) {
        let drift = match self.ask_helper(HelperSocket::read_drift).await {
            Ok(drift) => drift,
            Err(fault) => return tracing::debug!(%fault, "our table could not be compared"),
        };
        match self.view(drift).await {
            Ok(view) => drop(self.shared.firewall.drift.send_replace(Arc::new(view))),
            Err(error) => tracing::warn!(%error, "whether a change of our table was accepted could not be read"),
        }
    }

    async fn view(&self, drift: Vec<Drift>) -> Result<DriftView, Error> {
        if drift.is_empty() {
            return Ok(DriftView::default());
        }
        let hash = hash_of(&drift);
        let accepted = self.store().find_accepted_drift().await?.filter(|accepted| accepted.hash == hash);
        Ok(DriftView { drift, hash, accepted })
    }

    /// Leaves what another program changed in our table as it is, until something else changes there or the next
    /// revision replaces the whole table. False if it isn't what was seen any more: nothing was accepted then.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn accept_drift(&self, by: &SignedIn, seen: &str, origin: &Origin) -> Result<bool, ConfirmError> {
        let (confirmed, hash) = (self.firewall().confirmed().unwrap_or(0), seen.to_owned());
        self.carry_out(Verb::AcceptDrift, confirmed, by, origin, move |actions, by, origin| async move {
            by.need(Right::ChangeRules).ok_or(ConfirmError::Forbidden)?;
            actions.refresh_drift().await;
            let view = actions.drift();
            if view.drift.is_empty() || view.hash != hash {
                return Ok(false);
            }
            let accepted = AcceptedDrift { hash, at: actions.now(), by: by.user.name.as_str().to_owned() };
            let mut tx = actions.store().write(by.actor(&origin), actions.now()).await?;
            tx.set_accepted_drift(&accepted).await?;
            tx.commit(Entry::done(Verb::AcceptDrift, "table")).await?;
            let view = DriftView { accepted: Some(accepted), ..DriftView::clone(&view) };
            actions.shared.firewall.drift.send_replace(Arc::new(view));
            Ok(true)
        })
        .await
    }
}
