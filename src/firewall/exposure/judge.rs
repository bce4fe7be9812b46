//! From what became of packets to answers in words.

use std::net::IpAddr;

use super::{
    Answer, Exposure, Origin, Reach, Step,
    ground::Ground,
    named::Translated,
    packet::{Doubt, Flow, Opening, sources},
    probe::{Door, Probe, probes},
    ranges::Ranges,
    way::{self, Outcome},
};
use crate::firewall::{
    AddressRange, Family, Listener,
    listener::{Bind, Transport},
};

/// Of more addresses than this only the number is told.
const TOLD: usize = 4;
/// A translation of a wide range of ports is tried by some of them.
const TRIED: usize = 4;

/// Judges listeners.
pub(super) struct Judge<'a> {
    ground: &'a Ground<'a>,
    alone: Option<&'a Ground<'a>>,
    unreadable: &'a [String],
}

/// What was found out by one probe.
struct Finding {
    reach: Reach,
    path: Vec<Step>,
    from: String,
    at: IpAddr,
    is_aside: bool,
}

impl Finding {
    fn new(probe: &Probe, reach: Reach, path: Vec<Step>) -> Self {
        Self { reach, path, from: probe.from.clone(), at: probe.destination, is_aside: probe.is_aside }
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, alone: Option<&'a Ground<'a>>, unreadable: &'a [String]) -> Self {
        Self { ground, alone, unreadable }
    }

    pub(super) fn exposure(&self, listener: &Listener) -> Exposure {
        let mut exposure = Exposure::default();
        for family in Family::BOTH {
            let Some(door) = Door::of(listener, family) else { continue };
            for origin in Origin::ALL {
                let mut answer = answer(self.ground, listener, &door, origin);
                if let (false, Some(first)) = (answer.reach == Reach::Unreachable, self.unreadable.first()) {
                    answer.reach = Reach::CantTell(format!("{first} could not be read"));
                }
                exposure.is_around |= self.is_around(listener, &door, origin, &answer.reach);
                exposure.answers.insert((origin, family), answer);
            }
        }
        exposure
    }

    fn is_around(&self, listener: &Listener, door: &Door, origin: Origin, reach: &Reach) -> bool {
        let Some(alone) = self.alone.filter(|_| matches!(origin, Origin::World | Origin::Networks) && reach.is_open())
        else {
            return false;
        };
        answer(alone, listener, door, origin).reach == Reach::Closed
    }
}

fn answer(ground: &Ground, listener: &Listener, door: &Door, origin: Origin) -> Answer {
    let direct = probes(ground, door, origin);
    let mut answer = gather(direct.iter().map(|probe| try_one(ground, listener, door, probe, listener.port)).collect());
    for port in ways_round(ground, listener, door) {
        let anywhere = Door { bind: any(door.family), ..*door };
        let probes = probes(ground, &anywhere, origin);
        let round = gather(probes.iter().map(|probe| try_one(ground, listener, door, probe, port)).collect());
        if rank(&round.reach) > rank(&answer.reach) {
            answer = round;
        }
    }
    answer
}

const fn any(family: Family) -> Bind {
    match family {
        Family::V4 => Bind::Any4,
        Family::V6 => Bind::Any6,
    }
}

