//! A packet's whole way through this host: hook after hook, and where it is routed to.

use std::cell::Cell;

use super::{
    doubt::{Doubt, Doubts},
    ground::{CONNTRACK, Ground, Turn},
    look::Look,
    packet::{Flow, Opening, State, Tracking, join, sources},
    probe::Probe,
    ranges::Ranges,
    walk::{Ends, Walk},
};
use crate::firewall::foreign::{Hook, Kind, Span};

/// What became of a probe's packets.
#[derive(Debug, Default)]
pub(super) struct Outcome<'a> {
    /// They arrived, at this host or, translated, at another one.
    pub(super) arrived: Vec<Flow<'a>>,
    pub(super) dropped: Vec<Flow<'a>>,
    /// Whether there was an exception that wasn't counted.
    pub(super) has_exceptions: bool,
}

/// Follows a probe. `counts_exceptions` as in [`Look`].
pub(super) fn follow<'a>(
    ground: &'a Ground<'a>,
    opening: Opening,
    probe: &Probe<'a>,
    port: u16,
    counts_exceptions: bool,
) -> Outcome<'a> {
    let look = Look { ground, opening, counts_exceptions, exception: Cell::new(false) };
    let mut way = Way { look, dropped: Vec::new() };
    let flows = vec![way.start(probe, port)];
    let arrived = if opening.is_own { way.own(flows) } else { way.through(flows) };
    Outcome { arrived, dropped: way.dropped, has_exceptions: way.look.exception.get() }
}

/// Follows what hosts on a link say to each other: comes in by an interface, or goes out by one.
pub(super) fn follow_neighbour<'a>(
    ground: &'a Ground<'a>,
    opening: Opening,
    state: State<'a>,
    from: &Ranges,
) -> Outcome<'a> {
    let look = Look { ground, opening, counts_exceptions: false, exception: Cell::new(false) };
    let mut way = Way { look, dropped: Vec::new() };
    let hooks: &[Hook] = if opening.is_own {
        &[Hook::Output, Hook::Postrouting]
    } else {
        &[Hook::Ingress, Hook::Prerouting, Hook::Input]
    };
    let flow = Flow { state, may: from.clone(), sure: from.clone(), doubts: Doubts::default(), path: Vec::new() };
    let arrived = hooks.iter().fold(vec![flow], |flows, hook| way.hook(*hook, flows));
    Outcome { arrived, dropped: way.dropped, has_exceptions: false }
}

struct Way<'a> {
    look: Look<'a>,
    dropped: Vec<Flow<'a>>,
}

