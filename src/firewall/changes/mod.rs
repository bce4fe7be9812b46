//! What differs between two rulesets as they are written, thing by thing. [`super::diff()`] tells what that means for packets.

mod order;
mod words;

use std::{collections::BTreeMap, fmt};

use super::{List, ListName, Rule, RuleId, Ruleset, Service, ServiceName, list::Entry};

/// One thing that differs. It prints as one sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesetChange {
    /// What it is.
    pub thing: Thing,
    /// How it differs.
    pub kind: Kind,
    sentence: String,
}

/// What a ruleset is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A rule.
    Rule(RuleId),
    /// A list.
    List(ListName),
    /// A service of one's own.
    Service(ServiceName),
    /// The base policy.
    Policy,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
    /// It stands elsewhere among the rules of its direction and says the same.
    Moved,
}

impl fmt::Display for RulesetChange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.sentence)
    }
}

impl RulesetChange {
    const fn new(thing: Thing, kind: Kind, sentence: String) -> Self {
        Self { thing, kind, sentence }
    }
}

/// Everything that differs: the policy, then rules, lists and services, each in the new order and what is gone last.
#[must_use]
pub fn between(old: &Ruleset, new: &Ruleset) -> Vec<RulesetChange> {
    let (before, after) = (&old.parts().policy, &new.parts().policy);
    let policy = words::policy(before, after).into_iter();
    let mut found: Vec<_> = policy.map(|words| RulesetChange::new(Thing::Policy, Kind::Changed, words)).collect();
    found.extend(rules(old, new));
    found.extend(lists(old, new));
    found.extend(services(old, new));
    found
}

fn rules(old: &Ruleset, new: &Ruleset) -> Vec<RulesetChange> {
    let before: BTreeMap<RuleId, &Rule> = old.parts().rules.iter().map(|rule| (rule.id, rule)).collect();
    let after: BTreeMap<RuleId, &Rule> = new.parts().rules.iter().map(|rule| (rule.id, rule)).collect();
    let moved = order::moved(&old.parts().rules, &new.parts().rules);
    let mut found = Vec::new();
    for rule in &new.parts().rules {
        let (kind, sentence) = match before.get(&rule.id) {
            None => (Kind::Added, words::added(rule, new)),
            Some(other) if *other != rule => (Kind::Changed, words::changed((other, old), (rule, new))),
            Some(_) if moved.contains(&rule.id) => (Kind::Moved, words::moved(rule, new)),
            Some(_) => continue,
        };
        found.push(RulesetChange::new(Thing::Rule(rule.id), kind, sentence));
    }
    let gone = old.parts().rules.iter().filter(|rule| !after.contains_key(&rule.id));
    found.extend(gone.map(|rule| RulesetChange::new(Thing::Rule(rule.id), Kind::Removed, words::removed(rule, old))));
    found
}

fn lists(old: &Ruleset, new: &Ruleset) -> Vec<RulesetChange> {
    let find = |ruleset: &Ruleset, name: &ListName| ruleset.parts().lists.iter().position(|list| list.name == *name);
    let mut found = Vec::new();
    for list in &new.parts().lists {
        let thing = Thing::List(list.name.clone());
        match find(old, &list.name).map(|at| &old.parts().lists[at]) {
            None => found.push(RulesetChange::new(thing, Kind::Added, words::list_added(list))),
            Some(before) if before != list => {
                let sentence = words::list_changed(before, list, &entries(before, list));
                found.push(RulesetChange::new(thing, Kind::Changed, sentence));
            }
            Some(_) => {}
        }
    }
    let gone = old.parts().lists.iter().filter(|list| find(new, &list.name).is_none());
    found.extend(gone.map(|list| {
        RulesetChange::new(Thing::List(list.name.clone()), Kind::Removed, format!("List {} removed", list.name))
    }));
    found
}

/// How many entries of a list came, went and differ.
#[derive(Debug, Default, PartialEq, Eq)]
struct Entries {
    added: usize,
    removed: usize,
    changed: usize,
}