/// What says more about who gets in.
const fn rank(reach: &Reach) -> u8 {
    match reach {
        Reach::Unreachable => 0,
        Reach::Closed => 1,
        Reach::Partly(_) => 2,
        Reach::CantTell(_) => 3,
        Reach::Open => 4,
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

fn try_one(ground: &Ground, listener: &Listener, door: &Door, probe: &Probe, port: u16) -> Finding {
    if !door.is_open_to(probe.input) {
        return Finding::new(probe, Reach::Unreachable, Vec::new());
    }
    let opening = Opening { family: door.family, transport: listener.transport, is_own: probe.input == "lo" };
    let follow = |counts_exceptions| {
        let outcome = way::follow(ground, opening, probe, port, counts_exceptions);
        sort(ground, outcome, door, listener.port, port)
    };
    let usual = follow(false);
    let (reach, path) = if usual.has_exceptions {
        let all = follow(true);
        (judge(door.family, &probe.sources, &usual, Some(&all)), path(&usual, Some(&all)))
    } else {
        (judge(door.family, &probe.sources, &usual, None), path(&usual, None))
    };
    let path = if reach == Reach::Open || reach == Reach::Closed { self::path(&usual, None) } else { path };
    Finding::new(probe, reach, path)
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

fn judge(family: Family, asked: &Ranges, usual: &Outcome, all: Option<&Outcome>) -> Reach {
    let (open, closed) = certain(asked, usual);
    if let Some(why) = unclear(asked, &open, &closed, usual) {
        return Reach::CantTell(why);
    }
    if closed.is_empty() {
        let unless = all.map(|all| listed(&all.dropped)).filter(|words| !words.is_empty());
        return unless.map_or(Reach::Open, |words| Reach::Partly(format!("unless {words}")));
    }
    let also = all.map(|all| listed(&all.arrived)).unwrap_or_default();
    if open.is_empty() {
        return if also.is_empty() { Reach::Closed } else { Reach::Partly(format!("only if {also}")) };
    }
    let some = if open.len() <= closed.len() {
        format!("only from {}", told(&open, family))
    } else {
        format!("not from {}", told(&closed, family))
    };
    Reach::Partly(if also.is_empty() { some } else { format!("{some}, or if {also}") })
}

/// Whose packets arrive for certain, and whose don't.
fn certain(asked: &Ranges, outcome: &Outcome) -> (Ranges, Ranges) {
    let (arrived, dropped) = (sources(&outcome.arrived), sources(&outcome.dropped));
    (asked.minus(&dropped), asked.minus(&arrived))
}

fn unclear(asked: &Ranges, open: &Ranges, closed: &Ranges, outcome: &Outcome) -> Option<String> {
    if asked.minus(open).minus(closed).is_empty() {
        return None;
    }
    let doubts = outcome.arrived.iter().chain(&outcome.dropped).flat_map(|flow| &flow.doubts);
    let why = doubts.map(|doubt| match doubt {
        Doubt::Unknown(why) => why.clone(),
        Doubt::Listed(set) => format!("it depends on who is in the set {set}"),
        Doubt::Choice(what) => format!("it depends on whether it is {what}"),
    });
    Some(why.min().unwrap_or_else(|| "several rules contradict each other".to_owned()))
}

/// What somebody must be for things to be otherwise for him.
fn listed(flows: &[Flow]) -> String {
    let mut found: Vec<&Doubt> =
        flows.iter().filter(|flow| flow.sure != flow.may).flat_map(|flow| &flow.doubts).collect();
    found.sort_unstable();
    found.dedup();
    let words = found.into_iter().filter_map(|doubt| match doubt {
        Doubt::Listed(set) => Some(super::ours::set_words(set)),
        Doubt::Choice(what) => Some(what.clone()),
        Doubt::Unknown(_) => None,
    });
    words.collect::<Vec<_>>().join(" or ")
}

fn told(ranges: &Ranges, family: Family) -> String {
    let addresses = ranges.to_addresses(family);
    let mut words: Vec<String> = addresses.iter().take(TOLD).map(AddressRange::to_string).collect();
    if addresses.len() > TOLD {
        words.push(format!("{} more", addresses.len() - TOLD));
    }
    words.join(", ")
}

/// What decided, of those that arrived if there are some, else of those that didn't.
fn path(usual: &Outcome, all: Option<&Outcome>) -> Vec<Step> {
    let flows =
        [Some(usual), all].into_iter().flatten().flat_map(|outcome| outcome.arrived.iter().chain(&outcome.dropped));
    let mut steps: Vec<Step> = Vec::new();
    for mark in flows.flat_map(|flow| &flow.path) {
        let step = mark.to_step();
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    steps
}

/// One answer of several findings.
fn gather(findings: Vec<Finding>) -> Answer {
    let (mut aside, mut findings): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.is_aside);
    // Who is beyond the router counts only where nobody nearer gets in.
    if findings.iter().all(|finding| !finding.reach.is_open()) && aside.iter().any(|finding| rank(&finding.reach) > 1) {
        findings.append(&mut aside);
    }
    let Some(first) = findings.first() else { return Answer { reach: Reach::Unreachable, path: Vec::new() } };
    let is_same = findings.iter().all(|finding| finding.reach == first.reach);
    let is_open = findings.iter().any(|finding| finding.reach.is_open());
    let reach = match findings.iter().map(|finding| &finding.reach).max_by_key(|reach| rank(reach)) {
        Some(farthest) if is_same || !is_open => farthest.clone(),
        _ => mixed(&findings),
    };
    let deciding = findings.iter().max_by_key(|finding| rank(&finding.reach)).map(|finding| finding.path.clone());
    Answer { reach, path: deciding.unwrap_or_default() }
}

fn mixed(findings: &[Finding]) -> Reach {
    if let Some(unclear) = findings.iter().find(|finding| matches!(finding.reach, Reach::CantTell(_))) {
        return unclear.reach.clone();
    }
    let open: Vec<&Finding> = findings.iter().filter(|finding| finding.reach.is_open()).collect();
    if let [Finding { reach: Reach::Partly(words), is_aside: true, .. }] = open.as_slice() {
        return Reach::Partly(words.clone());
    }
    let is_same_there = |one: &Finding, other: &Finding| one.at != other.at || one.reach == other.reach;
    let by_address = findings.iter().all(|one| findings.iter().all(|other| is_same_there(one, other)));
    let has_one_origin = findings.iter().all(|finding| finding.from == findings[0].from);
    let mut words: Vec<String> = Vec::new();
    for finding in open {
        let place = if by_address && (has_one_origin || findings.iter().any(|other| other.at != finding.at)) {
            format!("at {}", finding.at)
        } else if has_several_addresses(findings, &finding.from) {
            format!("from {} at {}", finding.from, finding.at)
        } else {
            format!("from {}", finding.from)
        };
        let words_here = match &finding.reach {
            Reach::Partly(partly) => format!("{place}, there {partly}"),
            _ => place,
        };
        if !words.contains(&words_here) {
            words.push(words_here);
        }
    }
    Reach::Partly(format!("only {}", words.join("; ")))
}

/// Whether it was tried from there at addresses at which different things happened.
fn has_several_addresses(findings: &[Finding], from: &str) -> bool {
    let mut there = findings.iter().filter(|finding| finding.from == from);
    let first = there.next();
    there.any(|other| first.is_some_and(|first| first.reach != other.reach))
}
