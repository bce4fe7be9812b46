//! The order in which a packet meets the lines of a ruleset, for people. `docs/policy.md` gives the reasons.
//!
//! [`super::compile()`] writes the same order for the kernel; a test compares the two.

mod words;

use super::{Action, Automatic, Direction, Policy, Rule, Ruleset};

/// Where a packet meets lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Whatever arrives, before the kernel looks for its connection.
    Early,
    /// What is for this host itself.
    Input,
    /// New connections to this host and to published ports of containers.
    Incoming,
    /// What passes through and isn't for a published port.
    Forward,
    /// What this host sends.
    Output,
}

/// The lines of one place, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage<'a> {
    /// Where.
    pub place: Place,
    /// What stands there.
    pub lines: Vec<Step<'a>>,
}

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A line of the policy.
    Automatic {
        /// Which.
        line: Automatic,
        /// What it does with a packet that it matches.
        effect: Effect,
    },
    /// A rule, also one that is disabled and does nothing.
    Rule {
        /// Which.
        rule: &'a Rule,
        /// Its number among the rules of its direction, from 1.
        number: usize,
    },
}

/// What an automatic line does with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It skips the rest of this place and goes on to the next.
    GoesOn,
    /// It is decided.
    Decides(Action),
}

/// Every place with its lines. Protections that are off have none.
#[must_use]
pub fn stages(ruleset: &Ruleset) -> Vec<Stage<'_>> {
    let policy = &ruleset.parts().policy;
    [
        (Place::Early, early(policy)),
        (Place::Input, input(policy)),
        (Place::Incoming, incoming(ruleset)),
        (Place::Forward, forward(ruleset)),
        (Place::Output, output(ruleset)),
    ]
    .map(|(place, lines)| Stage { place, lines })
    .into()
}

/// Where the rules of a direction stand.
#[must_use]
pub const fn place_of(direction: Direction) -> Place {
    match direction {
        Direction::In => Place::Incoming,
        Direction::Out => Place::Output,
        Direction::Forward => Place::Forward,
    }
}

fn early(policy: &Policy) -> Vec<Step<'static>> {
    let mut lines = vec![
        goes_on(Automatic::Loopback),
        goes_on(Automatic::Neighbours),
        drops(Automatic::Ban),
        drops(Automatic::DenyList),
    ];
    lines.extend(policy.tcp_flags.then(|| drops(Automatic::TcpFlags)));
    lines.extend(policy.reverse_path.then(|| drops(Automatic::ReversePath)));
    lines
}

fn input(policy: &Policy) -> Vec<Step<'static>> {
    let mut lines = vec![allows(Automatic::Loopback)];
    if policy.ping.is_some() {
        lines.extend([allows(Automatic::Ping), drops(Automatic::PingLimit)]);
    }
    lines.extend([Automatic::Established, Automatic::NeededIcmp, Automatic::Neighbours].map(allows));
    lines.extend(policy.dhcpv6.then(|| allows(Automatic::Dhcpv6)));
    lines.extend(policy.invalid.then(|| drops(Automatic::Invalid)));
    lines
}

fn incoming(ruleset: &Ruleset) -> Vec<Step<'_>> {
    let policy = &ruleset.parts().policy;
    let mut lines = Vec::new();
    lines.extend(policy.syn_flood.map(|_| drops(Automatic::SynFlood)));
    lines.extend(policy.connections.map(|_| drops(Automatic::ConnectionFlood)));
    lines.push(allows(Automatic::AllowList));
    lines.extend(rules(ruleset, Direction::In));
    lines.push(decides(Automatic::DefaultIn, policy.incoming));
    lines
}

fn forward(ruleset: &Ruleset) -> Vec<Step<'_>> {
    let policy = &ruleset.parts().policy;
    let mut lines = vec![allows(Automatic::Established), allows(Automatic::NeededIcmp)];
    lines.extend(policy.invalid.then(|| drops(Automatic::Invalid)));
    lines.extend(rules(ruleset, Direction::Forward));
    lines.push(decides(Automatic::DefaultForward, policy.forwarded));
    lines
}

fn output(ruleset: &Ruleset) -> Vec<Step<'_>> {
    let kept = [Automatic::Loopback, Automatic::Established, Automatic::NeededIcmp, Automatic::Neighbours];
    let mut lines: Vec<Step<'_>> = kept.map(allows).into();
    lines.extend(rules(ruleset, Direction::Out));
    lines.push(decides(Automatic::DefaultOut, ruleset.parts().policy.outgoing));
    lines
}

