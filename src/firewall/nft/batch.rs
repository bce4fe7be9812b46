//! The transaction that makes the kernel's table equal to ours.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::{Chain, Set, SetKind, Table, value::addresses};
use crate::firewall::{AddressRange, Family};

/// What the table in the kernel has now, by name; empty if there is no table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// Chains, base chains included.
    pub chains: BTreeSet<String>,
    /// Sets.
    pub sets: BTreeSet<String>,
    /// Named counters.
    pub counters: BTreeSet<String>,
}

impl Present {
    /// Reads the output of `nft -j -t list ruleset`; other tables in it are ignored.
    #[must_use]
    pub fn from_listing(listing: &Json) -> Self {
        let mut present = Self::default();
        for object in listing["nftables"].as_array().into_iter().flatten() {
            for (kind, names) in
                [("chain", &mut present.chains), ("set", &mut present.sets), ("counter", &mut present.counters)]
            {
                let ours = object[kind]["family"] == Table::FAMILY && object[kind]["table"] == Table::NAME;
                names.extend(object[kind]["name"].as_str().filter(|_| ours).map(str::to_owned));
            }
        }
        present
    }
}

/// Commands for `nft -j -f -`, all or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch(Vec<Json>);

impl Batch {
    /// Makes the table from nothing, whatever is in it: what nobody knows of goes with what was in the sets.
    #[must_use]
    pub fn anew(table: &Table) -> Self {
        let mut batch = Self::clear();
        batch.0.extend(Self::replace(table, &Present::default()).0);
        batch
    }

    /// Replaces all rules, adds what is missing and deletes what is no longer wanted. Sets and counters that stay keep
    /// what is in them.
    #[must_use]
    pub fn replace(table: &Table, present: &Present) -> Self {
        let mut batch = Self::default();
        let names = json!({"family": Table::FAMILY, "name": Table::NAME});
        batch.0.push(json!({"add": {"table": names}}));
        batch.0.push(json!({"flush": {"table": names}}));
        batch.declare(table, present);
        batch.fill(table);
        batch.delete_vanished(table, present);
        batch
    }

    /// Makes sets that aren't there yet, so that they can be filled before anything uses them.
    #[must_use]
    pub fn declare_sets(sets: &[&Set]) -> Self {
        let table = json!({"add": {"table": {"family": Table::FAMILY, "name": Table::NAME}}});
        let sets = sets.iter().map(|set| json!({"add": {"set": set_json(set)}}));
        Self([table].into_iter().chain(sets).collect())
    }

    /// Takes the table out of the kernel, whether it is there or not.
    #[must_use]
    pub fn clear() -> Self {
        let names = json!({"family": Table::FAMILY, "name": Table::NAME});
        Self(vec![json!({"add": {"table": names}}), json!({"delete": {"table": names}})])
    }

    /// Replaces the members of a set; a timeout is in whole seconds from the commit.
    pub fn set_members(&mut self, set: &str, members: impl IntoIterator<Item = (AddressRange, Option<u64>)>) {
        self.0.push(json!({"flush": {"set": named(set)}}));
        let elements: Vec<Json> = members.into_iter().map(|(range, timeout)| element(range, timeout)).collect();
        if elements.is_empty() {
            return;
        }
        let mut set = named(set);
        set["elem"] = elements.into();
        self.0.push(json!({"add": {"element": set}}));
    }

    fn declare(&mut self, table: &Table, present: &Present) {
        // Declaring a set again that the kernel fills would fail: nft 1.0.6 marks it dynamic only the first time.
        let missing = table.sets.iter().filter(|set| !present.sets.contains(&set.name));
        self.0.extend(missing.map(|set| json!({"add": {"set": set_json(set)}})));
        let missing = table.counters.iter().filter(|name| !present.counters.contains(*name));
        self.0.extend(missing.map(|name| json!({"add": {"counter": named(name)}})));
        self.0.extend(table.chains.iter().map(|chain| json!({"add": {"chain": chain_json(chain)}})));
    }

    fn fill(&mut self, table: &Table) {
        for chain in &table.chains {
            for rule in &chain.rules {
                let statements: Vec<Json> = rule.statements.iter().map(super::Statement::to_json).collect();
                self.0.push(json!({"add": {"rule": {
                    "family": Table::FAMILY, "table": Table::NAME, "chain": chain.name,
                    "comment": rule.line.to_string(), "expr": statements,
                }}}));
            }
        }
    }

    fn delete_vanished(&mut self, table: &Table, present: &Present) {
        let chains = table.chains.iter().map(|chain| &chain.name).collect();
        let sets = table.sets.iter().map(|set| &set.name).collect();
        let counters = table.counters.iter().collect();
        for (kind, present, wanted) in
            [("chain", &present.chains, chains), ("set", &present.sets, sets), ("counter", &present.counters, counters)]
        {
            let wanted: BTreeSet<&String> = wanted;
            let vanished = present.iter().filter(|name| !wanted.contains(name));
            self.0.extend(vanished.map(|name| json!({"delete": {kind: named(name)}})));
        }
    }
}

impl Serialize for Batch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"nftables": self.0}).serialize(serializer)
    }
}

fn named(name: &str) -> Json {
    json!({"family": Table::FAMILY, "table": Table::NAME, "name": name})
}

fn chain_json(chain: &Chain) -> Json {
    let mut json = named(&chain.name);
    if let Some(base) = chain.base {
        json["type"] = "filter".into();
        json["hook"] = base.hook.as_str().into();
        json["prio"] = base.priority.into();
        json["policy"] = if base.accepts { "accept" } else { "drop" }.into();
    }
    json
}

/// How many addresses a set remembers that the kernel fills, so that a flood of forged sources can't fill its memory.
const MOST_REMEMBERED: u32 = 65_536;

fn set_json(set: &Set) -> Json {
    let mut json = named(&set.name);
    json["type"] = if set.family == Family::V4 { "ipv4_addr" } else { "ipv6_addr" }.into();
    match set.kind {
        SetKind::Addresses => json["flags"] = json!(["timeout"]),
        SetKind::Intervals => json["flags"] = json!(["interval", "timeout"]),
        SetKind::Rates(seconds) => {
            json["flags"] = json!(["timeout"]);
            json["timeout"] = seconds.into();
            json["size"] = MOST_REMEMBERED.into();
        }
        SetKind::Connections => json["size"] = MOST_REMEMBERED.into(),
    }
    json
}

fn element(range: AddressRange, timeout: Option<u64>) -> Json {
    match timeout {
        Some(seconds) => json!({"elem": {"val": addresses(range), "timeout": seconds}}),
        None => addresses(range),
    }
}
