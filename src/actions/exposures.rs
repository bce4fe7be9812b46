//! From where each listener can be reached, worked out off the path of any request.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, watch},
    task::spawn_blocking,
    time::Instant,
};

use super::{Actions, HelperFault, HelperSocket};
use crate::firewall::{
    self, Action, CheckedRuleset, Compiled, Listener, Listing, Moment, Parts, Policy, Ruleset, compile,
    enforcement::{Mode, Survey},
    exposure::{self, Exposure, Published, Surroundings},
    foreign::{Foreign, Table},
    listener::{Bind, Transport},
    simulate::Situation,
};

/// How exposed every listener was when all of it was looked at last.
#[derive(Debug, Clone, Default)]
pub struct Exposures {
    listeners: BTreeMap<Place, Exposure>,
    published: Vec<(Published, Exposure)>,
    /// Which listeners are reached differently because another program changed our table; none if none did, or if it can't
    /// be told.
    pub turned: Option<Vec<Turned>>,
    /// As of when; none before the first answer.
    pub taken_at: Option<Moment>,
    /// Why there is no newer answer; none when there is.
    pub fault: Option<String>,
}

/// A listener that is reached differently because another program changed our table.
#[derive(Debug, Clone)]
pub struct Turned {
    /// Which.
    pub listener: Listener,
    /// How the rules say.
    pub by_the_rules: Exposure,
    /// How it is.
    pub found: Exposure,
}

/// What tells listeners apart.
type Place = (Transport, u16, Bind, Option<String>);

fn place(listener: &Listener) -> Place {
    (listener.transport, listener.port, listener.bind, listener.interface.clone())
}

impl Exposures {
    /// What was found out at a moment.
    #[must_use]
    pub fn new(listeners: Vec<(Listener, Exposure)>, published: Vec<(Published, Exposure)>, taken_at: Moment) -> Self {
        let listeners = listeners.into_iter().map(|(listener, exposure)| (place(&listener), exposure)).collect();
        Self { listeners, published, taken_at: Some(taken_at), ..Self::default() }
    }

    /// What is known of one listener; none if it wasn't there yet.
    #[must_use]
    pub fn of(&self, listener: &Listener) -> Option<&Exposure> {
        self.listeners.get(&place(listener))
    }

    /// Ports that other programs publish to containers and that no process of this host listens at.
    #[must_use]
    pub fn published(&self) -> &[(Published, Exposure)] {
        &self.published
    }
}

/// What the answers follow from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ground {
    pub(super) listing: Arc<Listing>,
    pub(super) survey: Arc<Survey>,
    pub(super) foreign: Arc<Foreign>,
    pub(super) ours: Ours,
    pub(super) bans: Vec<firewall::AddressRange>,
}

/// What of ours is in the kernel.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ours {
    Nothing,
    Ruleset(u64, Arc<Ruleset>),
    /// A ruleset, but another program changed the table.
    Changed(u64, Arc<Ruleset>),
    /// It can't be told what is in force, and why.
    Unclear(&'static str),
}

#[derive(Debug, Default)]
pub(super) struct State {
    view: watch::Sender<Arc<Exposures>>,
    in_force: watch::Sender<Option<Arc<Ruleset>>>,
    /// Held from a question to the helper until the answers that follow from it are there.
    working: Mutex<Known>,
}

/// What was read last.
#[derive(Debug, Default)]
struct Known {
    foreign: Arc<Foreign>,
    /// Whether our own table was read with them.
    has_ours: bool,
    read_at: Option<Instant>,
    ground: Option<Ground>,
    worked_at: Option<Instant>,
}

/// A rule may expire and a ban may end, so that answers don't hold for ever.
const OLDEST: Duration = Duration::from_mins(1);

impl Actions {
    /// From where listeners can be reached, as of the last look. Asks nobody.
    #[must_use]
    pub fn exposures(&self) -> Arc<Exposures> {
        self.shared.exposures.view.borrow().clone()
    }

    /// The ruleset that the answers follow from; none if there is none or it can't be told. Asks nobody.
    #[must_use]
    pub fn ruleset_in_force(&self) -> Option<Arc<Ruleset>> {
        self.shared.exposures.in_force.borrow().clone()
    }

    /// Works the answers out anew if anything they follow from has changed. The tables of others are read again if what
    /// is known of them is older than `oldest`. A fault is part of the view.
    pub async fn refresh_exposures(&self, oldest: Duration) {
        let mut known = self.shared.exposures.working.lock().await;
        let with_ours = !self.drift().drift.is_empty();
        if known.has_ours != with_ours || known.read_at.is_none_or(|read_at| read_at.elapsed() >= oldest) {
            match self.ask_helper(move |helper| read_tables(helper, with_ours)).await {
                Ok(foreign) => {
                    known.foreign = Arc::new(foreign);
                    (known.has_ours, known.read_at) = (with_ours, Some(Instant::now()));
                }
                Err(fault) => {
                    self.shared.exposures.view.send_modify(|view| Arc::make_mut(view).fault = Some(fault.to_string()));
                    return;
                }
            }
        }
        let ground = self.ground(&known).await;
        self.shared.exposures.in_force.send_replace(ground.ours.ruleset());
        let is_fresh = known.worked_at.is_some_and(|worked_at| worked_at.elapsed() < OLDEST);
        if is_fresh && known.ground.as_ref() == Some(&ground) {
            return;
        }
        let (now, asked) = (self.now(), ground.clone());
        if let Ok(found) = spawn_blocking(move || work_out(&asked, now)).await {
            self.shared.exposures.view.send_replace(Arc::new(found));
            (known.ground, known.worked_at) = (Some(ground), Some(Instant::now()));
        }
    }

