//! What closing a port would mean, before anybody does it.

use super::{Actions, HelperFault, close::unit_level};
use crate::{
    firewall::{
        AddressRange, Listener, Ports, RuleId, Ruleset, Text,
        changes::between,
        closing::{Bar, CloseLevel},
        listener::Transport,
        unit::{UnitFacts, UnitName},
    },
    store::{self, ClosedPort},
};

/// What closing a port would mean.
#[derive(Debug, Clone)]
pub struct ClosePlan {
    /// The port.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// What listens there, by the newest list.
    pub listeners: Vec<Listener>,
    /// The units behind it, each with what ends along with it.
    pub units: Vec<UnitPlan>,
    /// Why the port isn't closed from here, and which way there is; none if it may be.
    pub protected: Option<String>,
    /// Whether the rules let nobody from outside in already, but for the list `allow`.
    pub is_shut: bool,
    /// Who gets in all the same: addresses on the list `allow` reach everything.
    pub still: Vec<AddressRange>,
    /// What shutting it changes in the rules, a sentence each.
    pub rule_changes: Vec<String>,
    /// All levels, in order.
    pub levels: Vec<LevelPlan>,
}

/// A unit behind a port.
#[derive(Debug, Clone)]
pub struct UnitPlan {
    /// Its name.
    pub name: UnitName,
    /// What the service manager says of it; none if it couldn't be asked.
    pub facts: Option<UnitFacts>,
    /// Its other ports, which end with it.
    pub others: Vec<(u16, Transport)>,
}

/// What a level would mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelPlan {
    /// Which.
    pub level: CloseLevel,
    /// Why it can't be had; none if it can.
    pub unavailable: Option<String>,
    /// What will happen, a sentence each.
    pub effects: Vec<String>,
}

impl Actions {
    /// What closing a port would mean. Asks the helper for the units behind it; what it doesn't know isn't told.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn close_plan(&self, port: u16, transport: Transport) -> Result<ClosePlan, store::Error> {
        let (_, running) = self.running().await?;
        let closed = ClosedPort { port, transport, level: CloseLevel::Block };
        let ports: Vec<Ports> = closed.ports().into_iter().collect();
        let mut shut = self.try_shut(&ports, &running, None).await;
        if shut.is_none() {
            shut = self.try_shut(&ports, &running, Some(likely_bar(&running))).await;
        }
        let still = shut.as_ref().map(|shut| shut.still.clone()).unwrap_or_default();
        let change = shut.filter(|shut| !shut.touched.is_empty());
        let changes = change.as_ref().map(|change| between(&running, &change.ruleset)).unwrap_or_default();
        let (units, fault) = self.plan_units(port, transport).await;
        let mut plan = ClosePlan {
            port,
            transport,
            listeners: self.listeners_at(port, transport),
            protected: self.door_reason(port, transport),
            is_shut: change.is_none() && !self.is_off(),
            still,
            rule_changes: changes.iter().map(ToString::to_string).collect(),
            levels: Vec::new(),
            units,
        };
        let levels = CloseLevel::ALL.map(|level| LevelPlan {
            level,
            unavailable: self.unavailable(&plan, level, fault.as_deref()),
            effects: effects(&plan, level),
        });
        plan.levels = levels.to_vec();
        Ok(plan)
    }

    async fn plan_units(&self, port: u16, transport: Transport) -> (Vec<UnitPlan>, Option<String>) {
        let names = match self.units_of(port, transport) {
            Ok(names) => names,
            Err(reason) => return (Vec::new(), Some(reason)),
        };
        let asked = names.clone();
        let (facts, fault) = match self.ask_helper(move |helper| helper.read_units(asked)).await {
            Ok(facts) => (facts.into_iter().map(Some).collect(), None),
            Err(fault) => (vec![None; names.len()], Some(said(&fault))),
        };
        let others = |name: &UnitName| self.other_ports(name, port, transport);
        let plan = |(name, facts): (UnitName, Option<UnitFacts>)| UnitPlan { others: others(&name), name, facts };
        (names.into_iter().zip(facts).map(plan).collect(), fault)
    }

    fn other_ports(&self, unit: &UnitName, port: u16, transport: Transport) -> Vec<(u16, Transport)> {
        let listing = self.listeners().listing;
        let of_unit = listing.listeners.iter().filter(|listener| listener.unit.as_deref() == Some(unit.as_str()));
        let mut others: Vec<_> = of_unit.map(|listener| (listener.port, listener.transport)).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|other| *other != (port, transport));
        others
    }

    fn unavailable(&self, plan: &ClosePlan, level: CloseLevel, fault: Option<&str>) -> Option<String> {
        if let Some(reason) = &plan.protected {
            return Some(reason.clone());
        }
        if unit_level(level).is_none() {
            let is_shut = || plan.is_shut.then(|| "the rules let nobody from outside in already".to_owned());
            return self.block_obstacle().or_else(is_shut);
        }
        let shielded = plan.units.iter().find_map(|unit| {
            let reason = unit.facts.as_ref()?.protected.as_ref()?;
            Some(format!("{} is protected: {reason}", unit.name))
        });
        let own = || plan.units.iter().find_map(|unit| unmaskable(unit.facts.as_ref()?, level));
        shielded.or_else(own).or_else(|| fault.map(str::to_owned))
    }
}

