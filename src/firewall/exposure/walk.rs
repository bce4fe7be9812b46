//! One base chain: where it lets packets go, and whose.
//!
//! Where it can't be told whether a rule applies, both ways are followed. What is certain is found by counting back: who
//! came in and can't have left is still there.

use std::net::IpAddr;

use super::{
    doubt::Doubt,
    look::{Hold, Look},
    packet::{Flow, State, Tracking, join, sources},
    path::{Effect, Mark},
    ranges::Ranges,
};
use crate::firewall::{
    foreign::{Chain, Key, Kind, Rule, Statement, Table, Translation, Verdict},
    nft::Value,
};

/// How packets leave a base chain.
#[derive(Debug, Default)]
pub(super) struct Ends<'a> {
    pub(super) passed: Vec<Flow<'a>>,
    pub(super) dropped: Vec<Flow<'a>>,
}

/// One base chain at work.
pub(super) struct Walk<'a, 'l> {
    pub(super) look: &'l Look<'a>,
    pub(super) table: &'a Table,
    pub(super) kind: Kind,
    pub(super) ends: Ends<'a>,
}

/// The kernel refuses tables that nest deeper.
const DEEPEST: u8 = 16;

/// Where the rule that is evaluated stands, and what came of the packets so far.
struct Place<'a> {
    chain: &'a Chain,
    rule: &'a Rule,
    depth: u8,
}

/// What a rule makes of packets.
#[derive(Default)]
struct Made<'a> {
    /// They go on with the next rule.
    next: Vec<Flow<'a>>,
    /// They go back to the chain that called this one.
    back: Vec<Flow<'a>>,
}

