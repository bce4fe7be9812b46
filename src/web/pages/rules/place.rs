//! Where a rule stands: people count among the rules of one direction, a ruleset counts all of them.

use crate::firewall::{Direction, Rule, RuleId, Ruleset};

/// The rule with an id.
pub(super) fn find(ruleset: &Ruleset, id: RuleId) -> Option<&Rule> {
    ruleset.parts().rules.iter().find(|rule| rule.id == id)
}

/// The number of a rule among those of its direction, from 1.
pub(super) fn number(ruleset: &Ruleset, rule: &Rule) -> usize {
    let same = ruleset.parts().rules.iter().filter(|other| other.direction == rule.direction);
    same.take_while(|other| other.id != rule.id).count() + 1
}

/// The index, in the rules without the moved ones, at which something has the number `number` among the rules of a
/// direction; behind the last of them if there aren't so many or no number is asked for.
pub(super) fn index(ruleset: &Ruleset, moved: &[RuleId], direction: Direction, number: Option<usize>) -> usize {
    let rest = ruleset.parts().rules.iter().filter(|rule| !moved.contains(&rule.id));
    let places: Vec<usize> =
        (0..).zip(rest).filter(|(_, rule)| rule.direction == direction).map(|(at, _)| at).collect();
    let asked = number.and_then(|number| places.get(number.saturating_sub(1))).copied();
    asked
        .or_else(|| places.last().map(|last| last + 1))
        .unwrap_or(ruleset.parts().rules.len() - moved_in(ruleset, moved))
}

fn moved_in(ruleset: &Ruleset, moved: &[RuleId]) -> usize {
    ruleset.parts().rules.iter().filter(|rule| moved.contains(&rule.id)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules 1 to 6, of which 2 and 5 go out.
    fn ruleset() -> Ruleset {
        let rule = |id: u32| {
            let direction = if id == 2 || id == 5 { "out" } else { "in" };
            format!(r#"{{"id":{id},"action":"allow","direction":"{direction}"}}"#)
        };
        let rules: Vec<String> = (1..=6).map(rule).collect();
        serde_json::from_str(&format!(r#"{{"rules":[{}]}}"#, rules.join(","))).expect("a ruleset")
    }

    fn id(number: u32) -> RuleId {
        RuleId::new(number).expect("not 0")
    }

    #[test]
    fn a_number_counts_the_rules_of_one_direction() {
        let ruleset = ruleset();
        let numbers: Vec<usize> = ruleset.parts().rules.iter().map(|rule| number(&ruleset, rule)).collect();
        assert_eq!(numbers, [1, 1, 2, 3, 2, 4]);
    }

    #[test]
    fn an_index_counts_all_rules_but_the_moved_ones() {
        let ruleset = ruleset();
        // Without rule 6 the incoming ones are 1, 3, 4 at the indexes 0, 2, 3.
        for (asked, expected) in [(Some(1), 0), (Some(2), 2), (Some(3), 3), (Some(4), 4), (Some(99), 4), (None, 4)] {
            assert_eq!(index(&ruleset, &[id(6)], Direction::In, asked), expected, "{asked:?}");
        }
        assert_eq!(index(&ruleset, &[], Direction::Forward, Some(1)), 6);
        assert_eq!(index(&ruleset, &[id(1), id(2)], Direction::Forward, None), 4);
    }
}
