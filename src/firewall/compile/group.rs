//! Many rules of one shape become one lookup. It changes no verdict and no counter, only how long a packet takes.
//!
//! Rules stand in groups while they compare the same keys and differ in one of them, or in several that are compared with
//! single values. A group becomes a verdict map, and where two rules overlap the earlier one keeps what it had.

use std::collections::{BTreeMap, BTreeSet};

use crate::firewall::{
    AddressRange, Family, Line,
    nft::{Chain, Comparison, Key, Operand, Rule, Statement, Table, Value},
};

/// Fewer rules than this stay as they are.
const WORTHWHILE: usize = 3;
/// A rule with more combinations of values than this stays as it is.
const MOST_ENTRIES: usize = 1024;

/// Chains that count and accept, by name.
type Ends = BTreeMap<String, Chain>;

pub(super) fn group(table: &mut Table) {
    let mut ends = Ends::new();
    for chain in &mut table.chains {
        let rules = std::mem::take(&mut chain.rules);
        chain.rules = regroup(rules, &mut ends);
    }
    // Regular chains come before base chains, and each is in place once.
    let base = table.chains.partition_point(|chain| chain.base.is_none());
    table.chains.splice(base..base, ends.into_values());
}

fn regroup(rules: Vec<Rule>, ends: &mut Ends) -> Vec<Rule> {
    let mut done = Vec::new();
    let mut open: Vec<Group> = Vec::new();
    for rule in rules {
        let Some(shaped) = Shaped::of(&rule) else {
            done.extend(open.drain(..).flat_map(|group| group.close(ends)));
            done.push(rule);
            continue;
        };
        let free = open.iter().rposition(|group| !group.excludes(&shaped)).unwrap_or(0);
        match open[free..].iter_mut().find(|group| group.takes(&shaped)) {
            Some(group) => group.add(rule, shaped),
            None => open.push(Group::new(rule, shaped)),
        }
    }
    done.extend(open.into_iter().flat_map(|group| group.close(ends)));
    done
}

/// A rule as what can be looked up and what can't.
struct Shaped {
    keys: Vec<(Key, Vec<Value>)>,
    fixed: Vec<Statement>,
}

impl Shaped {
    fn of(rule: &Rule) -> Option<Self> {
        let matches = rule.statements.iter().take_while(|statement| matches!(statement, Statement::Match(..))).count();
        let (matches, end) = rule.statements.split_at(matches);
        let ends = matches!(end, [Statement::GoTo(_)] | [Statement::Count(_), Statement::Accept]);
        if !ends || !matches!(rule.line, Line::Rule(_)) {
            return None;
        }
        let mut shaped = Self { keys: Vec::new(), fixed: Vec::new() };
        for statement in matches {
            match statement {
                Statement::Match(key, Comparison::Is, operand) if can_be_looked_up(*key, matches) => match operand {
                    Operand::One(value) => shaped.keys.push((*key, vec![value.clone()])),
                    Operand::Any(values) => shaped.keys.push((*key, values.clone())),
                    Operand::Set(_) => shaped.fixed.push(statement.clone()),
                },
                other => shaped.fixed.push(other.clone()),
            }
        }
        let entries = shaped.keys.iter().map(|(_, values)| values.len()).product::<usize>();
        (!shaped.keys.is_empty() && entries <= MOST_ENTRIES).then_some(shaped)
    }

    fn family(&self) -> Option<Family> {
        let fixed = self.fixed.iter().filter_map(|statement| match statement {
            Statement::Match(key, ..) => Some(*key),
            _ => None,
        });
        self.keys.iter().map(|(key, _)| *key).chain(fixed).find_map(family)
    }

    fn protocol(&self) -> Option<&Value> {
        protocol(&self.fixed)
    }
}

/// The one protocol that the statements demand.
fn protocol(statements: &[Statement]) -> Option<&Value> {
    statements.iter().find_map(|statement| match statement {
        Statement::Match(Key::Protocol, Comparison::Is, Operand::One(value)) => Some(value),
        _ => None,
    })
}

/// nft 1.0.6 knows what kind of number an original port is only after the rule has named one protocol.
fn can_be_looked_up(key: Key, matches: &[Statement]) -> bool {
    match key {
        Key::Source(_) | Key::OriginalDestination(_) => true,
        Key::OriginalPort => protocol(matches).is_some(),
        _ => false,
    }
}

/// The only family in which a key has a value.
const fn family(key: Key) -> Option<Family> {
    match key {
        Key::Source(family) | Key::OriginalDestination(family) | Key::IcmpType(family) => Some(family),
        _ => None,
    }
}

struct Group {
    rules: Vec<(Rule, Shaped)>,
    /// Which of the keys differ between the rules.
    differing: BTreeSet<usize>,
}

impl Group {
    fn new(rule: Rule, shaped: Shaped) -> Self {
        Self { rules: vec![(rule, shaped)], differing: BTreeSet::new() }
    }

    fn first(&self) -> &Shaped {
        &self.rules[0].1
    }

    fn takes(&self, shaped: &Shaped) -> bool {
        let first = self.first();
        let keys = |shaped: &Shaped| shaped.keys.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        if first.fixed != shaped.fixed || keys(first) != keys(shaped) {
            return false;
        }
        let differing = self.differing_with(shaped);
        let single = |shaped: &Shaped| differing.iter().all(|index| shaped.keys[*index].1.iter().all(is_single));
        // Those that are in already were single in the keys that differed so far, and equal to the first in the others.
        let before = self.differing.is_empty()
            || self.differing == differing
            || self.rules.iter().all(|(_, shaped)| single(shaped));
        differing.len() <= 1 || (single(shaped) && single(first) && before)
    }

