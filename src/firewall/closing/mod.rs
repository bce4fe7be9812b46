//! Closing ports by rules, and taking exactly that back.
//!
//! What lets a port in loses the port; what lets in more than ports gets a rule before it that drops the port. Whether
//! that was enough is asked of the simulator, not of the edits.

mod level;
mod out;
mod reopen;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::{
    level::CloseLevel,
    out::take_out,
    reopen::{Reopened, reopen},
};
use super::{
    Action, AddressRange, Direction, Family, Moment, Parts, Ports, Rule, RuleId, Ruleset, Surroundings, Target,
    Targets, Text,
    addr::merge,
    check,
    check::ports_of,
    diff::{Passing, passing},
    list,
};

/// A rule as it was and as an act left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touched {
    /// As it was; none if the act added it.
    pub before: Option<Rule>,
    /// As it is since.
    pub after: Rule,
}

/// A ruleset that lets nobody in at some ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shut {
    /// The ruleset.
    pub ruleset: Ruleset,
    /// The rules that differ.
    pub touched: Vec<Touched>,
    /// Who gets in all the same: addresses on the list `allow` reach everything.
    pub still: Vec<AddressRange>,
    /// Whether there was more to look at than could be looked at.
    pub is_uncertain: bool,
}

/// What a rule that drops ports needs besides them.
#[derive(Debug, Clone)]
pub struct Bar {
    /// An id that no rule has had.
    pub id: RuleId,
    /// Who answers for it.
    pub owner: Text,
    /// Why it is there.
    pub note: Text,
}

/// Takes ports out of everything that lets them in. Gives up if that isn't enough and there is no bar to put before it.
#[must_use]
pub fn shut(ruleset: &Ruleset, ports: &[Ports], bar: Option<&Bar>, surroundings: &Surroundings) -> Option<Shut> {
    let mut less = ruleset.parts().clone();
    for rule in less.rules.iter_mut().filter(|rule| lets_in(rule, surroundings.now)) {
        if let Some(shorter) = take_out(rule, ports, |name| ports_of(ruleset, name).unwrap_or_default()) {
            *rule = shorter;
        }
    }
    let mut ruleset_after = Ruleset::try_from(less).ok()?;
    let mut found = who_passes(&ruleset_after, ports, surroundings);
    let open: Vec<Ports> =
        found.iter().filter(|(_, found)| !is_shut(found, ruleset)).map(|(ports, _)| *ports).collect();
    if !open.is_empty() {
        let mut barred = ruleset_after.into_parts();
        barred.rules.insert(0, drop_all(bar?, &open));
        ruleset_after = Ruleset::try_from(barred).ok()?;
        found = who_passes(&ruleset_after, ports, surroundings);
    }
    Some(Shut {
        touched: touched(ruleset, &ruleset_after),
        still: who(found.iter().map(|(_, found)| found)),
        is_uncertain: found.iter().any(|(_, found)| found.unexamined > 0),
        ruleset: ruleset_after,
    })
}

/// Who gets to ports now, those on the list `allow` included.
#[must_use]
pub fn open_to(ruleset: &Ruleset, ports: Ports, surroundings: &Surroundings) -> Passing {
    let about = about(ruleset, ports, surroundings.now);
    let checked = about.and_then(|about| check(about, surroundings).ok());
    // What can't be checked isn't known to keep anybody out.
    let everybody = || Passing { who: Family::BOTH.map(AddressRange::everything).to_vec(), unexamined: 0 };
    checked.map_or_else(everybody, |checked| passing(&checked, ports, surroundings.now))
}

/// Whether ports are shut to everybody but those that reach everything.
#[must_use]
pub fn is_shut(found: &Passing, ruleset: &Ruleset) -> bool {
    let allowed = ruleset.parts().lists.iter().filter(|list| list.name.as_str() == list::ALLOW);
    let allowed: Vec<AddressRange> = allowed.flat_map(|list| &list.entries).map(|entry| entry.addresses).collect();
    let allowed: Vec<AddressRange> = Family::BOTH.into_iter().flat_map(|family| merge(&allowed, family)).collect();
    found.unexamined == 0 && found.who.iter().all(|one| allowed.iter().any(|wide| wide.covers(*one)))
}

