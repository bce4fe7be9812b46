//! Names: each is given once and each that is used is known.

use std::collections::BTreeSet;

use super::{Problem, Subject, ports_of};
use crate::firewall::{Peer, Rule, Ruleset, Target, list, service};

pub(super) fn check(ruleset: &Ruleset) -> Vec<Problem> {
    let mut problems = doubled(ruleset);
    problems.extend(services(ruleset));
    for rule in &ruleset.parts().rules {
        problems.extend(unknown(ruleset, rule));
    }
    problems
}

fn doubled(ruleset: &Ruleset) -> Vec<Problem> {
    let parts = ruleset.parts();
    let rules = repeats(parts.rules.iter().map(|rule| rule.id)).map(Subject::Rule).collect::<Vec<_>>();
    let lists = repeats(parts.lists.iter().map(|list| list.name.clone())).map(Subject::List);
    let services = repeats(parts.services.iter().map(|service| service.name.clone())).map(Subject::Service);
    let doubled = rules.into_iter().map(|subject| (subject, "id"));
    let named = lists.chain(services).map(|subject| (subject, "name"));
    doubled.chain(named).map(|(subject, field)| Problem::error(subject, field, "is there twice")).collect()
}

fn repeats<T: Ord + Clone>(names: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    for name in names {
        if !seen.insert(name.clone()) {
            repeated.insert(name);
        }
    }
    repeated.into_iter()
}

fn services(ruleset: &Ruleset) -> impl Iterator<Item = Problem> {
    ruleset.parts().services.iter().filter_map(|own| {
        let subject = Subject::Service(own.name.clone());
        if service::built_in(&own.name).is_some() {
            return Some(Problem::error(subject, "name", "is a built-in service; choose another name"));
        }
        own.ports.is_empty().then(|| Problem::error(subject, "ports", "has no ports; name at least one"))
    })
}

fn unknown(ruleset: &Ruleset, rule: &Rule) -> Vec<Problem> {
    let mut problems = Vec::new();
    for peer in &rule.who {
        if let Peer::List(name) = peer
            && ![list::ALLOW, list::DENY].contains(&name.as_str())
            && !ruleset.parts().lists.iter().any(|list| list.name == *name)
        {
            problems.push(Problem::error(Subject::Rule(rule.id), "who", format!("there is no list {name}")));
        }
    }
    for target in &rule.to {
        if let Target::Service(name) = target
            && ports_of(ruleset, name).is_none()
        {
            problems.push(Problem::error(Subject::Rule(rule.id), "to", format!("there is no service {name}")));
        }
    }
    problems
}