impl<'a> Way<'a> {
    fn start(&self, probe: &Probe<'a>, port: u16) -> Flow<'a> {
        let (input, output) = if self.look.opening.is_own { (None, Some("lo")) } else { (Some(probe.input), None) };
        let state = State { input, output, ..State::fresh(probe.destination, port) };
        let (may, sure) = (probe.sources.clone(), probe.sources.clone());
        Flow { state, may, sure, doubts: Doubts::default(), path: Vec::new() }
    }

    fn through(&mut self, flows: Vec<Flow<'a>>) -> Vec<Flow<'a>> {
        let flows = self.hook(Hook::Ingress, flows);
        let flows = self.hook(Hook::Prerouting, flows);
        let (here, mut elsewhere) = self.route(flows);
        elsewhere = self.hook(Hook::Forward, elsewhere);
        elsewhere = self.hook(Hook::Postrouting, elsewhere);
        let mut arrived = self.hook(Hook::Input, here);
        arrived.append(&mut elsewhere);
        arrived
    }

    /// What this host sends to itself goes out by loopback and comes in by it. Translation has happened by then.
    fn own(&mut self, flows: Vec<Flow<'a>>) -> Vec<Flow<'a>> {
        let flows = self.hook(Hook::Output, flows);
        let (here, elsewhere) = self.route(flows);
        let mut here = self.hook(Hook::Postrouting, here);
        for flow in &mut here {
            (flow.state.input, flow.state.output, flow.state.is_bound) = (Some("lo"), None, true);
        }
        let here = self.hook(Hook::Prerouting, here);
        let mut arrived = self.hook(Hook::Input, here);
        arrived.append(&mut self.hook(Hook::Postrouting, elsewhere));
        arrived
    }

    /// Those for this host, and those for others, which leave by the interface towards them.
    fn route(&mut self, flows: Vec<Flow<'a>>) -> (Vec<Flow<'a>>, Vec<Flow<'a>>) {
        let ground = self.look.ground;
        let (mut here, mut elsewhere): (Vec<_>, Vec<_>) =
            flows.into_iter().partition(|flow| ground.is_own(flow.state.address));
        // The kernel takes no packet for loopback from outside, unless it was told to.
        for flow in here.iter_mut().filter(|flow| flow.state.address.is_loopback() && flow.state.input.is_some()) {
            flow.doubt(&Doubt::Unknown("whether route_localnet lets packets in to loopback wasn't read".to_owned()));
            flow.sure = Ranges::default();
            self.dropped.push(flow.clone());
        }
        for flow in &mut elsewhere {
            flow.state.output = ground.towards(flow.state.address);
            if flow.state.output.is_none() {
                flow.doubt(&Doubt::Unknown(format!("there is no route to {}", flow.state.address)));
                flow.sure = Ranges::default();
                self.dropped.push(flow.clone());
            }
        }
        (here, elsewhere)
    }

    fn hook(&mut self, hook: Hook, mut flows: Vec<Flow<'a>>) -> Vec<Flow<'a>> {
        for turn in self.look.ground.turns(hook, self.look.opening.family) {
            if flows.is_empty() {
                break;
            }
            let is_tracked = match hook {
                Hook::Ingress => false,
                Hook::Prerouting | Hook::Output => super::ground::place(turn.base) > CONNTRACK,
                Hook::Input | Hook::Forward | Hook::Postrouting | Hook::Egress => true,
            };
            flows = flows.into_iter().flat_map(|flow| self.turn(turn, flow, is_tracked)).collect();
            flows = if flows.len() > 1 { join(flows) } else { flows };
        }
        for flow in &mut flows {
            flow.state.is_bound = false;
            if hook != Hook::Ingress && flow.state.tracking == Tracking::Before {
                flow.state.tracking = self.look.opening.tracking();
            }
        }
        flows
    }

    fn turn(&mut self, turn: Turn<'a>, mut flow: Flow<'a>, is_tracked: bool) -> Vec<Flow<'a>> {
        if is_tracked && flow.state.tracking == Tracking::Before {
            flow.state.tracking = self.look.opening.tracking();
        }
        // Who was translated, or isn't tracked, passes all further chains of kind nat unseen.
        if turn.base.kind == Kind::Nat && (flow.state.is_bound || flow.state.tracking != Tracking::New) {
            return vec![flow];
        }
        match meets(turn, &flow.state) {
            Meets::No => vec![flow],
            Meets::Unseen => self.unseen(turn, flow),
            Meets::Perhaps => self.perhaps(turn, flow),
            Meets::Yes => {
                let Ends { passed, mut dropped } = self.walk(turn, flow.clone());
                self.dropped.append(&mut dropped);
                passed
            }
        }
    }

    fn walk(&self, turn: Turn<'a>, flow: Flow<'a>) -> Ends<'a> {
        let came = flow.sure.clone();
        let mut walk = Walk { look: &self.look, table: turn.table, kind: turn.base.kind, ends: Ends::default() };
        walk.base(turn.chain, flow, turn.base.accepts);
        let Ends { passed, dropped } = walk.ends;
        let mut passed = if passed.len() > 1 { join(passed) } else { passed };
        if let [only] = passed.as_mut_slice() {
            only.sure = came.minus(&sources(&dropped));
            if only.sure == only.may {
                only.doubts.clear();
            }
        }
        Ends { passed, dropped }
    }

    /// nft doesn't say at which device a chain sits.
    fn perhaps(&mut self, turn: Turn<'a>, mut flow: Flow<'a>) -> Vec<Flow<'a>> {
        let Ends { dropped, .. } = self.walk(turn, flow.clone());
        let doubt = Doubt::Unknown(format!("nft doesn't tell to which device the chain {} belongs", turn.chain.name));
        for mut lost in dropped {
            lost.sure = Ranges::default();
            lost.doubt(&doubt);
            flow.sure = flow.sure.minus(&lost.may);
            flow.doubt(&doubt);
            self.dropped.push(lost);
        }
        vec![flow]
    }

    /// Whether the packets meet this chain at all can't be told: if it drops some, they may be dropped.
    fn unseen(&mut self, turn: Turn<'a>, mut flow: Flow<'a>) -> Vec<Flow<'a>> {
        if turn.base.accepts && turn.table.chains.iter().all(|chain| chain.rules.is_empty()) {
            return vec![flow];
        }
        let place = format!("{} {}", turn.table.span.as_str(), turn.table.name);
        flow.doubt(&Doubt::Unknown(format!("the table {place} works on the link, before addresses count")));
        flow.sure = Ranges::default();
        self.dropped.push(flow.clone());
        vec![flow]
    }
}

/// Whether packets meet a base chain.
enum Meets {
    Yes,
    No,
    Perhaps,
    /// What it would do can't be told either.
    Unseen,
}

fn meets(turn: Turn, state: &State) -> Meets {
    let device = state.input.unwrap_or_default();
    match turn.table.span {
        Span::Bridge if super::places::is_bridge(device) => Meets::Unseen,
        Span::Bridge => Meets::No,
        _ if turn.base.hook != Hook::Ingress || turn.base.devices.iter().any(|name| name == device) => Meets::Yes,
        _ if turn.base.devices.is_empty() => Meets::Perhaps,
        _ => Meets::No,
    }
}
