//! One listener tried from one place: directly, and by every other way that leads to it.

use super::{
    Answer, Origin, Reach,
    gather::{Finding, gather, rank},
    ground::Ground,
    named::Translated,
    neighbours::Neighbours,
    packet::{Content, Flow, Opening},
    probe::{Door, Probe, probes},
    verdict::{judge, path},
    way::{self, Outcome},
};
use crate::firewall::{
    Family, Listener,
    listener::{Bind, Transport},
};

/// A translation of a wide range of ports is tried by some of them.
const TRIED: usize = 4;

/// Tries listeners on one ground.
pub(super) struct Trial<'a> {
    ground: &'a Ground<'a>,
    neighbours: Neighbours<'a>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(ground: &'a Ground<'a>) -> Self {
        Self { ground, neighbours: Neighbours::of(ground) }
    }

    pub(super) fn answer(&self, listener: &Listener, door: &Door, origin: Origin) -> Answer {
        let mut answer = self.tried(listener, door, door, (origin, listener.port));
        let anywhere = Door { bind: any(door.family), ..*door };
        for port in ways_round(self.ground, listener, door) {
            let round = self.tried(listener, door, &anywhere, (origin, port));
            if rank(&round.reach) > rank(&answer.reach) {
                answer = round;
            }
        }
        answer
    }

    /// Knocks at a port of every address that a door has.
    fn tried(&self, listener: &Listener, door: &Door, knocked: &Door, (origin, port): (Origin, u16)) -> Answer {
        let probes = probes(self.ground, knocked, origin);
        gather(probes.iter().map(|probe| self.try_one(listener, door, probe, port)).collect())
    }

    fn try_one(&self, listener: &Listener, door: &Door, probe: &Probe, port: u16) -> Finding {
        if !door.is_open_to(probe.input) {
            return Finding::new(probe, Reach::Unreachable, Vec::new());
        }
        let content = Content::First(listener.transport);
        let opening = Opening { family: door.family, content, is_own: probe.input == "lo" };
        let follow = |counts_exceptions| {
            let outcome = way::follow(self.ground, opening, probe, port, counts_exceptions);
            sort(self.ground, outcome, door, listener.port, port)
        };
        let usual = follow(false);
        let all = usual.has_exceptions.then(|| follow(true));
        let reach = judge(door.family, &probe.sources, &usual, all.as_ref());
        if let (Family::V6, true, Some(lost)) = (door.family, reach != Reach::Closed, self.neighbours.lost(probe.input))
        {
            return Finding::new(probe, lost.reach.clone(), lost.path.clone());
        }
        let counted = all.as_ref().filter(|_| reach != Reach::Open && reach != Reach::Closed);
        Finding::new(probe, reach, path(&usual, counted))
    }
}

const fn any(family: Family) -> Bind {
    match family {
        Family::V4 => Bind::Any4,
        Family::V6 => Bind::Any6,
    }
}

/// Other ports, or the same at other addresses, whose packets are sent on to the listener.
fn ways_round(ground: &Ground, listener: &Listener, door: &Door) -> Vec<u16> {
    let protocol = match listener.transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
    };
    let leads_here = |translated: &&Translated| {
        translated.protocol.is_none_or(|number| number == protocol)
            && translated.address.is_none_or(|address| door.is_bound(address) && ground.is_own(address))
            && translated.port.is_none_or(|port| port == listener.port)
    };
    let mut ports: Vec<u16> = Vec::new();
    for translated in ground.translated.iter().filter(leads_here) {
        let from: Vec<u16> = match (translated.ports.as_slice(), translated.port) {
            // Whatever port somebody knocks at, he is sent here.
            ([], Some(_)) => vec![80],
            (ranges, Some(_)) => ranges.iter().cloned().flatten().take(TRIED).collect(),
            // It keeps its port and gets another address.
            (_, None) if translated.address.is_some() => vec![listener.port],
            (_, None) => Vec::new(),
        };
        ports.extend(from);
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Packets that arrived elsewhere on this host are lost to the listener.
fn sort<'a>(ground: &Ground, outcome: Outcome<'a>, door: &Door, own: u16, asked: u16) -> Outcome<'a> {
    let is_direct = own == asked;
    let is_reached = |flow: &Flow| {
        let is_here = ground.is_own(flow.state.address);
        let is_listener = flow.state.port == own && door.is_bound(flow.state.address);
        if is_here { is_listener && (is_direct || flow.state.original.is_some()) } else { is_direct }
    };
    let (arrived, lost): (Vec<_>, Vec<_>) = outcome.arrived.into_iter().partition(is_reached);
    Outcome { arrived, dropped: [outcome.dropped, lost].concat(), has_exceptions: outcome.has_exceptions }
}
