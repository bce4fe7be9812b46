//! What the firewall enforces, as the helper told it last, and what follows from that for the store and for open
//! connections.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, sync::watch, task::spawn_blocking};

use super::{Actions, BansView, DriftView, HelperFault, HelperSocket};
use crate::{
    firewall::{
        AddressRange, Moment,
        enforcement::{Enforcement, Mode, RollBackCause, Survey},
    },
    store::{self, Actor, Ending, Entry, NewRevision, Verb},
};

/// What the helper said last, and why it didn't say more since.
#[derive(Debug, Clone, Default)]
pub struct FirewallView {
    /// What it enforced; none before its first answer.
    pub enforcement: Option<Enforcement>,
    /// Why the latest question failed; none when it didn't. The rest is then what it said before.
    pub fault: Option<String>,
    /// When it was last asked with success.
    pub taken_at: Option<Moment>,
    /// When the pending revision is rolled back.
    pub deadline: Option<Instant>,
}

impl FirewallView {
    /// The last confirmed revision.
    #[must_use]
    pub fn confirmed(&self) -> Option<u64> {
        self.enforcement.as_ref().and_then(|enforcement| enforcement.confirmed)
    }

    /// The revision that waits for its confirmation.
    #[must_use]
    pub fn pending(&self) -> Option<u64> {
        self.enforcement.as_ref().and_then(|enforcement| enforcement.pending).map(|pending| pending.revision)
    }

    /// The highest number of a revision that the helper told of; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> u64 {
        let rolled_back = self.enforcement.as_ref().and_then(|enforcement| enforcement.rolled_back);
        let rolled_back = rolled_back.map(|rolled_back| rolled_back.revision);
        self.pending().max(self.confirmed()).max(rolled_back).unwrap_or(0)
    }
}

/// The panel's share of the firewall.
#[derive(Debug)]
pub(super) struct Firewall {
    pub(super) helper: HelperSocket,
    view: watch::Sender<FirewallView>,
    survey: watch::Sender<Arc<Survey>>,
    pub(super) drift: watch::Sender<Arc<DriftView>>,
    pub(super) bans: watch::Sender<BansView>,
    commits: watch::Sender<Option<Instant>>,
    /// Held while a ruleset is applied or its end is written down.
    pub(super) acting: Mutex<()>,
    /// Who applies one now.
    pub(super) applying: watch::Sender<Option<String>>,
    /// Held while a draft is read, changed and written, so that no edit is lost to another.
    pub(super) staging: Mutex<()>,
    /// Held from a question to the helper until its answer is taken in, so that answers are taken in in their order.
    asking: Mutex<()>,
}

const CONFIRMED_ELSEWHERE: &str = "confirmed outside the panel";

/// What makes up the ruleset in the kernel.
type InForce = (Mode, Option<u64>);

fn in_force(enforcement: &Enforcement) -> InForce {
    let revision = enforcement.pending.map(|pending| pending.revision).or(enforcement.confirmed);
    (enforcement.mode, revision)
}

impl Firewall {
    pub(super) fn new(helper: HelperSocket) -> Self {
        Self {
            helper,
            view: watch::Sender::default(),
            survey: watch::Sender::default(),
            drift: watch::Sender::default(),
            bans: watch::Sender::default(),
            commits: watch::Sender::default(),
            acting: Mutex::default(),
            applying: watch::Sender::default(),
            staging: Mutex::default(),
            asking: Mutex::default(),
        }
    }

    /// Takes in what the helper says. Whatever changed the ruleset in the kernel, connections from before prove nothing
    /// any more. A process that starts in the middle of a window doesn't know when it began; now is late enough.
    fn note(&self, enforcement: Enforcement, now: Moment) {
        let at = Instant::now();
        let deadline = enforcement.pending.map(|pending| at + Duration::from_millis(pending.millis_left));
        let before = self.view.borrow().enforcement.as_ref().map(in_force);
        let is_first = before.is_none() && enforcement.pending.is_none();
        if before != Some(in_force(&enforcement)) && !is_first {
            self.commits.send_replace(Some(at));
        }
        let enforcement = Some(enforcement);
        self.view.send_replace(FirewallView { enforcement, fault: None, taken_at: Some(now), deadline });
    }
}

