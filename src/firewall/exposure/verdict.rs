//! What one probe's packets say of who gets in, in words.

use super::{Reach, Step, doubt::Doubt, exceptions::Exceptions, packet::sources, ranges::Ranges, way::Outcome};
use crate::firewall::{AddressRange, Family};

/// Of more addresses than this only the number is told.
const TOLD: usize = 4;

/// Who of those asked for gets in. `all` counts the exceptions that `usual` doesn't.
pub(super) fn judge(family: Family, asked: &Ranges, usual: &Outcome, all: Option<&Outcome>) -> Reach {
    let (open, closed) = certain(asked, usual);
    if let Some(why) = unclear(asked, &open, &closed, usual) {
        return Reach::CantTell(why);
    }
    let unless = all.map(|all| Exceptions::of(&all.dropped, &open)).unwrap_or_default();
    let also = all.map(|all| Exceptions::of(&all.arrived, &closed)).unwrap_or_default();
    let some = match (open.is_empty(), closed.is_empty()) {
        (_, true) => return unless.words("unless", "only if").map_or(Reach::Open, Reach::Partly),
        (true, false) => return also.words("only if", "unless").map_or(Reach::Closed, Reach::Partly),
        _ if open.len() <= closed.len() => format!("only from {}", told(&open, family)),
        _ => format!("not from {}", told(&closed, family)),
    };
    let words = [Some(some), unless.words("unless", "but only if"), also.words("or if", "or unless")];
    Reach::Partly(words.into_iter().flatten().collect::<Vec<_>>().join(", "))
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
    let doubts = outcome.arrived.iter().chain(&outcome.dropped).flat_map(|flow| flow.doubts.iter());
    Some(doubts.map(why).min().unwrap_or_else(|| "several rules contradict each other".to_owned()))
}

fn why(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Unknown(why) => why.clone(),
        Doubt::Listed(set) => format!("it depends on who is in the set {set}"),
        Doubt::Choice(what) => format!("it depends on whether it is {what}"),
        Doubt::Not(other) => why(other),
    }
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
pub(super) fn path(usual: &Outcome, all: Option<&Outcome>) -> Vec<Step> {
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
