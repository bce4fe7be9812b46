//! What our table looks like in the kernel, without what changes by itself, and how two such looks differ.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::firewall::{Line, enforcement::Drift, nft::Table, untrusted::tame};

/// Differences that are told, and characters of each.
const MOST: usize = 1_000;
const CONTENT: usize = 2_000;

/// Our table, as nft lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Chains, sets and counters by kind and name, without handles and contents.
    objects: BTreeMap<String, Json>,
    /// The rules of each chain in order, without handles.
    rules: BTreeMap<String, Vec<Json>>,
}

impl Shape {
    /// Finds our table in the output of `nft -j -t list ruleset`; nothing if it isn't there.
    pub fn of(listing: &Json) -> Option<Self> {
        let mut shape = Self::default();
        let mut is_there = false;
        for (kind, object) in ours(listing) {
            is_there |= kind == "table";
            if kind != "table" {
                shape.take(kind, object);
            }
        }
        is_there.then_some(shape)
    }

    fn take(&mut self, kind: &str, object: &Json) {
        let mut object = object.clone();
        if let Some(fields) = object.as_object_mut() {
            let moving: &[&str] = if kind == "rule" { &["handle"] } else { &["handle", "elem", "packets", "bytes"] };
            fields.retain(|name, _| !moving.contains(&name.as_str()));
        }
        if kind == "rule" {
            self.rules.entry(text(&object["chain"])).or_default().push(object);
        } else {
            self.objects.insert(format!("{kind} {}", text(&object["name"])), object);
        }
    }

    /// Whether this is what a table must look like.
    ///
    /// # Errors
    /// The first difference.
    pub fn fits(&self, table: &Table) -> Result<(), String> {
        let names = table.chains.iter().map(|chain| format!("chain {}", chain.name));
        let names = names.chain(table.sets.iter().map(|set| format!("set {}", set.name)));
        let mut wanted: Vec<String> =
            names.chain(table.counters.iter().map(|name| format!("counter {name}"))).collect();
        wanted.sort_unstable();
        if !wanted.iter().eq(self.objects.keys()) {
            return Err("the kernel shows other chains, sets or counters than were committed".to_owned());
        }
        for chain in &table.chains {
            let found = self.rules.get(&chain.name).map_or(&[][..], Vec::as_slice);
            let comments = found.iter().map(|rule| text(&rule["comment"]));
            if !comments.eq(chain.rules.iter().map(|rule| rule.line.to_string())) {
                return Err(format!("the kernel shows other rules in chain {} than were committed", chain.name));
            }
        }
        Ok(())
    }

    /// What somebody changed since this was committed.
    pub fn differences(&self, found: Option<&Self>) -> Vec<Drift> {
        let nothing = Self::default();
        let found = found.unwrap_or(&nothing);
        let mut drift: Vec<Drift> = Vec::new();
        for (is_foreign, some, others) in [(false, self, found), (true, found, self)] {
            let lacking = some.objects.iter().filter(|(name, object)| others.objects.get(*name) != Some(object));
            drift.extend(lacking.map(|(name, object)| told(is_foreign, name, object)));
        }
        let chains = self.rules.keys().chain(found.rules.keys().filter(|chain| !self.rules.contains_key(*chain)));
        for chain in chains {
            let rules = |shape: &Self| shape.rules.get(chain).cloned().unwrap_or_default();
            drift.extend(moved(&rules(self), &rules(found)));
        }
        drift.truncate(MOST);
        drift
    }
}

/// Our tables' objects taken out: what is left belongs to others.
pub fn foreign(listing: Json) -> Json {
    let Json::Object(mut whole) = listing else { return Json::Null };
    if let Some(list) = whole.get_mut("nftables").and_then(Json::as_array_mut) {
        list.retain(|object| !object.as_object().into_iter().flatten().any(|(kind, object)| is_ours(kind, object)));
    }
    Json::Object(whole)
}

/// Our table and all that is in it, each with its kind.
pub fn ours(listing: &Json) -> impl Iterator<Item = (&str, &Json)> {
    let objects = listing["nftables"].as_array().into_iter().flatten().filter_map(Json::as_object).flatten();
    objects.filter(|(kind, object)| is_ours(kind, object)).map(|(kind, object)| (kind.as_str(), object))
}