fn entries(old: &List, new: &List) -> Entries {
    let by_addresses = |list: &List| -> BTreeMap<_, Entry> {
        list.entries.iter().map(|entry| (entry.addresses, entry.clone())).collect()
    };
    let (before, after) = (by_addresses(old), by_addresses(new));
    Entries {
        added: after.keys().filter(|addresses| !before.contains_key(addresses)).count(),
        removed: before.keys().filter(|addresses| !after.contains_key(addresses)).count(),
        changed: after.iter().filter(|(key, entry)| before.get(key).is_some_and(|other| other != *entry)).count(),
    }
}

fn services(old: &Ruleset, new: &Ruleset) -> Vec<RulesetChange> {
    let find = |ruleset: &Ruleset, name: &ServiceName| -> Option<Service> {
        ruleset.parts().services.iter().find(|service| service.name == *name).cloned()
    };
    let mut found = Vec::new();
    for service in &new.parts().services {
        let thing = Thing::Service(service.name.clone());
        match find(old, &service.name) {
            None => found.push(RulesetChange::new(thing, Kind::Added, words::service("added", service))),
            Some(before) if before != *service => {
                found.push(RulesetChange::new(thing, Kind::Changed, words::service("changed", service)));
            }
            Some(_) => {}
        }
    }
    let gone = old.parts().services.iter().filter(|service| find(new, &service.name).is_none());
    found.extend(gone.map(|service| {
        let sentence = format!("Service {} removed", service.name);
        RulesetChange::new(Thing::Service(service.name.clone()), Kind::Removed, sentence)
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{
        "policy":{"incoming":"drop"},
        "lists":[{"name":"office","entries":["192.0.2.1","192.0.2.2 # two"]},{"name":"old"}],
        "services":[{"name":"app","ports":["9000/tcp"]}],
        "rules":[
            {"id":1,"action":"allow","direction":"in","to":["app"]},
            {"id":2,"action":"allow","direction":"in","to":["ssh"]},
            {"id":3,"action":"drop","direction":"in","to":["telnet"]},
            {"id":4,"action":"drop","direction":"out","to":["smtp"]}]}"#;

    const NEW: &str = r#"{
        "policy":{"incoming":"reject","reverse_path":false},
        "lists":[{"name":"office","entries":["192.0.2.2 # second","198.51.100.0/24"]},{"name":"new","entries":["192.0.2.9"]}],
        "services":[{"name":"app","ports":["9001/tcp"]}],
        "rules":[
            {"id":4,"action":"drop","direction":"out","to":["smtp"],"enabled":false},
            {"id":3,"action":"drop","direction":"in","to":["telnet"]},
            {"id":1,"action":"allow","direction":"in","to":["app"]},
            {"id":5,"action":"allow","direction":"in","who":["list:new"]}]}"#;

    fn said(old: &str, new: &str) -> Vec<String> {
        let read = |text: &str| serde_json::from_str(text).expect(text);
        between(&read(old), &read(new)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_thing_that_differs_is_one_sentence() {
        assert_eq!(
            said(OLD, NEW),
            [
                "What no rule decides and wants in is rejected instead of dropped",
                "Forged sources are no longer dropped",
                "Rule r4 disabled: Drop what comes from this host to smtp (25/tcp)",
                "Rule r3 moved to position 1: Drop what comes from everybody to telnet (23/tcp)",
                "Rule r5 added: Allow list new to reach everything",
                "Rule r2 removed: Allow everybody to reach ssh (22/tcp)",
                "List office: 1 entry added, 1 removed, 1 changed",
                "List new added with 1 entry",
                "List old removed",
                "Service app changed: 9001/tcp",
            ]
        );
    }

    #[test]
    fn nothing_differs_from_itself() {
        assert_eq!(said(OLD, OLD), Vec::<String>::new());
    }

    #[test]
    fn a_changed_rule_says_both() {
        let note = OLD.replacen(r#""to":["app"]"#, r#""to":["app"],"note":"x""#, 1);
        assert_eq!(said(OLD, &note), ["Rule r1 has another note or owner: Allow everybody to reach app (9000/tcp)"]);
        let who = OLD.replacen(r#""to":["app"]"#, r#""to":["app"],"who":["192.0.2.1"]"#, 1);
        assert_eq!(
            said(OLD, &who),
            [
                "Rule r1 changed: Allow 192.0.2.1 to reach app (9000/tcp); it was: Allow everybody to reach app (9000/tcp)"
            ]
        );
    }
}
