//! Who is an exception to what is said of a port: in a set that wasn't read, or sending from a port that few use.

use std::collections::BTreeSet;

use super::{doubt::Doubt, ours::set_words, packet::Flow, ranges::Ranges};

/// More ways to be an exception are told as they are, however often they say the same.
const TIDIED: usize = 16;

/// What somebody is and isn't, all of it.
type Case = BTreeSet<(bool, String)>;

/// The cases in which things are otherwise.
#[derive(Debug, Default)]
pub(super) struct Exceptions(Vec<Case>);

impl Exceptions {
    /// When packets of these senders went this way too.
    pub(super) fn of(flows: &[Flow], senders: &Ranges) -> Self {
        let mut cases: Vec<Case> = Vec::new();
        for flow in flows {
            let otherwise = flow.may.minus(&flow.sure).intersect(senders);
            for doubts in flow.doubts.of(&otherwise) {
                let case: Case = doubts.iter().filter_map(named).collect();
                if !case.is_empty() && !cases.contains(&case) {
                    cases.push(case);
                }
            }
        }
        Self(if cases.len() > TIDIED { cases } else { tidied(cases) })
    }

    /// None if there are none. `conversely` opens it where all that is said is what somebody mustn't be.
    pub(super) fn words(&self, opening: &str, conversely: &str) -> Option<String> {
        match self.0.as_slice() {
            [] => None,
            [case] if case.iter().all(|(is, _)| !is) => Some(format!("{conversely} {}", one_of(case))),
            cases => Some(format!("{opening} {}", cases.iter().map(all_of).collect::<Vec<_>>().join(" or "))),
        }
    }
}

/// What one doubt is about, and whether it must be so.
fn named(doubt: &Doubt) -> Option<(bool, String)> {
    match doubt {
        Doubt::Listed(set) => Some((true, set_words(set))),
        Doubt::Choice(what) => Some((true, what.clone())),
        Doubt::Not(other) => named(other).map(|(_, words)| (false, words)),
        Doubt::Unknown(_) => None,
    }
}

fn one_of(case: &Case) -> String {
    case.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>().join(" or ")
}

/// What somebody is comes before what he isn't.
fn all_of(case: &Case) -> String {
    let words = case.iter().rev().map(|(is, words)| if *is { words.clone() } else { format!("not {words}") });
    words.collect::<Vec<_>>().join(" and ")
}

/// Says the same in less: one, or not one but two, is one or two.
fn tidied(mut cases: Vec<Case>) -> Vec<Case> {
    while let Some((at, needless)) = needless(&cases) {
        cases[at].remove(&needless);
        if cases[at].is_empty() {
            return Vec::new();
        }
    }
    let is_wider = |one: &Case, other: &Case| one.is_subset(other) && one != other;
    let all = cases.clone();
    cases.retain(|case| !all.iter().any(|other| is_wider(other, case)));
    cases.sort();
    cases.dedup();
    cases
}

/// A part of a case that may as well be otherwise, because another case covers that.
fn needless(cases: &[Case]) -> Option<(usize, (bool, String))> {
    let covers = |part: &(bool, String), case: &Case| {
        let opposite = (!part.0, part.1.clone());
        let is_covered = |other: &Case| {
            other.contains(&opposite) && other.iter().all(|found| *found == opposite || case.contains(found))
        };
        cases.iter().any(is_covered)
    };
    let parts = |(at, case): (usize, &Case)| case.iter().find(|part| covers(part, case)).map(|part| (at, part.clone()));
    cases.iter().enumerate().find_map(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(text: &str) -> Case {
        text.split(' ').map(|word| (!word.starts_with('-'), word.trim_start_matches('-').to_owned())).collect()
    }

    #[test]
    fn the_same_is_said_in_less() {
        for (cases, expected) in [
            (&["a"][..], Some("if a")),
            (&["-a"], Some("unless a")),
            (&["-a -b"], Some("unless a or b")),
            (&["a", "-a b"], Some("if a or b")),
            (&["a", "-a b", "-a -b c"], Some("if a or b or c")),
            (&["a b", "-a b"], Some("if b")),
            (&["a", "-a"], None),
            (&["a -b"], Some("if a and not b")),
            (&["a", "a b"], Some("if a")),
            (&["a b", "c"], Some("if b and a or c")),
            (&[], None),
        ] {
            let told = Exceptions(tidied(cases.iter().map(|text| case(text)).collect())).words("if", "unless");
            assert_eq!(told.as_deref(), expected, "{cases:?}");
        }
    }
}
