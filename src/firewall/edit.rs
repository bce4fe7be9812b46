//! One change to a ruleset, as a value that can be applied, foreseen or refused.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AddressRange, List, ListName, Moment, Parts, Peer, Policy, Rule, RuleId, Ruleset, Service, ServiceName, Target,
    Text, TooMany,
    list::{self, Entry},
    service,
};

/// What is to be different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// One rule more. Its id was never used before.
    AddRule {
        /// The rule.
        rule: Rule,
        /// The index it will have; behind the last one if there aren't so many.
        at: usize,
    },
    /// Another rule in the place of the one with its id.
    ReplaceRule(Rule),
    /// These rules less.
    RemoveRules(Vec<RuleId>),
    /// These rules elsewhere, in the order that they have among themselves.
    MoveRules {
        /// Which.
        ids: Vec<RuleId>,
        /// The index among the other rules before which they go; behind the last one if there aren't so many.
        to: usize,
    },
    /// These rules in force, or kept without being so.
    SetEnabled {
        /// Which.
        ids: Vec<RuleId>,
        /// Whether they are in force.
        enabled: bool,
    },
    /// These rules out of force until then; those that are out of force anyhow stay as they are.
    StartAt {
        /// Which.
        ids: Vec<RuleId>,
        /// When they are in force again.
        moment: Moment,
    },
    /// Another base policy.
    SetPolicy(Policy),
    /// A new list; or another note for the list of that name, which keeps its entries.
    PutList(List),
    /// This list less.
    RemoveList(ListName),
    /// More entries on a list. One for addresses that are on it already takes the place of the old one.
    AddEntries {
        /// The list. Those that need no rule come into being when they are first used.
        list: ListName,
        /// The entries.
        entries: Vec<Entry>,
    },
    /// Less entries on a list.
    RemoveEntries {
        /// The list.
        list: ListName,
        /// The addresses of the entries, exactly as they stand there.
        addresses: Vec<AddressRange>,
    },
    /// A new service, or another one of that name.
    PutService(Service),
    /// This service less.
    RemoveService(ServiceName),
    /// Something else altogether.
    ReplaceAll(Ruleset),
}

/// Why a ruleset can't be changed like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditProblem {
    /// There is no such rule.
    #[error("there is no rule {0}")]
    NoRule(RuleId),
    /// The id has been given.
    #[error("there is a rule {0} already")]
    RuleTaken(RuleId),
    /// There is no such list.
    #[error("there is no list {0}")]
    NoList(ListName),
    /// The list has no such entry.
    #[error("list {0} has none of these entries")]
    NoEntry(ListName),
    /// There is no such service of one's own.
    #[error("there is no service {0} of your own")]
    NoService(ServiceName),
    /// The name belongs to a built-in service.
    #[error("{0} is a built-in service; choose another name")]
    BuiltIn(ServiceName),
    /// A rule needs it.
    #[error("{what} can't be removed as long as rule {rule} names it")]
    Used {
        /// The list or service.
        what: String,
        /// One of the rules that name it.
        rule: RuleId,
    },
    /// There would be more than Portreeve handles.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl Edit {
    /// The ruleset as it will be.
    ///
    /// # Errors
    /// When what the edit is about isn't there, or mustn't go, or there would be too much.
    pub fn apply(&self, ruleset: Ruleset) -> Result<Ruleset, EditProblem> {
        let mut parts = ruleset.into_parts();
        match self {
            Self::AddRule { rule, at } => add_rule(&mut parts, rule, *at)?,
            Self::ReplaceRule(rule) => *find_rule(&mut parts, rule.id)? = rule.clone(),
            Self::RemoveRules(ids) => drop(take_rules(&mut parts, ids)?),
            Self::MoveRules { ids, to } => {
                let moved = take_rules(&mut parts, ids)?;
                let at = (*to).min(parts.rules.len());
                parts.rules.splice(at..at, moved);
            }
            Self::SetEnabled { ids, enabled } => {
                for id in ids {
                    let rule = find_rule(&mut parts, *id)?;
                    rule.enabled = *enabled;
                    rule.starts_at = None;
                }
            }
            Self::StartAt { ids, moment } => {
                for id in ids {
                    let rule = find_rule(&mut parts, *id)?;
                    rule.starts_at = if rule.enabled { Some(*moment) } else { rule.starts_at };
                }
            }
            Self::SetPolicy(policy) => parts.policy = policy.clone(),
            Self::PutList(list) => put_list(&mut parts, list),
            Self::RemoveList(name) => remove_list(&mut parts, name)?,
            Self::AddEntries { list, entries } => add_entries(&mut parts, list, entries)?,
            Self::RemoveEntries { list, addresses } => remove_entries(&mut parts, list, addresses)?,
            Self::PutService(service) => put_service(&mut parts, service)?,
            Self::RemoveService(name) => remove_service(&mut parts, name)?,
            Self::ReplaceAll(ruleset) => return Ok(ruleset.clone()),
        }
        Ok(Ruleset::try_from(parts)?)
    }
}

