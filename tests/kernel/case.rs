//! A ruleset with packets on which kernel and simulator must agree.

use std::collections::{BTreeMap, BTreeSet};

use portreeve::firewall::{
    Action, AddressRange, CheckedRuleset, Compiled, Direction, Family, Parts, Policy, Ruleset, check, compile,
    compile::sets,
    nft::Present,
    simulate::{Outcome, Simulator, bytes::Shape},
};
use serde::{Deserialize, Serialize};

use super::lab::{Lab, Probe};
use crate::simulate::generate::surroundings;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub ruleset: Parts,
    pub bans: Vec<AddressRange>,
    pub probes: Vec<Probe>,
}

impl Case {
    pub fn checked(&self) -> Option<CheckedRuleset> {
        check(Ruleset::try_from(self.ruleset.clone()).ok()?, &surroundings()).ok()
    }

    /// Every disagreement, one a line; none if the ruleset can't be applied.
    pub fn disagreements(&self, lab: &mut Lab) -> Vec<String> {
        let Some(checked) = self.checked() else { return Vec::new() };
        let compiled = compile(&checked, 1);
        self.disagreements_with(lab, &compiled, &compiled)
    }

    /// The same if the kernel gets another table than the simulator.
    pub fn disagreements_with(&self, lab: &mut Lab, simulated: &Compiled, loaded: &Compiled) -> Vec<String> {
        let situation = Lab::situation(self.bans.clone());
        let mut batch = loaded.batch_with_members(&Present::default(), situation.now);
        for family in Family::BOTH {
            let banned = self.bans.iter().filter(|range| range.family() == family);
            let (single, nets): (Vec<_>, Vec<_>) =
                banned.map(|range| (*range, Some(3600))).partition(|(range, _)| range.first() == range.last());
            batch.set_members(&sets::ban(family), single);
            batch.set_members(&sets::ban_net(family), nets);
        }
        lab.clear();
        if let Err(error) = lab.load(&batch) {
            return vec![format!("the kernel refuses the ruleset: {error}")];
        }
        let observed = lab.send(&self.probes);
        let simulator = Simulator::new(simulated, &situation);
        let outcomes: Vec<Outcome> = self.probes.iter().map(|probe| simulator.judge(&probe.packet)).collect();
        let mut found = Vec::new();
        for ((passed, probe), outcome) in observed.passed.into_iter().zip(&self.probes).zip(&outcomes) {
            if !self.allows(probe, outcome, passed) {
                let took = observed.took;
                found.push(format!("passed: {passed}, but {:?} for {probe:?} (sent in {took:?})", outcome.verdict));
            }
        }
        if found.is_empty() && !self.has_limits() {
            found.extend(self.miscounts(&outcomes, &observed.counted));
        }
        found
    }

    fn has_limits(&self) -> bool {
        self.ruleset.rules.iter().any(|rule| rule.new_connections.is_some() || rule.connections.is_some())
    }

    fn allows(&self, probe: &Probe, outcome: &Outcome, passed: bool) -> bool {
        if probe.shape == Shape::FirstFragment {
            return !passed;
        }
        let expected = outcome.verdict.action == Action::Allow;
        let above = outcome.above.iter().any(|verdict| (verdict.action == Action::Allow) == passed);
        expected == passed || (self.has_limits() && above)
    }

    /// Counters that differ. What goes out also counts the host's answers to what came in, so it isn't compared.
    fn miscounts(&self, outcomes: &[Outcome], counted: &BTreeMap<String, u64>) -> Vec<String> {
        let mut expected = BTreeMap::new();
        for (probe, outcome) in self.probes.iter().zip(outcomes) {
            for name in outcome.counted.iter().filter(|_| probe.shape != Shape::FirstFragment) {
                *expected.entry(name.clone()).or_insert(0_u64) += 1;
            }
        }
        let outgoing = |name: &String| {
            let mut rules = self.ruleset.rules.iter().filter(|rule| rule.direction == Direction::Out);
            name == "default-out" || rules.any(|rule| rule.id.to_string() == *name)
        };
        let names: BTreeSet<&String> = expected.keys().chain(counted.keys()).collect();
        let differ = names.into_iter().filter(|name| !outgoing(name) && expected.get(*name) != counted.get(*name));
        differ
            .map(|name| format!("{name} counted {:?}, expected {:?}", counted.get(name), expected.get(name)))
            .collect()
    }

    /// The smallest case that still disagrees.
    pub fn shrink(self, lab: &mut Lab) -> Self {
        let mut smallest = self;
        let mut tries = 0;
        'again: loop {
            for smaller in smallest.smaller() {
                tries += 1;
                if tries > 400 {
                    return smallest;
                }
                if !smaller.disagreements(lab).is_empty() {
                    smallest = smaller;
                    continue 'again;
                }
            }
            return smallest;
        }
    }

    fn smaller(&self) -> Vec<Self> {
        let mut found = Vec::new();
        let mut offer = |change: &dyn Fn(&mut Self)| {
            let mut smaller = self.clone();
            change(&mut smaller);
            if smaller != *self {
                found.push(smaller);
            }
        };
        let half = self.probes.len() / 2;
        if half > 0 {
            offer(&|case| drop(case.probes.drain(..half)));
            offer(&|case| case.probes.truncate(half));
        }
        offer(&|case| case.bans.clear());
        offer(&|case| case.ruleset.policy = Policy::default());
        for index in 0..self.ruleset.rules.len() {
            offer(&|case| drop(case.ruleset.rules.remove(index)));
            offer(&|case| case.ruleset.rules[index].who.clear());
            offer(&|case| case.ruleset.rules[index].at.clear());
            offer(&|case| case.ruleset.rules[index].interfaces.clear());
            offer(&|case| case.ruleset.rules[index].starts_at = None);
            offer(&|case| case.ruleset.rules[index].expires_at = None);
            offer(&|case| case.ruleset.rules[index].log = false);
            for term in 0..self.ruleset.rules[index].to.len() {
                offer(&|case| drop(case.ruleset.rules[index].to.remove(term)));
            }
        }
        for index in 0..self.ruleset.lists.len() {
            offer(&|case| case.ruleset.lists[index].entries.clear());
        }
        found
    }
}