fn is_ours(kind: &str, object: &Json) -> bool {
    let table = if kind == "table" { "name" } else { "table" };
    object["family"] == Table::FAMILY && object[table] == Table::NAME
}

/// Between the rules that are the same at both ends of a chain: what is missing and what is new; if only the order
/// changed, all of it.
fn moved(committed: &[Json], found: &[Json]) -> Vec<Drift> {
    let start = committed.iter().zip(found).take_while(|(one, other)| one == other).count();
    let (committed, found) = (&committed[start..], &found[start..]);
    let end = committed.iter().rev().zip(found.iter().rev()).take_while(|(one, other)| one == other).count();
    let (committed, found) = (&committed[..committed.len() - end], &found[..found.len() - end]);
    let without = |some: &[Json], others: &[Json]| -> Vec<Json> {
        let others: BTreeSet<String> = others.iter().map(Json::to_string).collect();
        some.iter().filter(|rule| !others.contains(&rule.to_string())).cloned().collect()
    };
    let (mut missing, mut new) = (without(committed, found), without(found, committed));
    if missing.is_empty() && new.is_empty() {
        (missing, new) = (committed.to_vec(), found.to_vec());
    }
    let missing = missing.iter().map(|rule| told(false, &text(&rule["chain"]), rule));
    missing.chain(new.iter().map(|rule| told(true, &text(&rule["chain"]), rule))).take(MOST).collect()
}

fn told(is_foreign: bool, place: &str, content: &Json) -> Drift {
    Drift {
        is_foreign,
        place: tame(place, CONTENT),
        line: Line::parse(&text(&content["comment"])).ok(),
        content: tame(&content.to_string(), CONTENT),
    }
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listing(rules: &[&str]) -> Json {
        let ours =
            |kind: &str, name: &str| json!({kind: {"family": "inet", "table": "portreeve", "name": name, "handle": 7}});
        let mut objects = vec![
            json!({"metainfo": {"version": "1"}}),
            json!({"table": {"family": "inet", "name": "portreeve", "handle": 1}}),
            json!({"table": {"family": "ip", "name": "nat", "handle": 2}}),
            json!({"chain": {"family": "ip", "table": "nat", "name": "DOCKER"}}),
            ours("chain", "input"),
            json!({"counter": {"family": "inet", "table": "portreeve", "name": "r1", "packets": rules.len(), "bytes": 3}}),
        ];
        objects.extend(rules.iter().enumerate().map(|(handle, comment)| {
            json!({"rule": {"family": "inet", "table": "portreeve", "chain": "input", "handle": handle, "comment": comment}})
        }));
        json!({"nftables": objects})
    }

    fn drift(committed: &[&str], found: &[&str]) -> Vec<(bool, String)> {
        let shape = |rules| Shape::of(&listing(rules)).unwrap();
        let drift = shape(committed).differences(Some(&shape(found)));
        drift.into_iter().map(|drift| (drift.is_foreign, drift.line.unwrap().to_string())).collect()
    }

    #[test]
    fn counting_is_no_drift_and_every_change_of_the_rules_is() {
        assert_eq!(drift(&["r1", "r2"], &["r1", "r2"]), []);
        assert_eq!(drift(&["r1", "r2"], &["r1"]), [(false, "r2".to_owned())]);
        assert_eq!(drift(&["r1", "r2"], &["r3", "r1", "r2"]), [(true, "r3".to_owned())]);
        let swapped =
            [(false, "r1".to_owned()), (false, "r2".to_owned()), (true, "r2".to_owned()), (true, "r1".to_owned())];
        assert_eq!(drift(&["r1", "r2"], &["r2", "r1"]), swapped);
        assert_eq!(drift(&["r1", "r1"], &["r1"]), [(false, "r1".to_owned())]);
    }

    #[test]
    fn a_table_that_is_gone_is_missing_and_others_tables_stay() {
        let shape = Shape::of(&listing(&["r1"])).unwrap();
        assert_eq!(shape.differences(None).len(), 3);
        let foreign = foreign(listing(&["r1"]));
        assert_eq!(foreign["nftables"].as_array().unwrap().len(), 3);
        assert_eq!(Shape::of(&foreign), None);
    }
}
