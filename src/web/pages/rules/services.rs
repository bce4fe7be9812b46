//! The rules by service: who may reach what. A rule stands under every service that it has to do with.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    firewall::{
        Action, Direction, Policy, Ports, Rule, Ruleset, ServiceName, Target, Targets, check, sentence, service,
    },
    web::kit::{Tag, words},
};

use super::{
    filter::Filter,
    row::{RuleRow, is_over, word},
    sight::Sight,
};

/// More rules than this under one service are counted.
const MOST_RULES: usize = 50;

/// A service with the rules that decide who reaches it.
#[derive(Debug)]
pub struct ServiceGroup {
    /// Its name and ports.
    pub name: String,
    /// Which way.
    pub direction: &'static str,
    /// Who may, in a few words: `list office and 203.0.113.0/24`.
    pub who: String,
    /// The rules in order; the first that matches decides.
    pub rules: Vec<RuleRow>,
    /// How many more there are.
    pub more: usize,
    /// What the policy does with everybody else; none where a rule says it.
    pub otherwise: Option<Tag>,
}

/// What a group is about: one thing that rules name in `to`; nothing for rules about everything.
pub(super) type Key = (Direction, Option<Target>);

/// Every service that a rule names, in order of direction and name.
pub(super) fn groups(sight: &Sight<'_>, filter: &Filter) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    let names = single_ports(sight.draft);
    let plain = |target: &Target| match target {
        Target::Ports(ports) => names.get(ports).cloned().map_or_else(|| target.clone(), Target::Service),
        _ => target.clone(),
    };
    for rule in &sight.draft.parts().rules {
        if filter.is_set() && !filter.fits(rule, false, sight) {
            continue;
        }
        if rule.to.is_empty() {
            keys.insert((rule.direction, None));
        }
        keys.extend(rule.to.iter().map(|target| (rule.direction, Some(plain(target)))));
    }
    keys.into_iter().collect()
}

pub(super) fn lay_out(keys: &[Key], sight: &Sight<'_>) -> Vec<ServiceGroup> {
    let ports_of = |name: &ServiceName| check::ports_of(sight.draft, name).unwrap_or_default();
    let mut numbers: BTreeMap<Direction, usize> = BTreeMap::new();
    let rules: Vec<(usize, &Rule, Targets)> = sight
        .draft
        .parts()
        .rules
        .iter()
        .map(|rule| {
            let number = numbers.entry(rule.direction).or_default();
            *number += 1;
            (*number, rule, Targets::resolve(&rule.to, ports_of))
        })
        .collect();
    keys.iter().map(|(direction, target)| group(*direction, target.as_ref(), &rules, sight)).collect()
}

fn group(
    direction: Direction,
    target: Option<&Target>,
    rules: &[(usize, &Rule, Targets)],
    sight: &Sight<'_>,
) -> ServiceGroup {
    let ports_of = |name: &ServiceName| check::ports_of(sight.draft, name).unwrap_or_default();
    let wanted = target.map(|target| Targets::resolve(std::slice::from_ref(target), ports_of));
    let share = |rule: &Rule, targets: &Targets| match &wanted {
        _ if rule.to.is_empty() => Share::All,
        Some(wanted) if targets.cover(wanted) => Share::All,
        Some(wanted) if targets.overlap(wanted) => Share::Part,
        _ => Share::None,
    };
    let same = rules.iter().filter(|(_, rule, _)| rule.direction == direction);
    let own: Vec<(usize, &Rule, Share)> = same
        .map(|(number, rule, targets)| (*number, *rule, share(rule, targets)))
        .filter(|(.., share)| *share != Share::None)
        .collect();
    let policy = otherwise(direction, &sight.draft.parts().policy);
    let reach = Reach::of(&own, sight);
    ServiceGroup {
        name: target.map_or_else(|| "Everything".to_owned(), |target| sentence::target(target, sight.draft)),
        direction: word(direction),
        who: reach.words(direction, policy),
        rules: own.iter().take(MOST_RULES).map(|(number, rule, _)| RuleRow::new(rule, Some(*number), sight)).collect(),
        more: own.len().saturating_sub(MOST_RULES),
        otherwise: reach.rest.is_none().then(|| policy.into()),
    }
}

/// How much of a service a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    All,
    Part,
    None,
}

const fn otherwise(direction: Direction, policy: &Policy) -> Action {
    match direction {
        Direction::In => policy.incoming,
        Direction::Out => policy.outgoing,
        Direction::Forward => policy.forwarded,
    }
}

/// Who gets through.
#[derive(Debug, Default)]
struct Reach {
    allowed: Vec<String>,
    denied: Vec<String>,
    /// What a rule says of everybody that no earlier rule names.
    rest: Option<Action>,
}

impl Reach {
    fn of(rules: &[(usize, &Rule, Share)], sight: &Sight<'_>) -> Self {
        let mut reach = Self::default();
        for (_, rule, share) in rules.iter().filter(|(_, rule, _)| rule.enabled && !is_over(rule, sight.now)) {
            let is_narrow = *share == Share::Part || !rule.interfaces.is_empty() || !rule.at.is_empty();
            if rule.who.is_empty() && !is_narrow {
                reach.rest = Some(rule.action);
                break;
            }
            let part = if is_narrow { " (in part)" } else { "" };
            let named = if rule.action == Action::Allow { &mut reach.allowed } else { &mut reach.denied };
            if rule.who.is_empty() {
                named.push(format!("everybody{part}"));
            }
            named.extend(rule.who.iter().map(|peer| sentence::peer(peer) + part));
        }
        reach
    }

    /// In a few words.
    fn words(&self, direction: Direction, policy: Action) -> String {
        let except = if self.denied.is_empty() { String::new() } else { format!(" except {}", listed(&self.denied)) };
        let (everybody, nobody) =
            if direction == Direction::Out { ("Anywhere", "Nowhere") } else { ("Everybody", "Nobody") };
        match (self.rest.unwrap_or(policy), self.allowed.is_empty()) {
            (Action::Allow, _) => format!("{everybody}{except}"),
            (_, true) => nobody.to_owned(),
            (_, false) => format!("{}{except}", listed(&self.allowed)),
        }
    }
}

fn listed(names: &[String]) -> String {
    let first = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{first} and {} more", words::grouped(names.len() - 3)) } else { first }
}

/// The services that are one port or one range, by it: 22/tcp and ssh stand together.
fn single_ports(ruleset: &Ruleset) -> BTreeMap<Ports, ServiceName> {
    let built_in = service::BUILT_IN.iter().filter_map(|(name, _)| ServiceName::parse(name).ok());
    let own = ruleset.parts().services.iter().map(|service| service.name.clone());
    let single = |name: ServiceName| match check::ports_of(ruleset, &name)?.as_slice() {
        [ports] => Some((*ports, name)),
        _ => None,
    };
    // Of several with the same port the built-in one counts, so it comes last.
    own.chain(built_in).filter_map(single).collect()
}