/// Why a unit can't be masked, if that is asked for.
pub(super) fn unmaskable(facts: &UnitFacts, level: CloseLevel) -> Option<String> {
    (level == CloseLevel::Mask && !facts.can_be_masked)
        .then(|| format!("an administrator wrote {} himself, so it can’t be masked: disable it instead", facts.name))
}

/// A rule as it may come to be; its number is taken only when it does.
fn likely_bar(ruleset: &Ruleset) -> Bar {
    let highest = ruleset.parts().rules.iter().map(|rule| rule.id.get()).max().unwrap_or(0);
    let id = RuleId::new(highest.saturating_add(1)).expect("one more than something is not 0");
    Bar { id, owner: Text::empty(), note: Text::empty() }
}

fn said(fault: &HelperFault) -> String {
    format!("what listens there could not be looked at: {fault}")
}

/// What will happen at a level, in plain words.
fn effects(plan: &ClosePlan, level: CloseLevel) -> Vec<String> {
    let port = format!("{}/{}", plan.port, plan.transport.as_str());
    let mut effects = Vec::new();
    if unit_level(level).is_none() {
        effects.push(format!(
            "Nobody from outside gets in at {port} any more. What listens there goes on for this host itself."
        ));
        effects.push("Connections that are open now go on until they end.".to_owned());
        return effects;
    }
    for unit in &plan.units {
        effects.extend(unit_effects(unit, level));
    }
    effects
}

fn unit_effects(unit: &UnitPlan, level: CloseLevel) -> Vec<String> {
    let name = &unit.name;
    let mut effects = vec![format!("{name} stops now, and so do its connections.")];
    if !unit.others.is_empty() {
        let others: Vec<String> =
            unit.others.iter().map(|(port, transport)| format!("{port}/{}", transport.as_str())).collect();
        effects.push(format!("With it {} ends too.", others.join(", ")));
    }
    if let Some(facts) = &unit.facts {
        effects.extend(listed(
            &facts.triggered_by,
            "would start it again and is stopped too",
            "would start it again and are stopped too",
        ));
        effects.extend(listed(&facts.stops_with, "stops with it", "stop with it"));
    }
    effects.push(match level {
        CloseLevel::Block | CloseLevel::Stop => "It comes back when the host is started again.".to_owned(),
        CloseLevel::Disable => "It doesn’t come back when the host is started again.".to_owned(),
        CloseLevel::Mask => "Nothing on this host can start it until this is undone, not even by hand.".to_owned(),
    });
    effects
}

fn listed(names: &[UnitName], one: &str, several: &str) -> Option<String> {
    let words: Vec<&str> = names.iter().map(UnitName::as_str).collect();
    match words.len() {
        0 => None,
        1 => Some(format!("{} {one}.", words[0])),
        _ => Some(format!("{} {several}.", words.join(", "))),
    }
}