impl Actions {
    /// What the helper said last. Asks nobody.
    #[must_use]
    pub fn firewall(&self) -> FirewallView {
        self.shared.firewall.view.borrow().clone()
    }

    /// The host's place in its networks, as the helper told it last.
    #[must_use]
    pub fn survey(&self) -> Arc<Survey> {
        self.shared.firewall.survey.borrow().clone()
    }

    /// Who was banned when the helper was last asked.
    #[must_use]
    pub fn bans(&self) -> Vec<AddressRange> {
        self.shared.firewall.bans.borrow().bans.iter().map(|ban| ban.addresses).collect()
    }

    /// When the ruleset in the kernel last changed, as far as this process saw: a connection that was accepted before is
    /// no proof that the rules in force let anybody in.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<Option<Instant>> {
        self.shared.firewall.commits.subscribe()
    }

    /// Asks the helper what it enforces, and writes down how revisions ended since. A fault is part of the view.
    pub async fn refresh_firewall(&self) {
        match self.act(HelperSocket::read_state).await {
            Ok(()) => self.write_endings().await,
            Err(fault) => self.shared.firewall.view.send_modify(|view| view.fault = Some(fault.to_string())),
        }
    }

    /// Asks the helper for the host's place in its networks, for bans, and for what another program changed. What can't
    /// be read stays as it was.
    pub async fn refresh_surroundings(&self) {
        match self.ask_helper(HelperSocket::read_bans).await {
            Ok(found) => {
                let view = BansView { bans: Arc::new(found), taken_at: Some(self.now()) };
                self.shared.firewall.bans.send_replace(view);
            }
            Err(fault) => tracing::debug!(%fault, "the bans could not be read"),
        }
        match self.ask_helper(HelperSocket::read_survey).await {
            Ok(found) => drop(self.shared.firewall.survey.send_replace(Arc::new(found))),
            Err(fault) => tracing::debug!(%fault, "the host could not be surveyed"),
        }
        self.refresh_drift().await;
    }

    /// Asks the helper for something that is answered with what it enforces then, and takes that in.
    pub(super) async fn act(
        &self,
        question: impl FnOnce(&HelperSocket) -> Result<Enforcement, HelperFault> + Send + 'static,
    ) -> Result<(), HelperFault> {
        let _asking = self.shared.firewall.asking.lock().await;
        let enforcement = self.ask_helper(question).await?;
        self.shared.firewall.note(enforcement, self.now());
        Ok(())
    }

    /// Writes down what became of revisions, unless somebody is about to.
    pub(super) async fn write_endings(&self) {
        let Ok(_acting) = self.shared.firewall.acting.try_lock() else { return };
        let Some(enforcement) = self.firewall().enforcement else { return };
        if let Err(error) = self.reconcile(&enforcement).await {
            tracing::warn!(%error, "how revisions ended could not be written down; the next look tries again");
        }
    }

    /// Asks the helper on a thread that may block.
    pub(super) async fn ask_helper<T: Send + 'static>(
        &self,
        question: impl FnOnce(&HelperSocket) -> Result<T, HelperFault> + Send + 'static,
    ) -> Result<T, HelperFault> {
        let helper = self.shared.firewall.helper.clone();
        spawn_blocking(move || question(&helper)).await.unwrap_or(Err(HelperFault::WrongAnswer))
    }

    /// Writes down how revisions ended that the store still has as applied, and what the helper has that the store
    /// doesn't know or takes for ended. The helper is right.
    async fn reconcile(&self, enforcement: &Enforcement) -> Result<(), store::Error> {
        let pending = enforcement.pending.map(|pending| pending.revision);
        let open = self.store().list_open_revisions().await?;
        for number in open.iter().copied().filter(|number| Some(*number) != pending) {
            let (ending, reason) = ending(number, enforcement);
            self.end(number, ending, reason).await?;
        }
        if let Some(number) = pending.filter(|pending| !open.contains(pending)) {
            self.reopen(number).await?;
        }
        let known = self.store().find_confirmed().await?;
        let Some(confirmed) = enforcement.confirmed.filter(|confirmed| known != Some(*confirmed)) else {
            return Ok(());
        };
        match self.store().find_revision(confirmed).await? {
            None => self.adopt(confirmed).await,
            Some(revision) if revision.ending == Ending::Confirmed => Ok(()),
            Some(_) => self.end(confirmed, Ending::Confirmed, CONFIRMED_ELSEWHERE).await,
        }
    }

    async fn end(&self, number: u64, ending: Ending, reason: &str) -> Result<(), store::Error> {
        let kept = if ending == Ending::Confirmed { self.store().ruleset_of(number).await? } else { None };
        let mut tx = self.store().write(Actor::System, self.now()).await?;
        tx.end_revision(number, ending, reason).await?;
        if let Some(ruleset) = kept {
            tx.delete_drafts_like(&ruleset).await?;
        }
        tx.commit(Entry::done(Verb::NoteRevision, format!("revision {number}")).with_detail(reason)).await
    }

    /// A revision whose conversation broke off, and which the helper put in force after the panel had given it up.
    async fn reopen(&self, number: u64) -> Result<(), store::Error> {
        if self.store().find_revision(number).await?.is_none() {
            return Ok(());
        }
        let mut tx = self.store().write(Actor::System, self.now()).await?;
        tx.reopen_revision(number).await?;
        tx.commit(Entry::done(Verb::NoteRevision, format!("revision {number}")).with_detail("it is in force after all"))
            .await
    }

    /// Records the confirmed ruleset of a helper that got it from somebody else.
    pub(super) async fn adopt(&self, number: u64) -> Result<(), store::Error> {
        let ruleset = match self.ask_helper(HelperSocket::read_confirmed).await {
            Ok(Some(ruleset)) => ruleset,
            Ok(None) => return Ok(()),
            Err(fault) => {
                tracing::warn!(%fault, "a revision that was applied outside the panel could not be read");
                return Ok(());
            }
        };
        let parent = self.store().find_confirmed().await?.filter(|parent| *parent < number);
        let mut tx = self.store().write(Actor::System, self.now()).await?;
        tx.take_revision_number(number.saturating_sub(1)).await?;
        let sentence = "Applied outside the panel";
        tx.insert_revision(&NewRevision { number, parent, sentence, ruleset: &ruleset }).await?;
        tx.end_revision(number, Ending::Confirmed, CONFIRMED_ELSEWHERE).await?;
        tx.commit(Entry::done(Verb::NoteRevision, format!("revision {number}")).with_detail(sentence)).await
    }
}

/// How a revision ended that isn't pending any more.
fn ending(number: u64, enforcement: &Enforcement) -> (Ending, &'static str) {
    if enforcement.confirmed == Some(number) {
        return (Ending::Confirmed, CONFIRMED_ELSEWHERE);
    }
    let cause = enforcement.rolled_back.filter(|rolled_back| rolled_back.revision == number);
    let reason = match cause.map(|rolled_back| rolled_back.cause) {
        Some(RollBackCause::Silence) => "nobody confirmed it in time",
        Some(RollBackCause::Asked) => "somebody asked for it",
        Some(RollBackCause::Restart) => "the helper or the host was restarted before it was confirmed",
        Some(RollBackCause::Superseded) => "another change came before it was confirmed",
        None => "it isn't in force; the panel didn't see why",
    };
    (Ending::RolledBack, reason)
}