/// The rules that differ, those that are gone excepted.
#[must_use]
pub fn touched(old: &Ruleset, new: &Ruleset) -> Vec<Touched> {
    let before: BTreeMap<RuleId, &Rule> = old.parts().rules.iter().map(|rule| (rule.id, rule)).collect();
    let differing = new.parts().rules.iter().filter(|rule| before.get(&rule.id) != Some(rule));
    let touched = |rule: &Rule| Touched { before: before.get(&rule.id).copied().cloned(), after: rule.clone() };
    differing.map(touched).collect()
}

fn lets_in(rule: &Rule, now: Moment) -> bool {
    rule.enabled && rule.action == Action::Allow && rule.direction == Direction::In && !is_over(rule, now)
}

fn is_over(rule: &Rule, now: Moment) -> bool {
    rule.expires_at.is_some_and(|end| end <= now)
}

fn who_passes(ruleset: &Ruleset, ports: &[Ports], surroundings: &Surroundings) -> Vec<(Ports, Passing)> {
    ports.iter().map(|ports| (*ports, open_to(ruleset, *ports, surroundings))).collect()
}

fn who<'a>(found: impl Iterator<Item = &'a Passing>) -> Vec<AddressRange> {
    let all: Vec<AddressRange> = found.flat_map(|found| found.who.iter().copied()).collect();
    Family::BOTH.into_iter().flat_map(|family| merge(&all, family)).collect()
}

/// What of a ruleset can let anybody in at ports. What keeps somebody out for a time, or because of who he is, is left
/// out: a port is shut only if it is so without.
fn about(ruleset: &Ruleset, ports: Ports, now: Moment) -> Option<Ruleset> {
    let target = Targets::resolve(&[Target::Ports(ports)], |_| Vec::new());
    let meets = |rule: &&Rule| {
        let to = || Targets::resolve(&rule.to, |name| ports_of(ruleset, name).unwrap_or_default());
        rule.to.is_empty() || to().overlap(&target)
    };
    let has_begun = |rule: &Rule| rule.starts_at.is_none_or(|start| start <= now);
    let counts = |rule: &&Rule| rule.action == Action::Allow || (rule.expires_at.is_none() && has_begun(rule));
    let living = |rule: &&Rule| rule.enabled && rule.direction == Direction::In && !is_over(rule, now);
    let mut rules: Vec<Rule> = Vec::new();
    for rule in ruleset.parts().rules.iter().filter(living).filter(meets).filter(counts) {
        // What lets somebody in later is no more shut than what does so now.
        rules.push(Rule { starts_at: None, ..rule.clone() });
        if decides_all(rule, ruleset, &target) {
            break;
        }
    }
    let kept = |list: &&super::List| list.name.as_str() != list::DENY;
    let lists = ruleset.parts().lists.iter().filter(kept).cloned().collect();
    Ruleset::try_from(Parts { lists, rules, ..ruleset.parts().clone() }).ok()
}

/// Whether no packet to the ports gets to a later rule.
fn decides_all(rule: &Rule, ruleset: &Ruleset, ports: &Targets) -> bool {
    let is_for_all = rule.who.is_empty() && rule.at.is_empty() && rule.interfaces.is_empty();
    let to = || Targets::resolve(&rule.to, |name| ports_of(ruleset, name).unwrap_or_default());
    is_for_all && rule.expires_at.is_none() && (rule.to.is_empty() || to().cover(ports))
}

fn drop_all(bar: &Bar, ports: &[Ports]) -> Rule {
    Rule {
        id: bar.id,
        enabled: true,
        action: Action::Drop,
        direction: Direction::In,
        who: Vec::new(),
        to: ports.iter().map(|ports| out::target(*ports)).collect(),
        interfaces: Vec::new(),
        at: Vec::new(),
        new_connections: None,
        connections: None,
        log: false,
        starts_at: None,
        expires_at: None,
        owner: bar.owner.clone(),
        note: bar.note.clone(),
    }
}

#[cfg(test)]
mod tests;
