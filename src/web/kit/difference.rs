//! A difference between two rulesets in words: who gains, who loses, and a packet that shows it.

use super::words;
use crate::firewall::{Action, Automatic, Diff, Direction, Line, diff::Change, simulate::Verdict};

/// How many sentences of a kind are shown; more are counted.
const LONGEST: usize = 200;

/// What a page shows of a [`Diff`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// The first sentence: what it comes down to.
    pub headline: String,
    /// Kinds that have something, what opens to the world first.
    pub kinds: Vec<Kind>,
    /// Protections that were switched or tuned.
    pub protections: Vec<String>,
    /// What wasn't looked at, as a sentence.
    pub unexamined: Option<String>,
}

/// Changes of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The heading.
    pub title: &'static str,
    /// The class: `world`, `gain`, `loss`, `other`.
    pub class: &'static str,
    /// The symbol.
    pub icon: &'static str,
    /// The sentences.
    pub turns: Vec<Turn>,
    /// How many more there are, as a sentence.
    pub more: Option<String>,
}

/// One change of a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who can now reach what, or no longer.
    pub sentence: String,
    /// A packet about which the two disagree.
    pub witness: String,
    /// What decided before, and what decides then.
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    World,
    Gain,
    Loss,
    Other,
}

impl Sort {
    const ALL: [Self; 4] = [Self::World, Self::Gain, Self::Loss, Self::Other];

    fn of(change: &Change) -> Self {
        let is_world = change.direction != Direction::Out && change.is_about_everybody();
        match (change.before.action, change.after.action) {
            (_, Action::Allow) if is_world => Self::World,
            (_, Action::Allow) => Self::Gain,
            (Action::Allow, Action::Drop | Action::Reject) => Self::Loss,
            (Action::Drop | Action::Reject, Action::Drop | Action::Reject) => Self::Other,
        }
    }

    const fn look(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::World => ("Opens to the world", "world", "everywhere"),
            Self::Gain => ("Gains access", "gain", "good"),
            Self::Loss => ("Loses access", "loss", "stop"),
            Self::Other => ("Is refused in another way", "other", "info"),
        }
    }
}

impl Difference {
    /// Puts a difference into words.
    #[must_use]
    pub fn new(diff: &Diff) -> Self {
        let of = |sort: Sort| diff.changes.iter().filter(move |change| Sort::of(change) == sort);
        let kinds = Sort::ALL.into_iter().filter(|sort| of(*sort).next().is_some()).map(|sort| {
            let (title, class, icon) = sort.look();
            let total = of(sort).count();
            let more = total.checked_sub(LONGEST).filter(|more| *more > 0);
            Kind {
                title,
                class,
                icon,
                turns: of(sort).take(LONGEST).map(Turn::new).collect(),
                more: more.map(|more| format!("And {} more of this kind.", words::grouped(more))),
            }
        });
        let unexamined = (diff.unexamined > 0).then(|| {
            let pieces = words::count(diff.unexamined, "combination");
            format!("{pieces} of address and port weren’t looked at, because there are too many. More may change than is listed here.")
        });
        Self {
            headline: headline(
                &of(Sort::World).collect::<Vec<_>>(),
                of(Sort::Gain).count(),
                of(Sort::Loss).count(),
                diff,
            ),
            kinds: kinds.collect(),
            protections: diff.protections.iter().map(|sentence| words::sentence(sentence)).collect(),
            unexamined,
        }
    }

    /// Whether no verdict changes, as far as was looked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.protections.is_empty() && self.unexamined.is_none()
    }
}

impl Turn {
    fn new(change: &Change) -> Self {
        let (before, after) = (decided(change.before), decided(change.after));
        Self {
            sentence: words::sentence(&change.to_string()),
            witness: change.witness.to_string(),
            why: format!("{before} before, {after} then"),
        }
    }
}

fn headline(world: &[&Change], gains: usize, losses: usize, diff: &Diff) -> String {
    let mut parts = Vec::new();
    match world {
        [] => {}
        [one] => parts.push(one.to_string()),
        several => parts.push(format!("{} open something to the world", words::count(several.len(), "change"))),
    }
    let count = |number, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 change {one}")),
        number => Some(format!("{} {many}", words::count(number, "change"))),
    };
    parts.extend(count(gains, "gives access", "give access"));
    parts.extend(count(losses, "takes access away", "take access away"));
    if parts.is_empty() && diff.unexamined == 0 {
        let but = if diff.protections.is_empty() { "" } else { ", but protections change" };
        return format!("Nobody gains or loses access{but}.");
    }
    if parts.is_empty() {
        return "Nobody was found to gain or lose access.".to_owned();
    }
    words::sentence(&parts.join("; "))
}

/// What decided, in few words: `rule r12 allows it`.
fn decided(verdict: Verdict) -> String {
    let done = match verdict.action {
        Action::Allow => "allows it",
        Action::Drop => "drops it",
        Action::Reject => "rejects it",
    };
    match verdict.line {
        Some(Line::Rule(id) | Line::Limit(id)) => format!("rule {id} {done}"),
        Some(Line::Automatic(Automatic::DefaultIn | Automatic::DefaultOut | Automatic::DefaultForward)) => {
            format!("the default {done}")
        }
        Some(Line::Automatic(line)) => format!("“{}” {done}", line.label()),
        None => format!("no line {done}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{CheckedRuleset, Moment, Surroundings, check, diff, simulate::Situation};

    fn checked(rules: &str) -> CheckedRuleset {
        let surroundings = Surroundings { now: Moment::from_millis(0), interfaces: None, networks: Vec::new() };
        check(serde_json::from_str(&format!(r#"{{"rules":[{rules}]}}"#)).unwrap(), &surroundings).unwrap()
    }

    fn between(old: &str, new: &str) -> Difference {
        let situation = Situation { now: Moment::from_millis(0), bans: Vec::new(), routes: Vec::new() };
        Difference::new(&diff(&checked(old), &checked(new), &situation))
    }

    const SSH: &str = r#"{"id":1,"action":"allow","direction":"in","who":["203.0.113.0/24"],"to":["ssh"]}"#;
    const APP: &str = r#"{"id":2,"action":"allow","direction":"in","to":["8080/tcp"]}"#;

    #[test]
    fn what_opens_to_the_world_comes_first_and_names_what_decides() {
        let found = between(SSH, APP);
        assert_eq!(found.headline, "Everybody can now reach 8080/tcp; 1 change takes access away.");
        let classes: Vec<&str> = found.kinds.iter().map(|kind| kind.class).collect();
        assert_eq!(classes, ["world", "loss"]);
        assert_eq!(found.kinds[0].turns[0].why, "the default drops it before, rule r2 allows it then");
        assert_eq!(found.kinds[1].turns[0].sentence, "203.0.113.0/24 can no longer reach 22/tcp.");
    }

    #[test]
    fn no_change_is_said_too() {
        let found = between(SSH, SSH);
        assert!(found.is_empty());
        assert_eq!(found.headline, "Nobody gains or loses access.");
    }
}
