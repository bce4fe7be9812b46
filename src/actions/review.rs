//! What would become of a draft: who gains and who loses, what is wrong, and whether somebody would be locked out.

use std::{iter, sync::Arc};

use tokio::task::spawn_blocking;

use super::{Actions, DraftView, Origin, SignedIn, sign_in::KNOWN_SECONDS};
use crate::{
    boundary::limits,
    firewall::{
        Action, AddressRange, CheckedRuleset, Diff, Direction, Problem, Ruleset, Surroundings,
        changes::RulesetChange,
        check, compile, diff,
        enforcement::{Mode, Survey},
        lockout::{self, Doors, Fate, Lifeline},
        merge::Conflict,
        nft::Present,
        simulate::{Packet, Situation},
    },
    store::{self, AddressPrefix},
};

/// The ports of a host of which nothing else is known.
const USUAL_PANEL: u16 = 8470;
const USUAL_SSH: u16 = 22;

/// More sentences in a revision's own one wouldn't be read.
const LONGEST_SENTENCE: usize = 500;

/// A draft, judged.
#[derive(Debug, Clone)]
pub struct Review {
    /// The draft.
    pub draft: DraftView,
    /// Whose verdict changes; none while errors forbid to compile.
    pub diff: Option<Diff>,
    /// What is wrong, errors first.
    pub problems: Vec<Problem>,
    /// What becomes of everybody who must not be locked out.
    pub fates: Vec<Fate>,
    /// What has to be typed to lock somebody out; none if nobody is.
    pub lockout_phrase: Option<String>,
    /// The transaction for the kernel without the members of lists, one command a line.
    pub nft: String,
    /// The number the draft gets if nobody is faster.
    pub next_revision: u64,
    /// What merging with the revision in force would lose; empty unless the draft is stale.
    pub conflicts: Vec<Conflict>,
    /// The packets that a rehearsal really sends: the ways in, and one for each change of a verdict.
    pub probes: Vec<Packet>,
}

impl Review {
    /// Whether everybody, or everybody but a few, could reach something that is shut now.
    #[must_use]
    pub fn opens_to_everybody(&self) -> bool {
        let opens = |change: &diff::Change| {
            let is_inward = change.direction != Direction::Out;
            let is_new = change.before.action != Action::Allow && change.after.action == Action::Allow;
            is_inward && is_new && change.is_about_everybody()
        };
        self.diff.as_ref().is_some_and(|diff| diff.changes.iter().any(opens))
    }

    /// How the draft differs from what it was begun from.
    #[must_use]
    pub fn changes(&self) -> &[RulesetChange] {
        &self.draft.changes
    }

    /// The sentence that a revision gets if its author gives none.
    #[must_use]
    pub fn sentence(&self) -> String {
        let sentences: Vec<String> = self.draft.changes.iter().map(ToString::to_string).collect();
        sentences.join("; ").chars().take(LONGEST_SENTENCE).collect()
    }
}

/// What is judged off the runtime's threads.
struct Case {
    draft: Ruleset,
    running: Ruleset,
    is_off: bool,
    surroundings: Surroundings,
    survey: Arc<Survey>,
    bans: Vec<AddressRange>,
    lifelines: Vec<Lifeline>,
    doors: Doors,
}

/// What a review finds out.
#[derive(Default)]
pub(super) struct Judgement {
    pub(super) diff: Option<Diff>,
    problems: Vec<Problem>,
    pub(super) fates: Vec<Fate>,
    nft: String,
    probes: Vec<Packet>,
}