impl<'a> Walk<'a, '_> {
    /// Sends packets through a base chain. Ends in [`Self::ends`].
    pub(super) fn base(&mut self, chain: &'a Chain, flow: Flow<'a>, accepts: bool) {
        for mut flow in self.chain(chain, vec![flow], 0) {
            let effect = if accepts { Effect::Accept } else { Effect::Drop };
            if !accepts || !chain.rules.is_empty() {
                flow.path.push(Mark { table: self.table, chain, rule: None, effect });
            }
            if accepts { self.ends.passed.push(flow) } else { self.ends.dropped.push(flow) }
        }
    }

    /// Gives those that come out at its end.
    fn chain(&mut self, chain: &'a Chain, flows: Vec<Flow<'a>>, depth: u8) -> Vec<Flow<'a>> {
        let (mut here, mut back) = (flows, Vec::new());
        for rule in &chain.rules {
            if here.is_empty() {
                break;
            }
            let place = Place { chain, rule, depth };
            if !here.iter().any(|flow| self.concerns(rule, flow)) {
                continue;
            }
            let mut made = Made { next: Vec::new(), back };
            for flow in here {
                self.rule(&place, &flow, &mut made);
            }
            here = if made.next.len() > 1 { join(made.next) } else { made.next };
            back = made.back;
        }
        back.append(&mut here);
        if back.len() > 1 { join(back) } else { back }
    }

    /// False if a match of the rule fails for all packets or it does nothing, so that nothing needs to be followed.
    fn concerns(&self, rule: &'a Rule, flow: &Flow<'a>) -> bool {
        let is_match = |statement: &Statement| matches!(statement, Statement::Match { .. } | Statement::Lookup { .. });
        let does_nothing = match rule.statements.last() {
            None | Some(Statement::Limit { .. } | Statement::UnknownMatch(_)) => true,
            Some(last) => is_match(last),
        };
        let mut first = rule.statements.iter().take_while(|statement| is_match(statement));
        !does_nothing && first.all(|statement| !matches!(self.holds(statement, &flow.state, &flow.may), Some(Hold::No)))
    }

    fn holds(&self, statement: &'a Statement, state: &State<'a>, everybody: &Ranges) -> Option<Hold> {
        Some(match statement {
            Statement::Match { key, is_not, operand } => {
                self.look.matches(self.table, state, (*key, *is_not, operand), everybody)
            }
            Statement::Lookup { keys, is_not, members, set } => {
                self.look.lookup(self.table, state, (keys, *is_not), (members.as_deref(), set), everybody)
            }
            Statement::UnknownMatch(words) => Hold::Perhaps(not_understood(words)),
            _ => return None,
        })
    }

    fn rule(&mut self, place: &Place<'a>, flow: &Flow<'a>, made: &mut Made<'a>) {
        let before = (self.ends.passed.len(), self.ends.dropped.len(), made.back.len());
        let mut rest = Vec::new();
        let mut hit = Some(flow.clone());
        for statement in &place.rule.statements {
            let Some(on) = hit.take() else { break };
            hit = match self.holds(statement, &on.state, &on.may) {
                Some(held) => narrow(place, self.table, on, held, &mut rest),
                None => self.act(place, statement, on, &mut rest, made),
            };
        }
        rest.extend(hit);
        let mut gone = sources(&self.ends.passed[before.0..]);
        gone.add(&sources(&self.ends.dropped[before.1..]));
        gone.add(&sources(&made.back[before.2..]));
        made.next.append(&mut settle(rest, flow, &gone));
    }

    /// Those that go on with the next statement; those that go on with the next rule are added to `rest`.
    fn act(
        &mut self,
        place: &Place<'a>,
        statement: &'a Statement,
        mut on: Flow<'a>,
        rest: &mut Vec<Flow<'a>>,
        made: &mut Made<'a>,
    ) -> Option<Flow<'a>> {
        match statement {
            Statement::Verdict(verdict) => self.verdict(place, verdict, on, rest, made),
            Statement::Map { keys, entries: Some(entries) } => self.map(place, (keys, entries), on, rest, made),
            Statement::Map { keys, entries: None } if self.look.lacks(keys, &on.state) => {
                rest.push(on);
                None
            }
            Statement::Map { entries: None, .. } => Some(self.anything(place, &not_understood(&place.rule.words), on)),
            Statement::UnknownAct(words) => Some(self.anything(place, &not_understood(words), on)),
            Statement::Limit { over, words } => {
                on.path.push(place.mark(self.table, Effect::Limit(words.clone())));
                if !over {
                    return Some(on);
                }
                rest.push(on);
                None
            }
            Statement::Translate(translation) => self.translate(place, *translation, on),
            mark => {
                set_mark(mark, &mut on.state);
                Some(on)
            }
        }
    }

    /// Each entry in its turn, for those whom the ones before didn't fit.
    fn map(
        &mut self,
        place: &Place<'a>,
        (keys, entries): (&'a [Key], &'a [(Vec<Value>, Verdict)]),
        mut on: Flow<'a>,
        rest: &mut Vec<Flow<'a>>,
        made: &mut Made<'a>,
    ) -> Option<Flow<'a>> {
        for (values, verdict) in entries {
            let held = self.look.fits(keys, values, &on.state, &on.may);
            let mut others = Vec::new();
            if let Some(hit) = narrow(place, self.table, on, held, &mut others) {
                let goes_on = self.verdict(place, verdict, hit, rest, made);
                rest.extend(goes_on);
            }
            on = others.pop()?;
        }
        Some(on)
    }

    fn verdict(
        &mut self,
        place: &Place<'a>,
        verdict: &'a Verdict,
        mut on: Flow<'a>,
        rest: &mut Vec<Flow<'a>>,
        made: &mut Made<'a>,
    ) -> Option<Flow<'a>> {
        let effect = match verdict {
            Verdict::Accept => Effect::Accept,
            Verdict::Drop => Effect::Drop,
            Verdict::Reject => Effect::Reject,
            Verdict::Jump(target) | Verdict::GoTo(target) => Effect::Jump(target.clone()),
            Verdict::Queue => {
                self.anything(place, &Doubt::Unknown("a program decides".to_owned()), on);
                return None;
            }
            Verdict::Continue => return Some(on),
            Verdict::Return => {
                made.back.push(on);
                return None;
            }
        };
        let before = on.path.len();
        on.path.push(place.mark(self.table, effect));
        match verdict {
            Verdict::Accept => self.ends.passed.push(on),
            Verdict::Jump(target) => rest.extend(self.enter(target, on, place.depth, before)),
            Verdict::GoTo(target) => made.back.extend(self.enter(target, on, place.depth, before)),
            _ => self.ends.dropped.push(on),
        }
        None
    }

    /// Those that come back don't tell of a chain that did nothing to them.
    fn enter(&mut self, target: &str, on: Flow<'a>, depth: u8, before: usize) -> Vec<Flow<'a>> {
        let (state, path) = (on.state, on.path[..before].to_vec());
        let chain = self.table.chains.iter().find(|chain| chain.name == target).filter(|_| depth < DEEPEST);
        let Some(chain) = chain else { return vec![on] };
        let mut back = self.chain(chain, vec![on], depth + 1);
        for flow in back.iter_mut().filter(|flow| flow.state == state && flow.doubts.is_empty()) {
            flow.path.clone_from(&path);
        }
        back
    }

    /// It may be dropped, let pass or go on.
    fn anything(&mut self, place: &Place<'a>, doubt: &Doubt, mut on: Flow<'a>) -> Flow<'a> {
        on.doubt(doubt);
        on.sure = Ranges::default();
        on.path.push(place.mark(self.table, Effect::Perhaps(doubt.words().to_owned())));
        self.ends.passed.push(on.clone());
        self.ends.dropped.push(on.clone());
        on
    }

    fn translate(&mut self, place: &Place<'a>, translation: Translation, mut on: Flow<'a>) -> Option<Flow<'a>> {
        if self.kind != Kind::Nat || on.state.tracking != Tracking::New {
            return Some(on);
        }
        let (address, port) = match translation {
            Translation::Source => {
                self.ends.passed.push(on);
                return None;
            }
            // A table of both families shows packets of the other one too; the kernel leaves them as they are and goes on.
            Translation::Destination { address: Some(address), .. }
                if address.is_ipv4() != on.state.address.is_ipv4() =>
            {
                return Some(on);
            }
            Translation::Destination { address, port } => (address.unwrap_or(on.state.address), port),
            Translation::Redirect { port } => (self.redirected(&on.state), port),
        };
        let to = (address, port.unwrap_or(on.state.port));
        on.state.original = on.state.original.or(Some((on.state.address, on.state.port)));
        (on.state.address, on.state.port) = to;
        on.state.is_bound = true;
        on.path.push(place.mark(self.table, Effect::Translate(to.0, to.1)));
        self.ends.passed.push(on);
        None
    }

    /// The address of the interface it came in by.
    fn redirected(&self, state: &State<'a>) -> IpAddr {
        self.look.ground.redirected(state.input, state.address)
    }
}

