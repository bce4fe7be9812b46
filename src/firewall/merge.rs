//! Two administrators changed the same ruleset: what both want, where that can be.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AddressRange, List, Parts, Policy, Rule, RuleId, Ruleset, TooMany,
    changes::{RulesetChange, Thing, between},
    list::Entry,
};

/// Something that both changed, each in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What it is.
    pub thing: Thing,
    /// What the one of whom nothing is left here had done, as a sentence without a full stop.
    pub lost: String,
}

/// A merged ruleset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// What both want; where they clash, what `theirs` says.
    pub ruleset: Ruleset,
    /// What of `mine` is lost.
    pub conflicts: Vec<Conflict>,
}

/// Does to `theirs` what leads from `base` to `mine`.
///
/// # Errors
/// When there would be more of something than Portreeve handles.
pub fn three_way(base: &Ruleset, mine: &Ruleset, theirs: &Ruleset) -> Result<Merged, TooMany> {
    let wanted = between(base, mine);
    let done: BTreeSet<Thing> = between(base, theirs).into_iter().map(|change| change.thing).collect();
    let agreed: BTreeSet<Thing> = agreed(mine, theirs, &wanted);
    let clashes = |change: &&RulesetChange| done.contains(&change.thing) && !agreed.contains(&change.thing);
    let mut parts = theirs.parts().clone();
    let mut lost = Vec::new();
    for change in wanted.iter().filter(clashes) {
        let is_merged = match &change.thing {
            Thing::List(name) => merge_list(base, mine, &mut parts, name.as_str()),
            Thing::Policy => merge_policy(&base.parts().policy, &mine.parts().policy, &mut parts.policy),
            Thing::Rule(_) | Thing::Service(_) => false,
        };
        if !is_merged {
            lost.push(Conflict { thing: change.thing.clone(), lost: change.to_string() });
        }
    }
    let takes = |thing: &Thing| wanted.iter().any(|change| change.thing == *thing) && !done.contains(thing);
    if takes(&Thing::Policy) {
        parts.policy = mine.parts().policy.clone();
    }
    parts.rules = rules(base, mine, theirs, |id| takes(&Thing::Rule(id)));
    let lists = |thing: &List| takes(&Thing::List(thing.name.clone()));
    take(&mut parts.lists, &base.parts().lists, &mine.parts().lists, lists, |list| list.name.clone());
    let services = |service: &super::Service| takes(&Thing::Service(service.name.clone()));
    take(&mut parts.services, &base.parts().services, &mine.parts().services, services, |service| service.name.clone());
    Ok(Merged { ruleset: Ruleset::try_from(parts)?, conflicts: lost })
}

/// What both changed to the same.
fn agreed(mine: &Ruleset, theirs: &Ruleset, wanted: &[RulesetChange]) -> BTreeSet<Thing> {
    let differ: BTreeSet<Thing> = between(mine, theirs).into_iter().map(|change| change.thing).collect();
    wanted.iter().map(|change| change.thing.clone()).filter(|thing| !differ.contains(thing)).collect()
}

/// Takes what one side has added, changed or removed.
fn take<T: Clone, K: Ord>(
    there: &mut Vec<T>,
    base: &[T],
    mine: &[T],
    takes: impl Fn(&T) -> bool,
    key: impl Fn(&T) -> K,
) {
    let wanted: BTreeMap<K, &T> = mine.iter().filter(|thing| takes(thing)).map(|thing| (key(thing), thing)).collect();
    let gone: BTreeSet<K> = base.iter().filter(|thing| takes(thing)).map(&key).collect();
    there.retain(|thing| !gone.contains(&key(thing)) || wanted.contains_key(&key(thing)));
    for thing in there.iter_mut() {
        if let Some(wanted) = wanted.get(&key(thing)) {
            *thing = (*wanted).clone();
        }
    }
    let known: BTreeSet<K> = there.iter().map(&key).collect();
    there.extend(wanted.into_iter().filter(|(key, _)| !known.contains(key)).map(|(_, thing)| thing.clone()));
}

