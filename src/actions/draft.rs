//! What an administrator has staged: a copy of the ruleset in force that only he sees until he applies it.

use std::sync::Arc;

use super::{Actions, Origin, Right, SignedIn};
use crate::{
    firewall::{
        Problem, RuleId, Ruleset, Surroundings, TooMany,
        changes::{RulesetChange, between},
        check,
        edit::{Edit, EditProblem},
        merge::{self, Conflict},
    },
    store::{self, Entry, Verb},
};

/// The longest detail of an audit row.
const LONGEST_DETAIL: usize = 500;

/// A user's draft beside what is in force.
#[derive(Debug, Clone)]
pub struct DraftView {
    /// What he works on; what is in force if he changed nothing.
    pub ruleset: Ruleset,
    /// The confirmed revision that it was begun from; none if there was none.
    pub base: Option<u64>,
    /// The confirmed ruleset; the default one if there is none.
    pub running: Ruleset,
    /// How the draft differs from what it was begun from.
    pub changes: Vec<RulesetChange>,
    /// Whether another revision was confirmed since.
    pub is_stale: bool,
    /// What is wrong with it, errors first.
    pub problems: Vec<Problem>,
}

/// Why an edit wasn't staged.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The account may not.
    #[error("your account may not change rules")]
    Forbidden,
    /// What it is about isn't there, or must not be.
    #[error(transparent)]
    Edit(#[from] EditProblem),
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why a draft wasn't changed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The account may not.
    #[error("your account may not change rules")]
    Forbidden,
    /// There is no such revision, or no draft.
    #[error("there is nothing of that number any more")]
    NotThere,
    /// Merged, there would be more than Portreeve handles.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Actions {
    /// A user's draft. Without one it equals what is in force.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn draft(&self, signed_in: &SignedIn) -> Result<DraftView, store::Error> {
        let (confirmed, running) = self.running().await?;
        let Some(draft) = self.store().find_draft(signed_in.user.id).await? else {
            let ruleset = Ruleset::clone(&running);
            let (problems, running) = (self.problems(&ruleset), Ruleset::clone(&running));
            return Ok(DraftView { ruleset, base: confirmed, running, changes: Vec::new(), is_stale: false, problems });
        };
        let base = self.base(draft.base, confirmed, &running).await?;
        Ok(DraftView {
            changes: between(&base, &draft.ruleset),
            problems: self.problems(&draft.ruleset),
            is_stale: draft.base != confirmed,
            base: draft.base,
            running: Ruleset::clone(&running),
            ruleset: draft.ruleset,
        })
    }

    /// The last confirmed revision and what it holds. One that was confirmed on the console is asked for.
    pub(super) async fn running(&self) -> Result<(Option<u64>, Arc<Ruleset>), store::Error> {
        let view = self.firewall();
        let confirmed = match view.enforcement {
            Some(enforcement) => enforcement.confirmed,
            None => self.store().find_confirmed().await?,
        };
        let Some(number) = confirmed else { return Ok((None, Arc::default())) };
        if let Some(ruleset) = self.store().ruleset_of(number).await? {
            return Ok((confirmed, Arc::new(ruleset)));
        }
        if let Err(error) = self.adopt(number).await {
            tracing::debug!(%error, "somebody else wrote the revision down at the same time");
        }
        // Rules that nobody knows must not be taken for none.
        let ruleset = self.store().ruleset_of(number).await?;
        let ruleset = ruleset.ok_or(store::Error::Inconsistent { table: "revision", column: "number" })?;
        Ok((confirmed, Arc::new(ruleset)))
    }

    async fn base(
        &self,
        base: Option<u64>,
        confirmed: Option<u64>,
        running: &Arc<Ruleset>,
    ) -> Result<Arc<Ruleset>, store::Error> {
        match base {
            base if base == confirmed => Ok(Arc::clone(running)),
            Some(number) => Ok(Arc::new(self.store().ruleset_of(number).await?.unwrap_or_default())),
            None => Ok(Arc::default()),
        }
    }

    /// What the helper's survey and the clock say of the host.
    pub(super) fn surroundings(&self) -> Surroundings {
        let survey = self.survey();
        let interfaces = (!survey.interfaces.is_empty()).then(|| survey.interfaces.iter().cloned().collect());
        Surroundings { now: self.now(), interfaces, networks: survey.networks() }
    }

    fn problems(&self, ruleset: &Ruleset) -> Vec<Problem> {
        match check(ruleset.clone(), &self.surroundings()) {
            Ok(checked) => checked.warnings().to_vec(),
            Err(problems) => problems,
        }
    }

    /// An id that no rule has had.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn new_rule_id(&self) -> Result<RuleId, store::Error> {
        self.store().upkeep().take_rule_id().await
    }

    /// Stages an edit. An edit that leads back to what is in force leaves no draft.
    ///
    /// # Errors
    /// [`EditError`]; the draft is as it was then.
    pub async fn edit_draft(&self, signed_in: &SignedIn, edit: Edit, origin: &Origin) -> Result<(), EditError> {
        signed_in.need(Right::ChangeRules).ok_or(EditError::Forbidden)?;
        let _staging = self.shared.firewall.staging.lock().await;
        let draft = self.draft(signed_in).await?;
        let ruleset = edit.apply(draft.ruleset.clone())?;
        let edited = sentences(&between(&draft.ruleset, &ruleset));
        self.stage(signed_in, origin, draft.base, &ruleset, Entry::done(Verb::EditDraft, "draft").with_detail(edited))
            .await?;
        Ok(())
    }

    /// Stores a draft, or forgets it if it changes nothing.
    pub(super) async fn stage(
        &self,
        signed_in: &SignedIn,
        origin: &Origin,
        base: Option<u64>,
        ruleset: &Ruleset,
        entry: Entry,
    ) -> Result<(), store::Error> {
        let (confirmed, running) = self.running().await?;
        let begun = self.base(base, confirmed, &running).await?;
        let changes = between(&begun, ruleset).len();
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        if changes == 0 {
            tx.delete_draft(signed_in.user.id).await?;
        } else {
            tx.set_draft(signed_in.user.id, base, ruleset, changes).await?;
        }
        tx.commit(entry).await
    }

    /// Throws a user's staged changes away.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn discard_draft(&self, signed_in: &SignedIn, origin: &Origin) -> Result<(), DraftError> {
        signed_in.need(Right::ChangeRules).ok_or(DraftError::Forbidden)?;
        let _staging = self.shared.firewall.staging.lock().await;
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        tx.delete_draft(signed_in.user.id).await?;
        Ok(tx.commit(Entry::done(Verb::DiscardDraft, "draft")).await?)
    }

    /// Puts a user's staged changes on top of the revision in force; says what of them is lost, because somebody else
    /// changed the same.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn rebase_draft(&self, signed_in: &SignedIn, origin: &Origin) -> Result<Vec<Conflict>, DraftError> {
        signed_in.need(Right::ChangeRules).ok_or(DraftError::Forbidden)?;
        let _staging = self.shared.firewall.staging.lock().await;
        let (confirmed, running) = self.running().await?;
        let draft = self.store().find_draft(signed_in.user.id).await?.ok_or(DraftError::NotThere)?;
        let base = self.base(draft.base, confirmed, &running).await?;
        let merged = merge::three_way(&base, &draft.ruleset, &running)?;
        let entry = Entry::done(Verb::RebaseDraft, "draft");
        self.stage(signed_in, origin, confirmed, &merged.ruleset, entry).await?;
        Ok(merged.conflicts)
    }

    /// What merging would lose.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn conflicts(&self, draft: &DraftView) -> Result<Vec<Conflict>, store::Error> {
        let (confirmed, running) = self.running().await?;
        let base = self.base(draft.base, confirmed, &running).await?;
        Ok(merge::three_way(&base, &draft.ruleset, &running).map(|merged| merged.conflicts).unwrap_or_default())
    }

    /// Stages the way back to what a revision held.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn return_to(&self, signed_in: &SignedIn, number: u64, origin: &Origin) -> Result<(), DraftError> {
        signed_in.need(Right::ChangeRules).ok_or(DraftError::Forbidden)?;
        let _staging = self.shared.firewall.staging.lock().await;
        let (confirmed, _) = self.running().await?;
        let ruleset = self.store().ruleset_of(number).await?.ok_or(DraftError::NotThere)?;
        let entry = Entry::done(Verb::StageWayBack, format!("to revision {number}"));
        Ok(self.stage(signed_in, origin, confirmed, &ruleset, entry).await?)
    }

    /// Stages what undoes the change of one revision and nothing else. Says what of it can't be undone, because it was
    /// changed again since.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn revert(
        &self,
        signed_in: &SignedIn,
        number: u64,
        origin: &Origin,
    ) -> Result<Vec<Conflict>, DraftError> {
        signed_in.need(Right::ChangeRules).ok_or(DraftError::Forbidden)?;
        let _staging = self.shared.firewall.staging.lock().await;
        let revision = self.store().find_revision(number).await?.ok_or(DraftError::NotThere)?;
        let after = self.store().ruleset_of(number).await?.ok_or(DraftError::NotThere)?;
        let before = match revision.parent {
            Some(parent) => self.store().ruleset_of(parent).await?.ok_or(DraftError::NotThere)?,
            None => Ruleset::default(),
        };
        let (confirmed, running) = self.running().await?;
        let merged = merge::three_way(&after, &before, &running)?;
        let entry = Entry::done(Verb::StageWayBack, format!("from revision {number}"));
        self.stage(signed_in, origin, confirmed, &merged.ruleset, entry).await?;
        Ok(merged.conflicts)
    }
}

/// Changes as one line that fits into a log.
pub(super) fn sentences(changes: &[RulesetChange]) -> String {
    let sentences: Vec<String> = changes.iter().map(ToString::to_string).collect();
    sentences.join("; ").chars().take(LONGEST_DETAIL).collect()
}
