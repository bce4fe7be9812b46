//! The way of a packet through the lines of a ruleset: which it meets, which match, and why the others don't.

use crate::firewall::{
    Action, Automatic, Line, Rule, RuleId,
    order::{self, Place},
    sentence,
    simulate::{Effect, Outcome, Packet, Passage},
};

use super::why::Case;

/// More lines in a row that don't match are folded.
const UNFOLDED: usize = 3;

/// The lines of one place that the packet meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leg {
    pub place: Place,
    pub runs: Vec<Run>,
}

/// Lines that are drawn together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Run {
    Open(Vec<Stop>),
    /// Many lines that don't match.
    Folded(Vec<Stop>),
}

/// A line, and what it does with the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    pub name: String,
    pub what: String,
    pub note: String,
    pub rule: Option<RuleId>,
    pub mark: Mark,
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It doesn't match.
    Passed,
    /// It matches only above a limit.
    Held,
    /// It matches and skips the rest of the place.
    GoesOn,
    Decides(Action),
}

impl Mark {
    /// The class and the symbol.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Passed => "down",
            Self::Held => "clock",
            Self::GoesOn => "right",
            Self::Decides(Action::Allow) => "good",
            Self::Decides(Action::Drop | Action::Reject) => "bad",
        }
    }

    pub const fn class(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Held => "held",
            Self::GoesOn => "goes-on",
            Self::Decides(Action::Allow) => "allow",
            Self::Decides(Action::Drop | Action::Reject) => "deny",
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "Doesn't match",
            Self::Held => "Within the limit",
            Self::GoesOn => "Goes on",
            Self::Decides(Action::Allow) => "Allowed",
            Self::Decides(Action::Drop) => "Dropped",
            Self::Decides(Action::Reject) => "Rejected",
        }
    }
}

/// Follows a packet as the simulator judged it.
pub(super) fn legs(case: Case<'_>, outcome: &Outcome) -> Vec<Leg> {
    let stages = order::stages(case.checked.ruleset());
    let mut legs = Vec::new();
    for stage in stages.iter().filter(|stage| places(case.packet).contains(&stage.place)) {
        let mut stops = Vec::new();
        for step in &stage.lines {
            let stop = stop(case, outcome, stage.place, step);
            let (mark, is_above) = (stop.mark, is_above(step));
            if mark != Mark::Passed || !is_above {
                stops.push(stop);
            }
            if matches!(mark, Mark::GoesOn | Mark::Decides(_)) {
                break;
            }
        }
        let is_end = stops.last().is_some_and(|stop| matches!(stop.mark, Mark::Decides(_)));
        legs.push(Leg { place: stage.place, runs: fold(&stops) });
        if is_end {
            break;
        }
    }
    legs
}

const fn places(packet: &Packet) -> &'static [Place] {
    match packet.passage {
        Passage::In { .. } => &[Place::Early, Place::Input, Place::Incoming],
        Passage::Forward { .. } => &[Place::Early, Place::Forward],
        Passage::Out { .. } => &[Place::Output],
    }
}

/// Lines for what is above the limit of another line are met only there.
const fn is_above(step: &order::Step<'_>) -> bool {
    matches!(step, order::Step::Automatic { line: Automatic::PingLimit, .. })
}

fn stop(case: Case<'_>, outcome: &Outcome, place: Place, step: &order::Step<'_>) -> Stop {
    match step {
        order::Step::Automatic { line, .. } => of_automatic(case, outcome, place, *line),
        order::Step::Rule { rule, number } => of_rule(case, outcome, place, rule, *number),
    }
}

fn of_automatic(case: Case<'_>, outcome: &Outcome, place: Place, line: Automatic) -> Stop {
    let mark = mark(outcome, place, Line::Automatic(line));
    let policy = &case.checked.ruleset().parts().policy;
    let limit = line.limit(policy).map(|limit| format!("{limit} from each source")).unwrap_or_default();
    let why = match mark {
        Mark::Passed => case.of_automatic(line),
        Mark::Held => limit,
        Mark::GoesOn | Mark::Decides(_) => String::new(),
    };
    let (name, what) = (line.label().to_owned(), line.explanation().to_owned());
    Stop { name, what, note: String::new(), rule: None, mark, why }
}

fn of_rule(case: Case<'_>, outcome: &Outcome, place: Place, rule: &Rule, number: usize) -> Stop {
    let mark = mark(outcome, place, Line::Rule(rule.id));
    Stop {
        name: format!("Rule {number}"),
        what: sentence::of(rule, case.checked.ruleset()),
        note: rule.note.to_string(),
        rule: Some(rule.id),
        mark,
        why: if mark == Mark::Passed { case.of_rule(rule) } else { String::new() },
    }
}

fn mark(outcome: &Outcome, place: Place, line: Line) -> Mark {
    let steps = || outcome.path.iter().filter(|step| step.line == line);
    let decided = steps().find_map(|step| if let Effect::Decide(action) = step.effect { Some(action) } else { None });
    match decided {
        Some(Action::Allow) if place == Place::Early => Mark::GoesOn,
        Some(action) => Mark::Decides(action),
        None if steps().any(|step| matches!(step.effect, Effect::Limit(_))) => Mark::Held,
        None => Mark::Passed,
    }
}

fn fold(stops: &[Stop]) -> Vec<Run> {
    let runs = stops.chunk_by(|one, next| (one.mark == Mark::Passed) == (next.mark == Mark::Passed));
    let run = |stops: &[Stop]| match stops {
        [first, ..] if first.mark == Mark::Passed && stops.len() > UNFOLDED => Run::Folded(stops.to_vec()),
        _ => Run::Open(stops.to_vec()),
    };
    runs.map(run).collect()
}