impl<'a> Place<'a> {
    fn mark(&self, table: &'a Table, effect: Effect) -> Mark<'a> {
        Mark { table, chain: self.chain, rule: Some(self.rule), effect }
    }
}

/// Splits packets by a match: those for which it holds, and into `rest` those for which it doesn't.
fn narrow<'a>(
    place: &Place<'a>,
    table: &'a Table,
    mut on: Flow<'a>,
    held: Hold,
    rest: &mut Vec<Flow<'a>>,
) -> Option<Flow<'a>> {
    match held {
        Hold::Yes => Some(on),
        Hold::No => {
            rest.push(on);
            None
        }
        Hold::From(ranges) => {
            let mut others = on.clone();
            others.may = on.may.minus(&ranges);
            others.sure = on.sure.minus(&ranges);
            on.may = on.may.intersect(&ranges);
            on.sure = on.sure.intersect(&ranges);
            if !others.may.is_empty() {
                rest.push(others);
            }
            Some(on).filter(|on| !on.may.is_empty())
        }
        Hold::Perhaps(doubt) => {
            on.sure = Ranges::default();
            let mut others = on.clone();
            on.doubt(&doubt);
            on.path.push(place.mark(table, Effect::Perhaps(doubt.words().to_owned())));
            others.doubt(&doubt.negated());
            rest.push(others);
            Some(on)
        }
    }
}

/// What goes on with the next rule of the packets that came to this one.
fn settle<'a>(rest: Vec<Flow<'a>>, came: &Flow<'a>, gone: &Ranges) -> Vec<Flow<'a>> {
    let mut rest = if rest.len() > 1 { join(rest) } else { rest };
    if let [only] = rest.as_mut_slice() {
        only.sure = came.sure.minus(gone);
        if only.sure == only.may {
            only.doubts.clear();
        }
    }
    rest
}

fn not_understood(words: &str) -> Doubt {
    Doubt::Unknown(format!("“{words}” isn't understood"))
}

fn set_mark(statement: &Statement, state: &mut State) {
    match statement {
        Statement::SetMark { mask, value } => state.mark = changed(state.mark, *mask, *value),
        Statement::SetConnectionMark { mask, value } => {
            state.connection_mark = changed(state.connection_mark, *mask, *value);
        }
        Statement::RestoreMark => state.mark = state.connection_mark,
        Statement::SaveMark => state.connection_mark = state.mark,
        Statement::LoseMarks => (state.mark, state.connection_mark) = (None, None),
        Statement::NoTrack if state.tracking == Tracking::Before => state.tracking = Tracking::Not,
        _ => {}
    }
}

/// A mark that is set whole is known whatever it was.
fn changed(before: Option<u32>, cleared: u32, flipped: u32) -> Option<u32> {
    if cleared == u32::MAX { Some(flipped) } else { before.map(|before| (before & !cleared) ^ flipped) }
}
