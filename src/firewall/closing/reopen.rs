//! Taking back what closing did to rules, and nothing that somebody did since.

use super::{Touched, out};
use crate::firewall::{Action, Ports, Rule, RuleId, Ruleset, Target, Targets, TooMany, check::ports_of, sentence};

/// A ruleset in which an act is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// The ruleset.
    pub ruleset: Ruleset,
    /// What was changed since and is left as it is, a sentence each.
    pub kept: Vec<String>,
}

/// Takes back what an act did to rules when it closed these ports.
///
/// # Errors
/// When there would be more than Portreeve handles.
pub fn reopen(current: &Ruleset, touched: &[Touched], closed: &[Ports]) -> Result<Reopened, TooMany> {
    let mut parts = current.parts().clone();
    let mut kept = Vec::new();
    for Touched { before, after } in touched {
        let Some(at) = parts.rules.iter().position(|rule| rule.id == after.id) else {
            kept.extend(before.as_ref().map(|before| removed(before, current)));
            continue;
        };
        let rule = &mut parts.rules[at];
        match before {
            None if acts_like(rule, after) => drop(parts.rules.remove(at)),
            None => kept.push(changed(after.id)),
            Some(before) => kept.extend(restore(rule, (before, after), closed, current)),
        }
    }
    Ok(Reopened { ruleset: Ruleset::try_from(parts)?, kept })
}

/// Who answers for a rule, why it is there and whether it is recorded changes nothing for a packet.
fn acts_like(one: &Rule, other: &Rule) -> bool {
    Rule { owner: other.owner.clone(), note: other.note.clone(), log: other.log, ..one.clone() } == *other
}

/// Gives a rule back what was taken from it.
fn restore(rule: &mut Rule, (before, after): (&Rule, &Rule), ports: &[Ports], current: &Ruleset) -> Option<String> {
    if before.to != after.to {
        restore_targets(rule, (before, after), ports, current);
    }
    if before.enabled != after.enabled {
        rule.enabled = before.enabled;
        return None;
    }
    let is_off = !rule.enabled && before.enabled;
    is_off.then(|| format!("rule {} was disabled since and stays so", rule.id))
}

fn restore_targets(rule: &mut Rule, (before, after): (&Rule, &Rule), ports: &[Ports], current: &Ruleset) {
    if rule.to == after.to {
        rule.to.clone_from(&before.to);
        return;
    }
    let resolve = |to: &[Target]| Targets::resolve(to, |name| ports_of(current, name).unwrap_or_default());
    for ports in ports {
        let (one, had) = (Targets::resolve(&[Target::Ports(*ports)], |_| Vec::new()), resolve(&before.to));
        if had.cover(&one) && !resolve(&rule.to).cover(&one) && !rule.to.is_empty() {
            rule.to.push(out::target(*ports));
        }
    }
}

fn removed(before: &Rule, ruleset: &Ruleset) -> String {
    let what = if before.action == Action::Allow { "nobody is let in by it again" } else { "it stays away" };
    format!("rule {} was removed since and {what}: {}", before.id, sentence::of(before, ruleset))
}

fn changed(id: RuleId) -> String {
    format!("rule {id} was changed since and is left as it is")
}
