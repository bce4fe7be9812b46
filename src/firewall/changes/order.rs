//! Which rules stand elsewhere: as few of them as explain the new order.

use std::collections::{BTreeMap, BTreeSet};

use crate::firewall::{Direction, Rule, RuleId};

/// The rules of both that moved among the rules of their direction. Those of a longest run that kept its order stayed.
pub(super) fn moved(old: &[Rule], new: &[Rule]) -> BTreeSet<RuleId> {
    let mut found = BTreeSet::new();
    for direction in [Direction::In, Direction::Out, Direction::Forward] {
        let before = places(old, direction);
        let common: Vec<(usize, RuleId)> = new
            .iter()
            .filter(|rule| rule.direction == direction)
            .filter_map(|rule| before.get(&rule.id).map(|place| (*place, rule.id)))
            .collect();
        let stayed = longest_rising(&common);
        found.extend(common.iter().map(|(_, id)| *id).filter(|id| !stayed.contains(id)));
    }
    found
}

fn places(rules: &[Rule], direction: Direction) -> BTreeMap<RuleId, usize> {
    (0..).zip(rules).filter(|(_, rule)| rule.direction == direction).map(|(place, rule)| (rule.id, place)).collect()
}

/// A longest run of rising places. `ends[n]` is the item at which the best run of `n + 1` items found so far ends.
fn longest_rising(items: &[(usize, RuleId)]) -> BTreeSet<RuleId> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(items.len());
    for (index, (place, _)) in (0..).zip(items) {
        let length = ends.partition_point(|end| items[*end].0 < *place);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let last = ends.last().copied();
    std::iter::successors(last, |index| before[*index]).map(|index| items[index].1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(ids: &[u32]) -> Vec<Rule> {
        let rule = |id: &u32| {
            let direction = if *id > 100 { "out" } else { "in" };
            let json = format!(r#"{{"id":{id},"action":"allow","direction":"{direction}"}}"#);
            serde_json::from_str(&json).expect("a rule")
        };
        ids.iter().map(rule).collect()
    }

    #[test]
    fn as_few_as_possible_moved() {
        for (old, new, expected) in [
            (&[1, 2, 3][..], &[1, 2, 3][..], &[][..]),
            (&[1, 2, 3], &[3, 1, 2], &[3]),
            (&[1, 2, 3, 4], &[2, 3, 4, 1], &[1]),
            (&[1, 2, 3], &[9, 1, 3], &[]),
            (&[1, 101, 2, 102], &[101, 102, 1, 2], &[]),
            (&[], &[1], &[]),
        ] {
            let moved: Vec<u32> = moved(&rules(old), &rules(new)).iter().map(|id| id.get()).collect();
            assert_eq!(moved, expected, "{old:?} {new:?}");
        }
    }
}
