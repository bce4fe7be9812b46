//! Puts the table together: chains by name, each counter and set declared once, and what ends a rule.

use std::collections::{BTreeMap, BTreeSet};

use super::{chains, sets};
use crate::firewall::{
    Action, Automatic, Family, Line, Rate, Ruleset,
    line::Receipt,
    list,
    nft::{Base, Chain, Comparison, Hook, Key, Limit, Operand, Rule, Set, SetKind, Statement, Table, Value},
};

/// Receipts of one line in a second: what a small host can read beside its work. What is above is still counted.
const RECEIPTS: &str = "20000/second burst 20000";

pub(super) struct Builder {
    revision: u64,
    observes: bool,
    sets: Vec<Set>,
    counters: BTreeSet<String>,
    base: Vec<Chain>,
    regular: BTreeMap<String, Chain>,
}

impl Builder {
    /// Who observes drops nothing, whatever the lines say.
    pub(super) fn new(revision: u64, observes: bool) -> Self {
        let base = [
            (chains::EARLY, Hook::Prerouting, -300, true),
            (chains::INPUT, Hook::Input, 0, false),
            (chains::FORWARD, Hook::Forward, 0, false),
            (chains::OUTPUT, Hook::Output, 0, false),
        ];
        let base = base.map(|(name, hook, priority, accepts)| Chain {
            name: name.to_owned(),
            base: Some(Base { hook, priority, accepts: accepts || observes }),
            rules: Vec::new(),
        });
        let (sets, counters, regular) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        Self { revision, observes, sets, counters, base: base.into(), regular }
    }

    pub(super) fn finish(self) -> Table {
        let chains = self.regular.into_values().chain(self.base).collect();
        Table { sets: self.sets, counters: self.counters.into_iter().collect(), chains }
    }

    pub(super) fn declare_sets(&mut self, ruleset: &Ruleset) {
        let lists: BTreeSet<&str> = [list::ALLOW, list::DENY]
            .into_iter()
            .chain(ruleset.parts().lists.iter().map(|list| list.name.as_str()))
            .collect();
        for family in Family::BOTH {
            self.set(sets::ban(family), family, SetKind::Addresses);
            self.set(sets::ban_net(family), family, SetKind::Intervals);
            self.set(sets::own(family), family, SetKind::Intervals);
            for name in &lists {
                self.set(sets::list(name, family), family, SetKind::Intervals);
            }
        }
    }

    fn set(&mut self, name: String, family: Family, kind: SetKind) {
        self.sets.push(Set { name, family, kind });
    }

    pub(super) fn push(&mut self, chain: &str, line: impl Into<Line>, statements: Vec<Statement>) {
        let rule = Rule { line: line.into(), statements };
        match self.base.iter_mut().find(|base| base.name == chain) {
            Some(base) => base.rules.push(rule),
            None => self.regular.entry(chain.to_owned()).or_insert_with(|| empty(chain)).rules.push(rule),
        }
    }

    fn count(&mut self, line: Line) -> Statement {
        self.counters.insert(line.to_string());
        Statement::Count(line.to_string())
    }

    /// The end of a line: counted, with a receipt where one is due, and decided.
    pub(super) fn end(&mut self, line: impl Into<Line>, action: Action, log: bool) -> Vec<Statement> {
        let line = line.into();
        if action == Action::Allow && !log {
            return vec![self.count(line), Statement::Accept];
        }
        let chain = line.to_string();
        if !self.regular.contains_key(&chain) {
            self.decide(&chain, line, action, log);
        }
        vec![Statement::GoTo(chain)]
    }

    /// The end of a line that lets in no more than `limits` of each source.
    pub(super) fn end_within(&mut self, line: Line, above: Line, limits: &[Limit], log: bool) -> Vec<Statement> {
        if limits.is_empty() {
            return self.end(line, Action::Allow, log);
        }
        let chain = line.to_string();
        for limit in limits {
            self.hold_to(&chain, above, *limit, &[]);
        }
        self.decide(&chain, line, Action::Allow, log);
        vec![Statement::GoTo(chain)]
    }

    /// Drops what matches and is above the limit.
    pub(super) fn hold_to(&mut self, chain: &str, above: impl Into<Line>, limit: Limit, matches: &[Statement]) {
        let above = above.into();
        let end = self.end(above, Action::Drop, false);
        for family in Family::BOTH {
            let set = self.limit_set(above, limit, family);
            let mut statements = matches.to_vec();
            statements.push(Statement::Above(set, Key::SourceNetwork(family), limit));
            statements.extend(end.clone());
            self.push(chain, above, statements);
        }
    }

    /// The limit is part of the set's name: an element keeps the limit it was made with, so a new limit needs a new set.
    fn limit_set(&mut self, line: Line, limit: Limit, family: Family) -> String {
        let (name, kind) = match limit {
            Limit::Rate(rate) => {
                (format!("{}-{}-{}", rate.count(), rate.per().as_str(), rate.burst()), SetKind::Rates(memory(rate)))
            }
            Limit::Connections(most) => (most.to_string(), SetKind::Connections),
        };
        let name = format!("{line}_{name}_{}", family.digit());
        self.set(name.clone(), family, kind);
        name
    }

    fn decide(&mut self, chain: &str, line: Line, action: Action, log: bool) {
        if action != Action::Allow || log {
            let is_observed = self.observes && action != Action::Allow;
            let receipt = Receipt { line, revision: self.revision, action, is_observed };
            let at_most = Rate::parse(RECEIPTS).expect("a constant of the right form");
            self.push(chain, line, vec![Statement::AtMost(at_most), Statement::Log(receipt.to_string())]);
        }
        let count = self.count(line);
        match action {
            Action::Allow => self.push(chain, line, vec![count, Statement::Accept]),
            Action::Drop | Action::Reject if self.observes => self.push(chain, line, vec![count, Statement::Accept]),
            Action::Drop => self.push(chain, line, vec![count, Statement::Drop]),
            Action::Reject => {
                let tcp = Statement::Match(Key::Protocol, Comparison::Is, Operand::One(Value::from(6)));
                self.push(chain, line, vec![tcp, count.clone(), Statement::Reset]);
                self.push(chain, line, vec![count, Statement::Reject]);
            }
        }
    }

    pub(super) fn default(&mut self, chain: &str, line: Automatic, action: Action) {
        let end = self.end(line, action, false);
        self.push(chain, line, end);
    }
}

fn empty(name: &str) -> Chain {
    Chain { name: name.to_owned(), base: None, rules: Vec::new() }
}

/// How long a source must be remembered until it may send a whole burst again, in seconds.
fn memory(rate: Rate) -> u32 {
    let refill = u64::from(rate.burst()) * u64::from(rate.per().seconds()) / u64::from(rate.count());
    u32::try_from(refill).unwrap_or(u32::MAX).clamp(60, 7 * 86_400)
}