    async fn ground(&self, known: &Known) -> Ground {
        let (ours, foreign) = (self.ours(known.has_ours).await, Arc::clone(&known.foreign));
        Ground { listing: self.listeners().listing, survey: self.survey(), foreign, ours, bans: self.bans() }
    }

    async fn ours(&self, has_ours: bool) -> Ours {
        let Some(enforcement) = self.firewall().enforcement else { return Ours::Unclear("what the helper enforces") };
        let revision = enforcement.pending.map(|pending| pending.revision).or(enforcement.confirmed);
        match (enforcement.mode, revision) {
            (Mode::Off, _) => Ours::Nothing,
            (Mode::Rescue, _) => Ours::Unclear("the rescue rules"),
            (Mode::Panic, _) => panic_ruleset().map_or(Ours::Unclear("the rules of panic mode"), Ours::from),
            (Mode::Enforcing | Mode::Observing, None) => Ours::Unclear("the revision in force"),
            (Mode::Enforcing | Mode::Observing, Some(number)) => match self.store().ruleset_of(number).await {
                Ok(Some(ruleset)) if has_ours => Ours::Changed(number, Arc::new(ruleset)),
                Ok(Some(ruleset)) => Ours::Ruleset(number, Arc::new(ruleset)),
                Ok(None) | Err(_) => Ours::Unclear("the revision in force"),
            },
        }
    }
}

impl Ours {
    fn ruleset(&self) -> Option<Arc<Ruleset>> {
        if let Self::Ruleset(_, ruleset) | Self::Changed(_, ruleset) = self { Some(Arc::clone(ruleset)) } else { None }
    }
}

impl From<Ruleset> for Ours {
    fn from(ruleset: Ruleset) -> Self {
        Self::Ruleset(0, Arc::new(ruleset))
    }
}

/// The tables of others, and ours as another program left it.
pub(super) fn read_tables(helper: &HelperSocket, with_ours: bool) -> Result<Foreign, HelperFault> {
    let mut foreign = Foreign::read(&helper.read_foreign(with_ours)?);
    if with_ours && !foreign.tables.iter().any(Table::is_ours) {
        foreign.tables.push(Table::deleted_ours());
    }
    Ok(foreign)
}

/// What the helper puts into the kernel when root orders that nothing new comes in.
pub(super) fn panic_ruleset() -> Option<Ruleset> {
    let policy = Policy { forwarded: Action::Drop, ping: None, ..Policy::default() };
    Ruleset::try_from(Parts { policy, ..Parts::default() }).ok()
}

/// Follows packets through all of it.
pub(super) fn work_out(ground: &Ground, now: Moment) -> Exposures {
    let mut foreign = Foreign::clone(&ground.foreign);
    let checked = match &ground.ours {
        Ours::Nothing => None,
        Ours::Unclear(what) => {
            foreign.unreadable.push((*what).to_owned());
            None
        }
        Ours::Ruleset(number, ruleset) | Ours::Changed(number, ruleset) => {
            let checked = check(Ruleset::clone(ruleset), &ground.survey, now);
            foreign.unreadable.extend(checked.is_none().then(|| format!("revision {number}")));
            checked.map(|checked| compile(&checked, *number))
        }
    };
    let situation = Situation { now, bans: ground.bans.clone(), routes: ground.survey.routes.clone() };
    look(ground, &foreign, checked.as_ref(), &situation)
}

fn check(ruleset: Ruleset, survey: &Survey, now: Moment) -> Option<CheckedRuleset> {
    let surroundings = firewall::Surroundings {
        now,
        interfaces: Some(survey.interfaces.iter().cloned().collect()),
        networks: survey.networks(),
    };
    firewall::check(ruleset, &surroundings).ok()
}

fn look(ground: &Ground, foreign: &Foreign, ours: Option<&Compiled>, situation: &Situation) -> Exposures {
    let ours = ours.map(|compiled| (compiled, situation));
    let surroundings = Surroundings { foreign, ours, survey: &ground.survey };
    let listeners = &ground.listing.listeners;
    let found = exposure::exposures(listeners, &surroundings);
    let turned = matches!(ground.ours, Ours::Changed(..)).then(|| turned(listeners, &found, &surroundings));
    let mut published = exposure::published(&surroundings);
    published.retain(|published| !listeners.iter().any(|listener| published.is_held_by(listener)));
    let doors: Vec<Listener> = published.iter().map(Published::to_listener).collect();
    let through = exposure::exposures(&doors, &surroundings);
    let listeners = listeners.iter().cloned().zip(found).collect();
    let published = published.into_iter().zip(through).collect();
    Exposures { turned, ..Exposures::new(listeners, published, situation.now) }
}

/// Who is reached differently than our table as it was committed would have it.
fn turned(listeners: &[Listener], found: &[Exposure], surroundings: &Surroundings<'_>) -> Vec<Turned> {
    let mut foreign = surroundings.foreign.clone();
    foreign.tables.retain(|table| !table.is_ours());
    let by_the_rules = exposure::exposures(listeners, &Surroundings { foreign: &foreign, ..*surroundings });
    let all = listeners.iter().zip(by_the_rules).zip(found);
    let differ = all.filter(|((_, by_the_rules), found)| !by_the_rules.agrees_with(found));
    let turned = |((listener, by_the_rules), found): ((&Listener, Exposure), &Exposure)| Turned {
        listener: listener.clone(),
        by_the_rules,
        found: found.clone(),
    };
    differ.map(turned).collect()
}
