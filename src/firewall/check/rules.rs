//! Rules that contradict themselves or can never match.

use super::{Problem, Subject, Surroundings};
use crate::firewall::{Action, Direction, Rule, Ruleset};

pub(super) fn check(ruleset: &Ruleset, surroundings: &Surroundings) -> Vec<Problem> {
    ruleset.parts().rules.iter().flat_map(|rule| one(rule, surroundings)).collect()
}

fn one(rule: &Rule, surroundings: &Surroundings) -> Vec<Problem> {
    let subject = || Subject::Rule(rule.id);
    let mut problems = limits(rule);
    if rule.families().is_empty() {
        let sentence = "can never match: its addresses and protocols have no IP family in common";
        problems.push(Problem::error(subject(), "who", sentence));
    }
    if rule.expires_at.is_some_and(|moment| moment <= surroundings.now) {
        problems.push(Problem::warning(subject(), "expires_at", "is over; the rule does nothing"));
    }
    if rule.starts_at.is_some_and(|start| rule.expires_at.is_some_and(|end| end <= start)) {
        problems.push(Problem::error(subject(), "expires_at", "is over before the rule starts"));
    }
    for interface in &rule.interfaces {
        if surroundings.interfaces.as_ref().is_some_and(|known| !known.contains(interface)) {
            let sentence = format!("this host has no interface {interface} now");
            problems.push(Problem::warning(subject(), "interfaces", sentence));
        }
    }
    problems
}

fn limits(rule: &Rule) -> Vec<Problem> {
    let sentence = match (rule.action, rule.direction) {
        (Action::Drop | Action::Reject, _) => "only limits what is allowed, but this rule allows nothing",
        (Action::Allow, Direction::Out) => "limits each source, but what goes out has only this host as its source",
        (Action::Allow, Direction::In | Direction::Forward) => return Vec::new(),
    };
    let fields = [("new_connections", rule.new_connections.is_some()), ("connections", rule.connections.is_some())];
    let given = fields.into_iter().filter(|(_, given)| *given);
    given.map(|(field, _)| Problem::error(Subject::Rule(rule.id), field, sentence)).collect()
}