fn add_rule(parts: &mut Parts, rule: &Rule, at: usize) -> Result<(), EditProblem> {
    if parts.rules.iter().any(|other| other.id == rule.id) {
        return Err(EditProblem::RuleTaken(rule.id));
    }
    parts.rules.insert(at.min(parts.rules.len()), rule.clone());
    Ok(())
}

fn find_rule(parts: &mut Parts, id: RuleId) -> Result<&mut Rule, EditProblem> {
    parts.rules.iter_mut().find(|rule| rule.id == id).ok_or(EditProblem::NoRule(id))
}

fn take_rules(parts: &mut Parts, ids: &[RuleId]) -> Result<Vec<Rule>, EditProblem> {
    let wanted: BTreeSet<RuleId> = ids.iter().copied().collect();
    let present: BTreeSet<RuleId> = parts.rules.iter().map(|rule| rule.id).collect();
    if let Some(missing) = wanted.difference(&present).next() {
        return Err(EditProblem::NoRule(*missing));
    }
    let (taken, rest) = std::mem::take(&mut parts.rules).into_iter().partition(|rule| wanted.contains(&rule.id));
    parts.rules = rest;
    Ok(taken)
}

fn put_list(parts: &mut Parts, list: &List) {
    match parts.lists.iter_mut().find(|other| other.name == list.name) {
        Some(other) => other.note = list.note.clone(),
        None => parts.lists.push(list.clone()),
    }
}

fn remove_list(parts: &mut Parts, name: &ListName) -> Result<(), EditProblem> {
    let at = parts.lists.iter().position(|list| list.name == *name).ok_or_else(|| EditProblem::NoList(name.clone()))?;
    let peer = Peer::List(name.clone());
    if let Some(rule) = parts.rules.iter().find(|rule| rule.who.contains(&peer)) {
        return Err(EditProblem::Used { what: format!("list {name}"), rule: rule.id });
    }
    parts.lists.remove(at);
    Ok(())
}

fn add_entries(parts: &mut Parts, name: &ListName, entries: &[Entry]) -> Result<(), EditProblem> {
    let is_given = [list::ALLOW, list::DENY].contains(&name.as_str());
    if is_given && parts.lists.iter().all(|list| list.name != *name) {
        parts.lists.push(List { name: name.clone(), note: Text::empty(), entries: Vec::new() });
    }
    let list = find_list(parts, name)?;
    let mut fresh: BTreeMap<AddressRange, &Entry> = entries.iter().map(|entry| (entry.addresses, entry)).collect();
    for old in &mut list.entries {
        if let Some(entry) = fresh.remove(&old.addresses) {
            *old = entry.clone();
        }
    }
    // In the order in which they came, each once.
    let rest = entries.iter().filter_map(|entry| fresh.remove(&entry.addresses));
    list.entries.extend(rest.cloned());
    Ok(())
}

fn remove_entries(parts: &mut Parts, name: &ListName, addresses: &[AddressRange]) -> Result<(), EditProblem> {
    let list = find_list(parts, name)?;
    let before = list.entries.len();
    let gone: BTreeSet<AddressRange> = addresses.iter().copied().collect();
    list.entries.retain(|entry| !gone.contains(&entry.addresses));
    if list.entries.len() == before { Err(EditProblem::NoEntry(name.clone())) } else { Ok(()) }
}

fn find_list<'a>(parts: &'a mut Parts, name: &ListName) -> Result<&'a mut List, EditProblem> {
    parts.lists.iter_mut().find(|list| list.name == *name).ok_or_else(|| EditProblem::NoList(name.clone()))
}

fn put_service(parts: &mut Parts, service: &Service) -> Result<(), EditProblem> {
    if service::built_in(&service.name).is_some() {
        return Err(EditProblem::BuiltIn(service.name.clone()));
    }
    match parts.services.iter_mut().find(|other| other.name == service.name) {
        Some(other) => *other = service.clone(),
        None => parts.services.push(service.clone()),
    }
    Ok(())
}

