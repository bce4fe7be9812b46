//! What closing ports does to the rules.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::{Actions, CloseError, author::Author, close_admission::Job, draft::sentences};
use crate::{
    firewall::{
        AddressRange, Ports, Ruleset, Text,
        changes::between,
        closing::{self, Bar, Shut},
    },
    store::{self, ClosedPort, Entry, Verb},
};

/// What closing does to a ruleset.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// None if nobody gets in as it is.
    pub(super) change: Option<Shut>,
    /// Who gets in all the same.
    pub(super) still: Vec<AddressRange>,
}

impl Actions {
    /// What shuts ports in a ruleset. Takes a number for a rule only if one is needed.
    pub(super) async fn plan_rules(
        &self,
        ports: &[ClosedPort],
        ruleset: &Arc<Ruleset>,
        author: &Author,
    ) -> Result<Plan, store::Error> {
        let ports: Vec<Ports> = ports.iter().filter_map(ClosedPort::ports).collect();
        let mut shut = self.try_shut(&ports, ruleset, None).await;
        if shut.is_none() {
            let names: Vec<String> = ports.iter().map(ToString::to_string).collect();
            let note = Text::parse(&format!("Closes {}", names.join(", "))).unwrap_or_else(|_| Text::empty());
            let bar = Bar { id: self.new_rule_id().await?, owner: author.owner(), note };
            shut = self.try_shut(&ports, ruleset, Some(bar)).await;
        }
        let still = shut.as_ref().map(|shut| shut.still.clone()).unwrap_or_default();
        Ok(Plan { change: shut.filter(|shut| !shut.touched.is_empty()), still })
    }

    /// Off the runtime's threads: there may be thousands of rules.
    pub(super) async fn try_shut(&self, ports: &[Ports], ruleset: &Arc<Ruleset>, bar: Option<Bar>) -> Option<Shut> {
        let (ports, ruleset, surroundings) = (ports.to_vec(), Arc::clone(ruleset), self.surroundings());
        let shut = spawn_blocking(move || closing::shut(&ruleset, &ports, bar.as_ref(), &surroundings));
        shut.await.unwrap_or_default()
    }

    /// Puts what shuts the ports into the author's draft.
    pub(super) async fn stage_closing(&self, author: &Author, job: &Job) -> Result<(), CloseError> {
        let drafter = author.drafter().ok_or(CloseError::NotNow)?;
        let _staging = self.shared.firewall.staging.lock().await;
        let draft = self.draft(drafter).await?;
        let before = Arc::new(draft.ruleset);
        let Some(change) = self.plan_rules(&job.ports, &before, author).await?.change else { return Ok(()) };
        let edited = sentences(&between(&before, &change.ruleset));
        let entry = Entry::done(Verb::EditDraft, "draft").with_detail(edited);
        Ok(self.stage(drafter, &author.origin, draft.base, &change.ruleset, entry).await?)
    }
}
