//! What the kernel would do with a packet, found by evaluating the compiled rules one statement at a time.
//!
//! It knows nothing of the model: what it says about a ruleset is what that ruleset became, mistakes included.

pub mod bytes;
mod keys;
mod packet;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use packet::{Connection, Content, Original, Packet, Passage, SYN};

use super::{
    Action, AddressRange, Compiled, InterfaceName, Line, Moment,
    compile::Member,
    nft::{Chain, Comparison, Hook, Key, Operand, Rule, Statement, Value},
};

/// Where answers to a network leave. One's own addresses belong to `lo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The network; the narrowest that contains an address counts.
    pub network: AddressRange,
    /// The interface towards it.
    pub interface: InterfaceName,
}

/// What the verdict on a packet depends on besides packet and rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The present.
    pub now: Moment,
    /// Who is banned now.
    pub bans: Vec<AddressRange>,
    /// The routes; without any, every source counts as reachable where it came from.
    pub routes: Vec<Route>,
}

/// What happens to a packet, and which line says so; no line means the chain's own policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Verdict {
    /// What happens.
    pub action: Action,
    /// What decided.
    pub line: Option<Line>,
}

/// One rule that matched on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The chain it is in.
    pub chain: String,
    /// The line it was made from.
    pub line: Line,
    /// What it did.
    pub effect: Effect,
}

/// What a rule that matched did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Sent the packet on to a chain.
    Continue(String),
    /// Wrote a receipt.
    Log(String),
    /// Held the source to a limit, which it was not above.
    Limit(String),
    /// Decided, at least for this hook.
    Decide(Action),
}

/// The answer of the simulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What happens while the source is within all limits.
    pub verdict: Verdict,
    /// What may happen instead if the source is above a limit, in the order of the limits.
    pub above: Vec<Verdict>,
    /// The rules that matched, in order.
    pub path: Vec<Step>,
    /// The counters that went up.
    pub counted: Vec<String>,
}

/// Evaluates one compiled ruleset in one situation.
#[derive(Debug)]
pub struct Simulator<'a> {
    situation: &'a Situation,
    chains: BTreeMap<&'a str, &'a Chain>,
    base: BTreeMap<Hook, &'a Chain>,
    sets: BTreeMap<&'a str, &'a [Member]>,
}

/// How a base chain ended.
type End = Option<Verdict>;

impl<'a> Simulator<'a> {
    /// Prepares to judge packets.
    #[must_use]
    pub fn new(compiled: &'a Compiled, situation: &'a Situation) -> Self {
        let chains = compiled.table.chains.iter().map(|chain| (chain.name.as_str(), chain)).collect();
        let sets = compiled.members.iter().map(|set| (set.set.as_str(), set.members.as_slice())).collect();
        let base = |chain: &'a Chain| chain.base.map(|base| (base.hook, chain));
        let base = compiled.table.chains.iter().filter_map(base).collect();
        Self { situation, chains, base, sets }
    }

    /// Judges a packet.
    #[must_use]
    pub fn judge(&self, packet: &Packet) -> Outcome {
        let hooks: &[Hook] = match packet.passage {
            Passage::In { .. } => &[Hook::Prerouting, Hook::Input],
            Passage::Forward { .. } => &[Hook::Prerouting, Hook::Forward],
            Passage::Out { .. } => &[Hook::Output],
        };
        let verdict = Verdict { action: Action::Allow, line: None };
        let mut walk = Walk { simulator: self, packet, above: Vec::new(), path: Vec::new(), counted: Vec::new() };
        let verdict = hooks.iter().try_fold(verdict, |_, hook| walk.hook(*hook)).unwrap_or_else(|refused| refused);
        Outcome { verdict, above: walk.above, path: walk.path, counted: walk.counted }
    }
}

/// One packet's way.
struct Walk<'a> {
    simulator: &'a Simulator<'a>,
    packet: &'a Packet,
    above: Vec<Verdict>,
    path: Vec<Step>,
    counted: Vec<String>,
}

impl<'a> Walk<'a> {
    /// Ok if the packet goes on to the next hook.
    fn hook(&mut self, hook: Hook) -> Result<Verdict, Verdict> {
        let Some(chain) = self.simulator.base.get(&hook) else {
            return Ok(Verdict { action: Action::Allow, line: None });
        };
        let accepts = chain.base.is_none_or(|base| base.accepts);
        let policy = Verdict { action: if accepts { Action::Allow } else { Action::Drop }, line: None };
        let verdict = self.chain(chain, 0).unwrap_or(policy);
        if verdict.action == Action::Allow { Ok(verdict) } else { Err(verdict) }
    }