fn rules(ruleset: &Ruleset, direction: Direction) -> impl Iterator<Item = Step<'_>> {
    let rules = ruleset.parts().rules.iter().filter(move |rule| rule.direction == direction);
    rules.zip(1..).map(|(rule, number)| Step::Rule { rule, number })
}

const fn goes_on(line: Automatic) -> Step<'static> {
    Step::Automatic { line, effect: Effect::GoesOn }
}

const fn allows(line: Automatic) -> Step<'static> {
    decides(line, Action::Allow)
}

const fn drops(line: Automatic) -> Step<'static> {
    decides(line, Action::Drop)
}

const fn decides(line: Automatic, action: Action) -> Step<'static> {
    Step::Automatic { line, effect: Effect::Decides(action) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{Line, Moment, Surroundings, check, compile::one_by_one};

    fn ruleset(policy: &str) -> Ruleset {
        let json = format!(
            r#"{{"policy":{{{policy}}},"rules":[
                {{"id":4,"action":"allow","direction":"in","to":["ssh"]}},
                {{"id":9,"action":"drop","direction":"out","to":["smtp"]}},
                {{"id":2,"action":"drop","direction":"in","to":["telnet"],"enabled":false}},
                {{"id":7,"action":"reject","direction":"forward","to":["smtp"]}},
                {{"id":1,"action":"allow","direction":"in","to":["https"],"new_connections":"5/second"}}]}}"#
        );
        serde_json::from_str(&json).expect("a ruleset")
    }

    /// The lines of a chain in the order in which they first occur, without the jump to the incoming chain.
    fn compiled(ruleset: &Ruleset, chain: &str) -> Vec<Line> {
        let surroundings = Surroundings { now: Moment::from_millis(0), interfaces: None, networks: Vec::new() };
        let table = one_by_one(&check(ruleset.clone(), &surroundings).expect("no errors"), 1).table;
        let chain = table.chains.into_iter().find(|found| found.name == chain).expect("a chain");
        let mut lines = Vec::new();
        for rule in chain.rules {
            let repeated = lines.contains(&rule.line);
            let jump = rule.line == Line::Automatic(Automatic::DefaultIn) && chain.name != "incoming";
            if !repeated && !jump {
                lines.push(rule.line);
            }
        }
        lines
    }

    fn ordered(stage: &Stage<'_>) -> Vec<Line> {
        let line = |step: &Step<'_>| match step {
            // What is above the limit stands in the chain of the line that has it.
            Step::Automatic { line: Automatic::PingLimit, .. } => None,
            Step::Automatic { line, .. } => Some(Line::Automatic(*line)),
            Step::Rule { rule, .. } => rule.enabled.then_some(Line::Rule(rule.id)),
        };
        stage.lines.iter().filter_map(line).collect()
    }

    #[test]
    fn the_order_is_the_one_that_is_compiled() {
        for policy in [
            "",
            r#""incoming":"reject","outgoing":"drop","forwarded":"drop","connections":100"#,
            r#""invalid":false,"tcp_flags":false,"reverse_path":false,"dhcpv6":false,"syn_flood":"off","ping":"off""#,
        ] {
            let ruleset = ruleset(policy);
            let chains = ["early", "input", "incoming", "forward", "output"];
            for (stage, chain) in stages(&ruleset).iter().zip(chains) {
                let mut kernel = compiled(&ruleset, chain);
                kernel.retain(|line| *line != Line::Automatic(Automatic::PingLimit));
                assert_eq!(ordered(stage), kernel, "{chain} with {policy}");
            }
        }
    }

    #[test]
    fn rules_are_numbered_by_direction_and_disabled_ones_stay() {
        let ruleset = ruleset("");
        let numbers = |place| {
            let stage = stages(&ruleset).into_iter().find(|stage| stage.place == place).expect("every place");
            let number = |step: &Step<'_>| match step {
                Step::Rule { rule, number } => Some((rule.id.get(), *number)),
                Step::Automatic { .. } => None,
            };
            stage.lines.iter().filter_map(number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(Place::Incoming), [(4, 1), (2, 2), (1, 3)]);
        assert_eq!(numbers(Place::Output), [(9, 1)]);
        assert_eq!(numbers(Place::Forward), [(7, 1)]);
    }
}
