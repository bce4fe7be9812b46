//! What one ruleset does with the packet, in a sentence and step by step.

use crate::firewall::{
    Action, Automatic, CheckedRuleset, Line, Rule, RuleId, Ruleset,
    compile::one_by_one,
    enforcement::Survey,
    sentence,
    simulate::{Outcome, Packet, Simulator, Situation, Verdict},
};

use super::{
    question::Question,
    way::{self, Leg},
    why::Case,
};

/// A ruleset that is asked.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// What it is called: "Revision 41, in force".
    pub title: &'a str,
    /// The ruleset.
    pub checked: &'a CheckedRuleset,
}

/// What the host has besides its rules.
#[derive(Debug, Clone)]
pub struct Host<'a> {
    /// Its place in its networks.
    pub survey: &'a Survey,
    /// The present, bans and routes.
    pub situation: Situation,
}

/// The answer of one ruleset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub title: String,
    pub action: Action,
    pub sentence: String,
    pub reason: String,
    /// What happens above a limit, where there is one.
    pub above: Vec<String>,
    pub packet: String,
    pub legs: Vec<Leg>,
}

impl Answer {
    /// None if the ruleset doesn't know what is asked for.
    pub fn of(source: Source<'_>, question: &Question, host: &Host<'_>) -> Option<Self> {
        let ruleset = source.checked.ruleset();
        let packet = question.packet(ruleset, host.survey)?;
        let compiled = one_by_one(source.checked, 0);
        let outcome = Simulator::new(&compiled, &host.situation).judge(&packet);
        let case = Case { packet: &packet, checked: source.checked, now: host.situation.now };
        Some(Self {
            title: source.title.to_owned(),
            action: outcome.verdict.action,
            sentence: sentence_of(question, outcome.verdict.action, ruleset),
            reason: reason(outcome.verdict, source.checked, &packet),
            above: above(&outcome, source.checked),
            packet: packet.to_string(),
            legs: way::legs(case, &outcome),
        })
    }

    /// The class and symbol of the verdict.
    pub const fn look(&self) -> (&'static str, &'static str) {
        match self.action {
            Action::Allow => ("allow", "good"),
            Action::Drop | Action::Reject => ("deny", "bad"),
        }
    }
}

/// Who reaches what, or doesn't.
pub(super) fn sentence_of(question: &Question, action: Action, ruleset: &Ruleset) -> String {
    let to = sentence::target(&question.to, ruleset);
    let can = if action == Action::Allow { "can" } else { "can't" };
    if question.is_out {
        format!("This host {can} reach {to} at {}", question.from)
    } else {
        format!("{} {can} reach {to} on this host", question.from)
    }
}

fn reason(verdict: Verdict, checked: &CheckedRuleset, packet: &Packet) -> String {
    let done = done(verdict.action);
    match verdict.line {
        Some(Line::Rule(id) | Line::Limit(id)) => match find(checked, id) {
            Some(rule) => format!("Rule {id} {done} it: {}.", sentence::of(rule, checked.ruleset())),
            None => format!("Rule {id} {done} it."),
        },
        Some(Line::Automatic(Automatic::DefaultIn | Automatic::DefaultOut | Automatic::DefaultForward)) => {
            format!("No rule decides it, and the default {done} what no rule decides.")
        }
        Some(Line::Automatic(line)) => format!("The line “{}” {done} it. {}", line.label(), line.explanation()),
        None => format!("No line decides {packet}."),
    }
}

const fn done(action: Action) -> &'static str {
    match action {
        Action::Allow => "allows",
        Action::Drop => "drops",
        Action::Reject => "rejects",
    }
}

fn find(checked: &CheckedRuleset, id: RuleId) -> Option<&Rule> {
    checked.ruleset().parts().rules.iter().find(|rule| rule.id == id)
}

fn above(outcome: &Outcome, checked: &CheckedRuleset) -> Vec<String> {
    let policy = &checked.ruleset().parts().policy;
    let limit = |verdict: &Verdict| match verdict.line? {
        Line::Limit(id) => Some(format!("Above the limits of rule {id} it is dropped.")),
        Line::Automatic(line) => {
            let limit = line.limit(policy)?;
            Some(format!("Above {limit} from one source it is dropped."))
        }
        Line::Rule(_) => None,
    };
    let mut found: Vec<String> = outcome.above.iter().filter_map(limit).collect();
    found.dedup();
    found
}