    fn differing_with(&self, shaped: &Shaped) -> BTreeSet<usize> {
        let pairs = self.first().keys.iter().zip(&shaped.keys).enumerate();
        let differ = pairs.filter(|(_, (one, other))| one != other).map(|(index, _)| index);
        differ.chain(self.differing.iter().copied()).collect()
    }

    fn add(&mut self, rule: Rule, shaped: Shaped) {
        self.differing = self.differing_with(&shaped);
        self.rules.push((rule, shaped));
    }

    /// Whether no packet can match both a rule of the group and this one, so that their order doesn't matter.
    fn excludes(&self, shaped: &Shaped) -> bool {
        let families = self.first().family().zip(shaped.family());
        let protocols = self.first().protocol().zip(shaped.protocol());
        families.is_some_and(|(one, other)| one != other) || protocols.is_some_and(|(one, other)| one != other)
    }

    fn close(self, ends: &mut Ends) -> Vec<Rule> {
        if self.rules.len() < WORTHWHILE || self.differing.is_empty() {
            return self.rules.into_iter().map(|(rule, _)| rule).collect();
        }
        let first = self.first();
        let same = first.keys.iter().enumerate().filter(|(index, _)| !self.differing.contains(index));
        let mut statements = first.fixed.clone();
        statements.extend(same.map(|(_, (key, values))| compare(*key, values)));
        statements.push(if self.differing.len() == 1 { self.ranges(ends) } else { self.combinations(ends) });
        vec![Rule { line: self.rules[0].0.line, statements }]
    }

    /// Every value of the one key that differs; what an earlier rule has taken is cut out of later ones.
    fn ranges(&self, ends: &mut Ends) -> Statement {
        let index = *self.differing.first().expect("called for one key");
        let mut taken: BTreeMap<u128, (u128, Value, Statement)> = BTreeMap::new();
        for (rule, shaped) in &self.rules {
            let verdict = verdict(rule, ends);
            for value in &shaped.keys[index].1 {
                let (first, last) = value.span();
                for (first, last) in gaps(&taken, first, last) {
                    taken.insert(first, (last, part(value, first, last), verdict.clone()));
                }
            }
        }
        let entries = taken.into_values().map(|(_, value, verdict)| (vec![value], verdict)).collect();
        Statement::Map(vec![self.first().keys[index].0], entries)
    }

    /// Every combination of single values of the keys that differ; the first rule that has one keeps it.
    fn combinations(&self, ends: &mut Ends) -> Statement {
        let mut taken: BTreeMap<Vec<u128>, (Vec<Value>, Statement)> = BTreeMap::new();
        for (rule, shaped) in &self.rules {
            let verdict = verdict(rule, ends);
            let mut combinations = vec![Vec::new()];
            for index in &self.differing {
                let with = |start: &Vec<Value>, value: &Value| [&start[..], std::slice::from_ref(value)].concat();
                let values = &shaped.keys[*index].1;
                combinations =
                    combinations.iter().flat_map(|start| values.iter().map(|value| with(start, value))).collect();
            }
            for values in combinations {
                let place = values.iter().map(|value| value.span().0).collect();
                taken.entry(place).or_insert_with(|| (values, verdict.clone()));
            }
        }
        let keys = self.differing.iter().map(|index| self.first().keys[*index].0).collect();
        Statement::Map(keys, taken.into_values().collect())
    }
}

fn compare(key: Key, values: &[Value]) -> Statement {
    let operand = if let [value] = values { Operand::One(value.clone()) } else { Operand::Any(values.to_vec()) };
    Statement::Match(key, Comparison::Is, operand)
}

/// What a map does for a rule. A rule that counts and accepts gets a chain for it.
fn verdict(rule: &Rule, ends: &mut Ends) -> Statement {
    if let Some(Statement::GoTo(chain)) = rule.statements.last() {
        return Statement::GoTo(chain.clone());
    }
    let name = rule.line.to_string();
    ends.entry(name.clone()).or_insert_with(|| {
        let statements = rule.statements[rule.statements.len() - 2..].to_vec();
        Chain { name: name.clone(), base: None, rules: vec![Rule { line: rule.line, statements }] }
    });
    Statement::GoTo(name)
}

fn is_single(value: &Value) -> bool {
    let (first, last) = value.span();
    first == last
}

fn part(value: &Value, first: u128, last: u128) -> Value {
    match value {
        Value::Addresses(range) => {
            let family = range.family();
            let part = AddressRange::between(family.address(first), family.address(last));
            part.map_or_else(|| value.clone(), Value::Addresses)
        }
        _ if first == last => Value::Number(u64::try_from(first).unwrap_or(u64::MAX)),
        _ => Value::Numbers(u64::try_from(first).unwrap_or(u64::MAX), u64::try_from(last).unwrap_or(u64::MAX)),
    }
}

/// What is still free between two numbers.
fn gaps<T>(taken: &BTreeMap<u128, (u128, Value, T)>, first: u128, last: u128) -> Vec<(u128, u128)> {
    let mut found = Vec::new();
    let mut next = Some(first);
    let before = taken.range(..first).next_back().filter(|(_, (end, ..))| *end >= first);
    for (start, (end, ..)) in before.into_iter().chain(taken.range(first..=last)) {
        match next {
            Some(free) if free < *start => found.push((free, start - 1)),
            Some(_) => {}
            None => return found,
        }
        next = end.checked_add(1);
    }
    found.extend(next.filter(|free| *free <= last).map(|free| (free, last)));
    found
}