    fn chain(&mut self, chain: &'a Chain, depth: u8) -> End {
        for rule in &chain.rules {
            match self.rule(chain, rule, &rule.statements, depth) {
                Flow::Next => {}
                Flow::Leave(end) => return end,
            }
        }
        None
    }

    fn rule(&mut self, chain: &'a Chain, rule: &'a Rule, statements: &'a [Statement], depth: u8) -> Flow {
        for (index, statement) in statements.iter().enumerate() {
            let flow = match statement {
                Statement::Match(key, comparison, operand) => {
                    if self.matches(*key, *comparison, operand) {
                        continue;
                    }
                    Flow::Next
                }
                Statement::Above(set, key, _) => {
                    if self.packet.value(*key, self.simulator.situation).is_some() {
                        self.step(chain, rule, Effect::Limit(set.clone()));
                        self.if_above(chain, rule, &statements[index + 1..], depth);
                    }
                    Flow::Next
                }
                Statement::AtMost(_) => continue,
                Statement::Count(name) => {
                    self.counted.push(name.clone());
                    continue;
                }
                Statement::Log(prefix) => {
                    self.step(chain, rule, Effect::Log(prefix.clone()));
                    continue;
                }
                Statement::Map(keys, entries) => match self.find(keys, entries) {
                    None => continue,
                    Some(statement) => self.act(chain, rule, statement, depth),
                },
                verdict => self.act(chain, rule, verdict, depth),
            };
            return flow;
        }
        Flow::Next
    }

    /// Follows what would happen above a limit without letting it leave a trace on the path.
    fn if_above(&mut self, chain: &'a Chain, rule: &'a Rule, rest: &'a [Statement], depth: u8) {
        let (path, counted) = (self.path.len(), self.counted.len());
        if let Flow::Leave(Some(verdict)) = self.rule(chain, rule, rest, depth) {
            self.above.push(verdict);
        }
        self.path.truncate(path);
        self.counted.truncate(counted);
    }

    fn act(&mut self, chain: &'a Chain, rule: &'a Rule, statement: &'a Statement, depth: u8) -> Flow {
        let action = match statement {
            Statement::Jump(target) => {
                self.step(chain, rule, Effect::Continue(target.clone()));
                let end = self.enter(target, depth);
                return if end.is_some() { Flow::Leave(end) } else { Flow::Next };
            }
            Statement::GoTo(target) => {
                self.step(chain, rule, Effect::Continue(target.clone()));
                return Flow::Leave(self.enter(target, depth));
            }
            Statement::Accept => Action::Allow,
            Statement::Drop => Action::Drop,
            Statement::Reject | Statement::Reset => Action::Reject,
            _ => return Flow::Next,
        };
        self.step(chain, rule, Effect::Decide(action));
        Flow::Leave(Some(Verdict { action, line: Some(rule.line) }))
    }

    fn enter(&mut self, target: &'a str, depth: u8) -> End {
        // The kernel refuses tables that nest deeper.
        const DEEPEST: u8 = 16;
        let chain = self.simulator.chains.get(target).filter(|_| depth < DEEPEST)?;
        self.chain(chain, depth + 1)
    }

    fn step(&mut self, chain: &Chain, rule: &Rule, effect: Effect) {
        self.path.push(Step { chain: chain.name.clone(), line: rule.line, effect });
    }

    fn find(&self, keys: &[Key], entries: &'a [(Vec<Value>, Statement)]) -> Option<&'a Statement> {
        let values: Option<Vec<Value>> =
            keys.iter().map(|key| self.packet.value(*key, self.simulator.situation)).collect();
        let values = values?;
        let start = |values: &[Value]| values.iter().map(|value| value.span().0).collect::<Vec<_>>();
        let place = start(&values);
        let (candidate, statement) = entries[..entries.partition_point(|(entry, _)| start(entry) <= place)].last()?;
        values.iter().zip(candidate).all(|(value, candidate)| value.is(candidate)).then_some(statement)
    }

    fn matches(&self, key: Key, comparison: Comparison, operand: &Operand) -> bool {
        let Some(value) = self.packet.value(key, self.simulator.situation) else { return false };
        let equal = || match operand {
            Operand::One(other) => value.is(other),
            Operand::Any(others) => others.iter().any(|other| value.is(other)),
            Operand::Set(name) => value.address().is_some_and(|address| self.simulator.holds(name, address)),
        };
        match comparison {
            Comparison::Is | Comparison::HasAny => equal(),
            Comparison::IsNot => !equal(),
            Comparison::Before => matches!(operand, Operand::One(other) if value.is_before(other)),
            Comparison::From => matches!(operand, Operand::One(other) if !value.is_before(other)),
        }
    }
}

enum Flow {
    /// The rule ended without a decision.
    Next,
    /// The chain ended, perhaps without a decision.
    Leave(End),
}
