//! Would today's rules still turn it away?

use std::sync::Arc;

use crate::{
    actions::FirewallView,
    firewall::{
        Action, Automatic, CheckedRuleset, Compiled, Line, Moment, Rule, Ruleset, Surroundings,
        blocked::Blocked,
        check, compile,
        enforcement::{Mode, Survey},
        replay::{self, Unclear},
        simulate::{Outcome, Simulator, Situation},
        whereabouts::Geography,
    },
    web::kit::Tag,
};

/// What today's rules would say to one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Today {
    /// It would get in, by this line.
    Passes(Option<Line>),
    /// It would be turned away, by this line.
    TurnedAway(Option<Line>),
    /// Nothing is enforced.
    NoFirewall,
    /// Nobody can say.
    Unclear(Unclear),
}

/// The rules in force and all that their verdict depends on.
#[derive(Debug)]
pub struct Judge {
    rules: Option<(CheckedRuleset, Compiled)>,
    situation: Situation,
    survey: Arc<Survey>,
    geography: Geography,
}

impl Judge {
    /// Prepares to judge by `ruleset` where the firewall is on. Takes a while with long lists.
    #[must_use]
    pub fn new(firewall: &FirewallView, ruleset: Ruleset, survey: Arc<Survey>, situation: Situation) -> Self {
        let is_on = firewall.enforcement.as_ref().is_some_and(|enforcement| enforcement.mode != Mode::Off);
        let rules = if is_on { compiled(ruleset, &survey, situation.now) } else { None };
        Self { rules, situation, survey, geography: Geography::default() }
    }

    /// A judge who knows of no firewall.
    #[must_use]
    pub fn without_rules(now: Moment) -> Self {
        let situation = Situation { now, bans: Vec::new(), routes: Vec::new() };
        Self { rules: None, situation, survey: Arc::default(), geography: Geography::default() }
    }

    /// The same, who also knows where sources are said to be.
    #[must_use]
    pub fn knowing(self, geography: Geography) -> Self {
        Self { geography, ..self }
    }

    /// Where addresses are said to be.
    #[must_use]
    pub const fn geography(&self) -> &Geography {
        &self.geography
    }

    /// Whether there are rules to judge by.
    #[must_use]
    pub const fn has_rules(&self) -> bool {
        self.rules.is_some()
    }

    /// The ruleset in force.
    #[must_use]
    pub fn ruleset(&self) -> Option<&Ruleset> {
        self.rules.as_ref().map(|(checked, _)| checked.ruleset())
    }

    /// Judges a row.
    #[must_use]
    pub fn judge(&self, row: &Blocked) -> Today {
        let Some((_, compiled)) = &self.rules else { return Today::NoFirewall };
        self.ask(row, compiled).map_or_else(Today::Unclear, |outcome| Today::from(&outcome))
    }

    /// Judges a row as if this rule came first. None when the rule can't be part of the ruleset.
    #[must_use]
    pub fn judge_with(&self, row: &Blocked, rule: &Rule) -> Option<Today> {
        let (checked, _) = self.rules.as_ref()?;
        let mut parts = checked.ruleset().parts().clone();
        parts.rules.insert(0, rule.clone());
        let (_, compiled) = compiled(Ruleset::try_from(parts).ok()?, &self.survey, self.situation.now)?;
        Some(self.ask(row, &compiled).map_or_else(Today::Unclear, |outcome| Today::from(&outcome)))
    }

    fn ask(&self, row: &Blocked, compiled: &Compiled) -> Result<Outcome, Unclear> {
        let packet = replay::again(row, &self.survey)?;
        Ok(Simulator::new(compiled, &self.situation).judge(&packet))
    }
}

fn compiled(ruleset: Ruleset, survey: &Survey, now: Moment) -> Option<(CheckedRuleset, Compiled)> {
    let surroundings = Surroundings { now, interfaces: None, networks: survey.networks() };
    let checked = check(ruleset, &surroundings).ok()?;
    let compiled = compile(&checked, 0);
    Some((checked, compiled))
}

impl From<&Outcome> for Today {
    fn from(outcome: &Outcome) -> Self {
        match outcome.verdict.action {
            Action::Allow => Self::Passes(outcome.verdict.line),
            Action::Drop | Action::Reject => Self::TurnedAway(outcome.verdict.line),
        }
    }
}

impl From<Today> for Tag {
    fn from(today: Today) -> Self {
        match today {
            Today::Passes(line) => Self::new("allow", "good", "Yes").meaning(by("It would be let in", line)),
            Today::TurnedAway(line) => Self::new("", "stop", "No").meaning(by("It would be turned away again", line)),
            Today::NoFirewall => Self::new("", "off", "Yes, no firewall").meaning("The firewall isn’t turned on."),
            Today::Unclear(why) => Self::new("", "info", "Can’t tell").meaning(why.words()),
        }
    }
}

fn by(what: &str, line: Option<Line>) -> String {
    line.map_or_else(|| format!("{what}."), |line| format!("{what} by {}.", line_words(line)))
}

/// A line in words: `rule r12`, `“Everything else”`.
pub(super) fn line_words(line: Line) -> String {
    match line {
        Line::Rule(id) => format!("rule {id}"),
        Line::Limit(id) => format!("the limits of rule {id}"),
        Line::Automatic(line) => format!("“{}”", line_label(line)),
    }
}

/// What a line of the policy is called.
pub(super) const fn line_label(line: Automatic) -> &'static str {
    match line {
        Automatic::DefaultIn => "No rule lets it in",
        Automatic::DefaultForward => "No rule lets it through",
        Automatic::DefaultOut => "No rule lets it out",
        _ => line.label(),
    }
}
