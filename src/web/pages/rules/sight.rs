//! What the page is about: the viewer's draft, what is in force, and what is known of both.

use std::collections::BTreeMap;

use super::marks::{self, Mark};
use crate::{
    actions::{DraftView, FirewallView, ListenersView},
    firewall::{Line, Listener, Moment, Problem, RuleId, Ruleset, enforcement::Enforcement},
    store::LineHit,
    web::kit::{App, Fault, Session},
};

/// Everything that a view of rules shows, as plain values.
#[derive(Debug, Clone)]
pub struct Sight<'a> {
    /// What the viewer works on; what is in force if he changed nothing.
    pub draft: &'a Ruleset,
    /// What is in force.
    pub running: &'a Ruleset,
    /// How the draft differs, by rule.
    pub marks: BTreeMap<RuleId, Mark>,
    /// How many changes are staged in all.
    pub staged: usize,
    /// Whether somebody else applied something since the draft was begun.
    pub is_stale: bool,
    /// What is wrong with the draft.
    pub problems: &'a [Problem],
    /// What the helper says; none if it never answered.
    pub enforcement: Option<&'a Enforcement>,
    /// Why the helper doesn't answer, if it doesn't.
    pub fault: Option<&'a str>,
    /// Since when the confirmed revision is in force.
    pub in_force_since: Option<Moment>,
    /// What each line did.
    pub hits: BTreeMap<Line, LineHit>,
    /// What listens, if that is known.
    pub listeners: Option<&'a [Listener]>,
    /// Whether the viewer may change anything.
    pub can_edit: bool,
    /// The present.
    pub now: Moment,
}

/// What a sight borrows from.
pub(super) struct Facts {
    draft: DraftView,
    firewall: FirewallView,
    hits: BTreeMap<Line, LineHit>,
    listeners: ListenersView,
    in_force_since: Option<Moment>,
}

impl Facts {
    /// Asks for everything that is known; nobody outside the panel is asked.
    pub(super) async fn gather(app: &App, session: &Session) -> Result<Self, Fault> {
        let actions = app.actions();
        let hits = actions.line_hits().await?.into_iter().map(|hit| (hit.line, hit));
        let firewall = actions.firewall();
        let confirmed = match firewall.confirmed() {
            Some(number) => actions.store().find_revision(number).await?,
            None => None,
        };
        Ok(Self {
            in_force_since: confirmed.and_then(|revision| revision.ended_at),
            draft: actions.draft(&session.0).await?,
            firewall,
            hits: hits.collect(),
            listeners: app.listeners(),
        })
    }

    pub(super) fn sight(&self, can_edit: bool, now: Moment) -> Sight<'_> {
        let listeners = &self.listeners;
        let is_known = listeners.taken_at.is_some() && listeners.fault.is_none() && listeners.listing.omitted == 0;
        Sight {
            draft: &self.draft.ruleset,
            running: &self.draft.running,
            marks: marks::of(&self.draft.changes),
            staged: self.draft.changes.len(),
            is_stale: self.draft.is_stale,
            problems: &self.draft.problems,
            enforcement: self.firewall.enforcement.as_ref(),
            fault: self.firewall.fault.as_deref(),
            in_force_since: self.in_force_since,
            hits: self.hits.clone(),
            listeners: is_known.then_some(listeners.listing.listeners.as_slice()),
            can_edit,
            now,
        }
    }
}