/// The order is that of `mine` as long as `theirs` hasn't changed it; what only one of them has goes behind the rule that
/// is before it there.
fn rules(base: &Ruleset, mine: &Ruleset, theirs: &Ruleset, takes: impl Fn(RuleId) -> bool) -> Vec<Rule> {
    let ids = |ruleset: &Ruleset| ruleset.parts().rules.iter().map(|rule| rule.id).collect::<Vec<_>>();
    let (before, own, other) = (ids(base), ids(mine), ids(theirs));
    let gone = |id: &RuleId| before.contains(id) && !own.contains(id) && takes(*id);
    let added = |id: &RuleId| !before.contains(id) && takes(*id);
    let common = |ids: &[RuleId]| {
        let everywhere = |id: &&RuleId| before.contains(id) && own.contains(id) && other.contains(id);
        ids.iter().filter(everywhere).copied().collect::<Vec<_>>()
    };
    let (mut order, inserted): (Vec<RuleId>, &[RuleId]) = if common(&before) == common(&other) {
        (own.iter().filter(|id| other.contains(id) || added(id)).copied().collect(), &other)
    } else {
        (other.clone(), &own)
    };
    let mut behind = None;
    for id in inserted {
        if !order.contains(id) && (other.contains(id) || added(id)) {
            let at = behind.and_then(|behind| order.iter().position(|place| *place == behind)).map_or(0, |at| at + 1);
            order.insert(at, *id);
        }
        behind = Some(*id).filter(|id| order.contains(id)).or(behind);
    }
    order.retain(|id| !gone(id));
    let find = |ruleset: &Ruleset, id| ruleset.parts().rules.iter().find(|rule| rule.id == id).cloned();
    let rule = |id: RuleId| if takes(id) { find(mine, id).or_else(|| find(theirs, id)) } else { find(theirs, id) };
    order.into_iter().filter_map(rule).collect()
}

/// Merges the fields of a policy that both changed; false, and nothing is merged, if a field was changed in two ways.
fn merge_policy(base: &Policy, mine: &Policy, theirs: &mut Policy) -> bool {
    let fields = |policy: &Policy| serde_json::to_value(policy).expect("a policy has a JSON form");
    let (base, mine, mut merged) = (fields(base), fields(mine), fields(theirs));
    for (name, theirs) in merged.as_object_mut().into_iter().flatten().filter(|(name, _)| mine[*name] != base[*name]) {
        if *theirs != base[name] && *theirs != mine[name] {
            return false;
        }
        *theirs = mine[name].clone();
    }
    *theirs = serde_json::from_value(merged).expect("its fields come from policies");
    true
}

