//! What a change would do, in words, before it is staged.

use crate::{
    firewall::{
        CheckedRuleset, Problem, Ruleset, Severity, Surroundings,
        check::{self, Subject},
        diff, sentence,
        simulate::Situation,
    },
    web::kit::{Problems, words},
};

/// How many sentences are shown before the rest is counted.
const SHOWN: usize = 12;

/// The panel beside a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// The rule in plain English.
    pub sentence: Option<String>,
    /// What is wrong with it, each with whether it forbids to apply.
    pub problems: Vec<(bool, String)>,
    /// Who gains or loses what.
    pub changes: Vec<String>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

/// Both ends of a change, and what judging it takes.
#[derive(Debug)]
pub struct Step<'a> {
    /// The draft as it is.
    pub before: &'a Ruleset,
    /// The draft as it would be.
    pub after: &'a Ruleset,
    /// What a check has to know.
    pub surroundings: &'a Surroundings,
    /// Bans and routes.
    pub situation: &'a Situation,
}

impl Effect {
    /// Nothing can be said as long as these fields make no sense.
    pub(super) fn unreadable(problems: &Problems) -> Self {
        let problems = problems.all().iter().map(|problem| (true, words::sentence(&problem.text))).collect();
        Self { problems, notes: vec!["That can be said when every field makes sense.".to_owned()], ..Self::default() }
    }

    /// Nothing was asked yet.
    pub(super) fn not_asked() -> Self {
        Self { notes: vec!["Fill in the form; what it would do stands here.".to_owned()], ..Self::default() }
    }

    /// The draft can't take the change.
    pub(super) fn impossible(clause: &str) -> Self {
        Self { problems: vec![(true, words::sentence(clause))], ..Self::default() }
    }

    /// Describes a change of the thing that `subject` names; of the policy without one.
    #[must_use]
    pub fn of(subject: Option<&Subject>, step: &Step<'_>) -> Self {
        let sentence = match subject {
            Some(Subject::Rule(id)) => step.after.parts().rules.iter().find(|rule| rule.id == *id),
            _ => None,
        };
        let after = check::check(step.after.clone(), step.surroundings);
        let problems = after.as_ref().map_or_else(Vec::as_slice, CheckedRuleset::warnings);
        let problems = problems.iter().filter(|problem| subject == Some(&problem.subject)).map(spoken).collect();
        let mut effect = Self {
            sentence: sentence.map(|rule| format!("{}.", sentence::of(rule, step.after))),
            problems,
            ..Self::default()
        };
        if sentence.is_some_and(|rule| !rule.enabled) {
            effect.note("It is disabled, so it does nothing.");
        }
        match (check::check(step.before.clone(), step.surroundings), after) {
            (Ok(before), Ok(after)) => effect.compare(&before, &after, step.situation),
            (_, Err(_)) => effect.note("As long as the draft has errors, it can't be said who gains or loses."),
            (Err(_), Ok(_)) => effect.note("It mends the draft. Review says who gains and who loses."),
        }
        effect
    }

    fn note(&mut self, sentence: &str) {
        self.notes.push(sentence.to_owned());
    }

    fn compare(&mut self, before: &CheckedRuleset, after: &CheckedRuleset, situation: &Situation) {
        let found = diff(before, after, situation);
        let sentences = found
            .changes
            .iter()
            .map(|change| format!("{} For example {}.", words::sentence(&change.to_string()), change.witness));
        let protections = found.protections.iter().map(|clause| words::sentence(clause));
        self.changes = sentences.chain(protections).collect();
        let more = self.changes.len().saturating_sub(SHOWN);
        self.changes.truncate(SHOWN);
        if more > 0 {
            self.notes.push(format!("And {} more. Review shows all of them.", words::count(more, "change")));
        }
        if found.unexamined > 0 {
            let number = words::grouped(found.unexamined);
            self.notes.push(format!("{number} combinations weren't looked at, because there are too many."));
        }
        if self.changes.is_empty() && found.unexamined == 0 {
            self.note("Nobody gains or loses anything by it.");
        }
    }
}

fn spoken(problem: &Problem) -> (bool, String) {
    let witness = problem.witness.as_ref().map(|witness| format!(" For example {witness}.")).unwrap_or_default();
    (problem.severity == Severity::Error, words::sentence(&problem.sentence) + &witness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{Moment, RuleId};

    fn effect(before: &str, after: &str) -> Effect {
        let ruleset = |rules: &str| serde_json::from_str(&format!(r#"{{"rules":[{rules}]}}"#)).expect(rules);
        let (before, after) = (ruleset(before), ruleset(after));
        let now = Moment::from_millis(0);
        let surroundings = Surroundings { now, interfaces: None, networks: Vec::new() };
        let situation = Situation { now, bans: Vec::new(), routes: Vec::new() };
        let step = Step { before: &before, after: &after, surroundings: &surroundings, situation: &situation };
        Effect::of(Some(&Subject::Rule(RuleId::new(1).expect("not 0"))), &step)
    }

    const WEB: &str = r#"{"id":1,"action":"allow","direction":"in","to":["80/tcp"]}"#;

    #[test]
    fn who_gains_is_said_with_a_packet() {
        let effect = effect("", WEB);
        assert_eq!(effect.sentence.as_deref(), Some("Allow everybody to reach 80/tcp."));
        assert_eq!(effect.changes.len(), 1, "{effect:?}");
        assert!(effect.changes[0].starts_with("Everybody can now reach 80/tcp. For example "), "{effect:?}");
    }

    #[test]
    fn a_rule_without_effect_says_so() {
        let disabled = WEB.replace("\"id\":1", "\"id\":1,\"enabled\":false");
        assert_eq!(
            effect("", &disabled).notes,
            ["It is disabled, so it does nothing.", "Nobody gains or loses anything by it."]
        );
    }

    #[test]
    fn errors_are_told_and_end_the_comparison() {
        let unknown = r#"{"id":1,"action":"allow","direction":"in","who":["list:nobody"]}"#;
        let effect = effect("", unknown);
        assert_eq!(effect.problems, [(true, "There is no list nobody.".to_owned())]);
        assert!(effect.changes.is_empty() && effect.notes.len() == 1);
    }
}