impl Actions {
    /// Judges a user's draft against what is in force.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn review(&self, signed_in: &SignedIn, origin: &Origin) -> Result<Review, store::Error> {
        let draft = self.draft(signed_in).await?;
        let view = self.firewall();
        let judgement = self.judge(draft.ruleset.clone(), draft.running.clone(), origin).await?;
        let conflicts = if draft.is_stale { self.conflicts(&draft).await? } else { Vec::new() };
        let newest = self.store().list_revisions(None, 1).await?.first().map_or(0, |revision| revision.number);
        Ok(Review {
            lockout_phrase: phrase(&judgement.fates),
            diff: judgement.diff,
            problems: judgement.problems,
            fates: judgement.fates,
            nft: judgement.nft,
            next_revision: newest.max(view.newest()) + 1,
            conflicts,
            probes: judgement.probes,
            draft,
        })
    }

    /// Judges a ruleset against what is in force.
    pub(super) async fn judge(
        &self,
        draft: Ruleset,
        running: Ruleset,
        origin: &Origin,
    ) -> Result<Judgement, store::Error> {
        let case = Case {
            draft,
            running,
            is_off: self.firewall().enforcement.is_none_or(|enforcement| enforcement.mode == Mode::Off),
            surroundings: self.surroundings(),
            survey: self.survey(),
            bans: self.bans(),
            lifelines: self.lifelines(origin).await?,
            doors: self.doors(),
        };
        Ok(spawn_blocking(move || case.judge()).await.unwrap_or_default())
    }

    /// This browser, who is signed in over SSH, and everywhere an administrator signed in from within 30 days.
    async fn lifelines(&self, origin: &Origin) -> Result<Vec<Lifeline>, store::Error> {
        let since = self.now().plus_seconds(-KNOWN_SECONDS);
        let known = self.store().list_administrators_addresses(since).await?;
        let logins = self.logins().into_iter().map(|address| (address, "signed in on this host now"));
        let known =
            known.iter().map(|prefix| (prefix.address(), "an administrator signed in from there within 30 days"));
        let mut lifelines: Vec<Lifeline> = Vec::new();
        for (address, why) in iter::once((origin.address, "this browser")).chain(logins).chain(known) {
            let prefix = AddressPrefix::of(address);
            let is_told = lifelines.iter().any(|told| AddressPrefix::of(told.address) == prefix);
            if !is_told && !address.is_loopback() {
                lifelines.push(Lifeline { address, why: why.to_owned() });
            }
        }
        Ok(lifelines)
    }

    /// The ports of panel and SSH as they listen now, or as they usually do.
    pub(super) fn doors(&self) -> Doors {
        let listing = self.listeners().listing;
        let ports = |is_it: &dyn Fn(&str) -> bool, usual: u16| {
            let by = |listener: &&crate::firewall::Listener| {
                let unit = listener.unit.as_deref().unwrap_or_default();
                is_it(unit) || listener.processes.iter().any(|process| is_it(&process.name))
            };
            let found = listing.listeners.iter().filter(|one| !one.bind.is_loopback()).filter(by);
            let mut ports: Vec<u16> = found.map(|listener| listener.port).collect();
            ports.sort_unstable();
            ports.dedup();
            if ports.is_empty() { vec![usual] } else { ports }
        };
        let is_ssh = |name: &str| name.starts_with("sshd") || name.starts_with("ssh.") || name == "dropbear";
        Doors { panel: ports(&|name| name.starts_with("portreeve"), USUAL_PANEL), ssh: ports(&is_ssh, USUAL_SSH) }
    }
}

impl Case {
    fn judge(self) -> Judgement {
        let new = match check(self.draft, &self.surroundings) {
            Ok(new) => new,
            Err(problems) => return Judgement { problems, ..Judgement::default() },
        };
        let now = self.surroundings.now;
        let situation = Situation { now, bans: self.bans, routes: self.survey.routes.clone() };
        let old = if self.is_off { check(open(), &self.surroundings) } else { check(self.running, &self.surroundings) };
        let old = old.ok();
        let before = old.as_ref().filter(|_| !self.is_off);
        let diff = old.as_ref().map(|old| diff(old, &new, &situation));
        Judgement {
            probes: probes(&self.lifelines, &self.doors, &self.survey, diff.as_ref()),
            diff,
            fates: lockout::fates(self.lifelines, &self.doors, &self.survey, (before, &new), &situation),
            nft: commands(&new),
            problems: new.warnings().to_vec(),
        }
    }
}

fn probes(lifelines: &[Lifeline], doors: &Doors, survey: &Survey, diff: Option<&Diff>) -> Vec<Packet> {
    let ports = || doors.panel.iter().chain(&doors.ssh);
    let knocks = |from: &Lifeline| ports().filter_map(|port| lockout::packet(from.address, *port, survey)).collect();
    let ways_in = lifelines.iter().flat_map(|from| -> Vec<Packet> { knocks(from) });
    let witnesses = diff.into_iter().flat_map(|diff| &diff.changes).map(|change| change.witness.clone());
    ways_in.chain(witnesses).take(limits::PROBES).collect()
}

/// What a host without a firewall does: everything passes.
fn open() -> Ruleset {
    let json = r#"{"policy":{"incoming":"allow","outgoing":"allow","forwarded":"allow","invalid":false,"tcp_flags":false,
        "reverse_path":false,"dhcpv6":true,"syn_flood":"off","connections":"off","ping":"off"}}"#;
    serde_json::from_str(json).expect("a constant of the right form")
}

/// The transaction without the members of lists, which can be a million; one command a line.
#[must_use]
pub fn commands(checked: &CheckedRuleset) -> String {
    let batch = serde_json::to_value(compile(checked, 0).batch(&Present::default())).unwrap_or_default();
    let commands = batch["nftables"].as_array().map(Vec::as_slice).unwrap_or_default();
    commands.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn phrase(fates: &[Fate]) -> Option<String> {
    let lost: Vec<&Fate> = fates.iter().filter(|fate| fate.is_loss()).collect();
    match lost.as_slice() {
        [] => None,
        [one] => Some(format!("lock out {}", one.lifeline.address)),
        several => Some(format!("lock out {} addresses", several.len())),
    }
}