fn remove_service(parts: &mut Parts, name: &ServiceName) -> Result<(), EditProblem> {
    let at = parts.services.iter().position(|service| service.name == *name);
    let at = at.ok_or_else(|| EditProblem::NoService(name.clone()))?;
    let target = Target::Service(name.clone());
    if let Some(rule) = parts.rules.iter().find(|rule| rule.to.contains(&target)) {
        return Err(EditProblem::Used { what: format!("service {name}"), rule: rule.id });
    }
    parts.services.remove(at);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = r#"{
        "lists":[{"name":"office","note":"both","entries":["192.0.2.1 # one","192.0.2.2"]}],
        "services":[{"name":"app","ports":["9000/tcp"]}],
        "rules":[
            {"id":1,"action":"allow","direction":"in","who":["list:office"]},
            {"id":2,"action":"allow","direction":"in","to":["app"]},
            {"id":3,"action":"drop","direction":"in"}]}"#;

    fn start() -> Ruleset {
        serde_json::from_str(START).expect("a ruleset")
    }

    fn id(number: u32) -> RuleId {
        RuleId::new(number).expect("not 0")
    }

    fn ids(ruleset: &Ruleset) -> Vec<u32> {
        ruleset.parts().rules.iter().map(|rule| rule.id.get()).collect()
    }

    fn office() -> ListName {
        ListName::parse("office").expect("a name")
    }

    fn entries(texts: &[&str]) -> Vec<Entry> {
        texts.iter().map(|text| Entry::parse(text).expect("an entry")).collect()
    }

    #[test]
    fn rules_come_go_and_move() {
        let apply = |edit: Edit| edit.apply(start()).map(|ruleset| ids(&ruleset));
        let rule = |number| Rule { id: id(number), ..start().parts().rules[0].clone() };
        assert_eq!(apply(Edit::AddRule { rule: rule(9), at: 1 }), Ok(vec![1, 9, 2, 3]));
        assert_eq!(apply(Edit::AddRule { rule: rule(9), at: 99 }), Ok(vec![1, 2, 3, 9]));
        assert_eq!(apply(Edit::AddRule { rule: rule(2), at: 0 }), Err(EditProblem::RuleTaken(id(2))));
        assert_eq!(apply(Edit::RemoveRules(vec![id(3), id(1)])), Ok(vec![2]));
        assert_eq!(apply(Edit::RemoveRules(vec![id(3), id(7)])), Err(EditProblem::NoRule(id(7))));
        assert_eq!(apply(Edit::MoveRules { ids: vec![id(3), id(1)], to: 1 }), Ok(vec![2, 1, 3]));
        assert_eq!(apply(Edit::MoveRules { ids: vec![id(3)], to: 0 }), Ok(vec![3, 1, 2]));
        assert_eq!(apply(Edit::ReplaceRule(rule(7))), Err(EditProblem::NoRule(id(7))));
        let off = Edit::SetEnabled { ids: vec![id(1), id(3)], enabled: false }.apply(start()).expect("fine");
        assert_eq!(off.parts().rules.iter().map(|rule| rule.enabled).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn entries_are_there_once_and_keep_their_order() {
        let added = entries(&["198.51.100.7", "192.0.2.1 # new", "198.51.100.7 # again"]);
        let ruleset = Edit::AddEntries { list: office(), entries: added }.apply(start()).expect("fine");
        let texts: Vec<String> = ruleset.parts().lists[0].entries.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["192.0.2.1 # new", "192.0.2.2", "198.51.100.7 # again"]);
        let addresses = vec![AddressRange::parse("192.0.2.2").expect("an address")];
        let edit = Edit::RemoveEntries { list: office(), addresses };
        let ruleset = edit.apply(ruleset).expect("fine");
        assert_eq!(ruleset.parts().lists[0].entries.len(), 2);
        assert_eq!(edit.apply(ruleset), Err(EditProblem::NoEntry(office())));
    }

    #[test]
    fn the_two_lists_that_need_no_rule_come_into_being() {
        let name = |text: &str| ListName::parse(text).expect("a name");
        let add = |list: &str| Edit::AddEntries { list: name(list), entries: entries(&["192.0.2.9"]) }.apply(start());
        assert_eq!(add("deny").map(|ruleset| ruleset.parts().lists.len()), Ok(2));
        assert_eq!(add("nobody"), Err(EditProblem::NoList(name("nobody"))));
    }

    #[test]
    fn what_a_rule_names_stays() {
        let app = ServiceName::parse("app").expect("a name");
        let list = Edit::RemoveList(office()).apply(start()).expect_err("r1 names it");
        assert_eq!(list.to_string(), "list office can't be removed as long as rule r1 names it");
        let service = Edit::RemoveService(app.clone()).apply(start()).expect_err("r2 names it");
        assert_eq!(service.to_string(), "service app can't be removed as long as rule r2 names it");
        let without = Edit::RemoveRules(vec![id(1), id(2)]).apply(start()).expect("fine");
        let without = Edit::RemoveList(office()).apply(without).expect("nobody names it");
        let without = Edit::RemoveService(app.clone()).apply(without).expect("nobody names it");
        assert_eq!(Edit::RemoveService(app.clone()).apply(without), Err(EditProblem::NoService(app)));
    }

    #[test]
    fn a_list_keeps_its_entries_and_a_built_in_service_its_name() {
        let list = List { name: office(), note: Text::parse("one").expect("a note"), entries: Vec::new() };
        let ruleset = Edit::PutList(list).apply(start()).expect("fine");
        let list = &ruleset.parts().lists[0];
        assert_eq!((list.note.as_str(), list.entries.len()), ("one", 2));
        let ssh = Service { name: ServiceName::parse("ssh").expect("a name"), ..start().parts().services[0].clone() };
        assert!(Edit::PutService(ssh).apply(start()).is_err());
    }
}