/// Merges the entries of a list that both changed; false if the same entry was changed in two ways, or the list is gone.
fn merge_list(base: &Ruleset, mine: &Ruleset, parts: &mut Parts, name: &str) -> bool {
    let find = |ruleset: &Ruleset| ruleset.parts().lists.iter().find(|list| list.name.as_str() == name).cloned();
    let (Some(base), Some(mine)) = (find(base), find(mine)) else { return false };
    let Some(theirs) = parts.lists.iter_mut().find(|list| list.name.as_str() == name) else { return false };
    let entries = |list: &List| -> BTreeMap<AddressRange, Entry> {
        list.entries.iter().map(|entry| (entry.addresses, entry.clone())).collect()
    };
    let (before, own, mut other) = (entries(&base), entries(&mine), entries(theirs));
    let keys: BTreeSet<AddressRange> = before.keys().chain(own.keys()).copied().collect();
    for key in keys.into_iter().filter(|key| before.get(key) != own.get(key)) {
        if other.get(&key) != before.get(&key) && other.get(&key) != own.get(&key) {
            return false;
        }
        match own.get(&key) {
            Some(entry) => drop(other.insert(key, entry.clone())),
            None => drop(other.remove(&key)),
        }
    }
    if theirs.note != mine.note && base.note != mine.note {
        if base.note != theirs.note {
            return false;
        }
        theirs.note = mine.note;
    }
    theirs.entries = other.into_values().collect();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruleset(json: &str) -> Ruleset {
        serde_json::from_str(json).expect(json)
    }

    fn rules(ids: &[(u32, &str)]) -> String {
        let rule = |(id, to): &(u32, &str)| format!(r#"{{"id":{id},"action":"allow","direction":"in","to":["{to}"]}}"#);
        format!(r#"{{"rules":[{}]}}"#, ids.iter().map(rule).collect::<Vec<_>>().join(","))
    }

    fn merged(base: &str, mine: &str, theirs: &str) -> (Ruleset, Vec<String>) {
        let merged = three_way(&ruleset(base), &ruleset(mine), &ruleset(theirs)).expect("not too many");
        (merged.ruleset, merged.conflicts.into_iter().map(|conflict| conflict.lost).collect())
    }

    #[test]
    fn what_each_did_elsewhere_is_all_there() {
        let base = rules(&[(1, "ssh"), (2, "http"), (3, "smtp")]);
        let mine = rules(&[(1, "ssh"), (4, "imaps"), (2, "https")]);
        let theirs = rules(&[(5, "dns"), (1, "22/tcp"), (2, "http"), (3, "smtp"), (6, "ntp")]);
        let (found, conflicts) = merged(&base, &mine, &theirs);
        assert_eq!(conflicts, Vec::<String>::new());
        let expected = rules(&[(5, "dns"), (1, "22/tcp"), (4, "imaps"), (2, "https"), (6, "ntp")]);
        assert_eq!(found, ruleset(&expected));
    }

    #[test]
    fn the_same_changed_in_two_ways_stays_theirs_and_is_told() {
        let (base, mine, theirs) = (rules(&[(1, "ssh")]), rules(&[(1, "http")]), rules(&[(1, "smtp")]));
        let (found, conflicts) = merged(&base, &mine, &theirs);
        assert_eq!(found, ruleset(&theirs));
        assert!(conflicts.len() == 1 && conflicts[0].starts_with("Rule r1 changed"), "{conflicts:?}");
        assert_eq!(merged(&base, &mine, &mine), (ruleset(&mine), Vec::new()), "both to the same is no clash");
        let (found, conflicts) = merged(&base, &rules(&[]), &theirs);
        assert_eq!((found, conflicts.len()), (ruleset(&theirs), 1), "one removed what the other changed");
    }

    #[test]
    fn a_change_of_order_is_kept_where_the_other_left_the_order_alone() {
        let base = rules(&[(1, "ssh"), (2, "http"), (3, "smtp")]);
        let mine = rules(&[(3, "smtp"), (1, "ssh"), (2, "http")]);
        let theirs = rules(&[(1, "ssh"), (2, "http"), (4, "dns"), (3, "smtp")]);
        let (found, _) = merged(&base, &mine, &theirs);
        assert_eq!(found, ruleset(&rules(&[(3, "smtp"), (1, "ssh"), (2, "http"), (4, "dns")])));
    }

    #[test]
    fn policies_are_merged_by_field() {
        let policy = |fields: &str| format!(r#"{{"policy":{{{fields}}}}}"#);
        let (mine, theirs) = (policy(r#""incoming":"reject""#), policy(r#""ping":"off","dhcpv6":false"#));
        let (found, conflicts) = merged("{}", &mine, &theirs);
        assert_eq!(conflicts, Vec::<String>::new());
        assert_eq!(found, ruleset(&policy(r#""incoming":"reject","ping":"off","dhcpv6":false"#)));
        let clash = policy(r#""incoming":"allow","ping":"off""#);
        let (found, conflicts) = merged("{}", &mine, &clash);
        assert_eq!((found, conflicts.len()), (ruleset(&clash), 1));
    }

    #[test]
    fn lists_are_merged_by_entry() {
        let list = |entries: &str| format!(r#"{{"lists":[{{"name":"office","entries":[{entries}]}}]}}"#);
        let base = list(r#""192.0.2.1","192.0.2.2""#);
        let mine = list(r#""192.0.2.1","192.0.2.3""#);
        let theirs = list(r#""192.0.2.1 # first","192.0.2.2","192.0.2.4""#);
        let (found, conflicts) = merged(&base, &mine, &theirs);
        assert_eq!(conflicts, Vec::<String>::new());
        assert_eq!(found, ruleset(&list(r#""192.0.2.1 # first","192.0.2.3","192.0.2.4""#)));
        let clash = list(r#""192.0.2.1 # one","192.0.2.2""#);
        assert_eq!(merged(&base, &clash, &theirs).1.len(), 1);
    }
}
