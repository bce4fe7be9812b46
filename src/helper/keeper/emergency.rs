//! The rulesets that need no file: when everything is to be kept out, and when nothing else can be read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::firewall::{
    Action, Direction, Parts, Policy, Port, Ports, Rule, RuleId, Ruleset, Target, Text, listener::Transport,
};

/// What root can order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emergency {
    /// Nothing new comes in or passes through.
    Panic,
    /// SSH and the panel only.
    Rescue,
}

/// SSH's own port, which is open in a rescue whatever is known.
const SSH: u16 = 22;

/// The rule's id, far away from the numbers that the panel gives.
const ID: u32 = u32::MAX;

impl Emergency {
    /// The ruleset. `doors` are the TCP ports that a rescue opens besides SSH's usual one.
    pub fn ruleset(self, doors: &BTreeSet<u16>) -> Ruleset {
        let (policy, rules) = match self {
            Self::Panic => (Policy { forwarded: Action::Drop, ping: None, ..Policy::default() }, Vec::new()),
            Self::Rescue => (Policy::default(), vec![rescue(doors)]),
        };
        Ruleset::try_from(Parts { policy, rules, ..Parts::default() }).expect("one rule is within bounds")
    }
}

fn rescue(doors: &BTreeSet<u16>) -> Rule {
    let ports: BTreeSet<Port> = doors.iter().copied().chain([SSH]).filter_map(Port::new).collect();
    let target = |port: Port| Target::Ports(Ports { transport: Transport::Tcp, range: port.into() });
    Rule {
        id: RuleId::new(ID).expect("not zero"),
        enabled: true,
        action: Action::Allow,
        direction: Direction::In,
        who: Vec::new(),
        to: ports.into_iter().map(target).collect(),
        interfaces: Vec::new(),
        at: Vec::new(),
        new_connections: None,
        connections: None,
        log: false,
        starts_at: None,
        expires_at: None,
        owner: Text::empty(),
        note: Text::empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{Moment, Surroundings, check, compile};

    #[test]
    fn both_are_without_errors_and_a_rescue_opens_its_doors() {
        let surroundings = Surroundings { now: Moment::from_millis(0), interfaces: None, networks: Vec::new() };
        for emergency in [Emergency::Panic, Emergency::Rescue] {
            let checked = check(emergency.ruleset(&BTreeSet::from([8470, 22, 0])), &surroundings).unwrap();
            assert!(!compile(&checked, 0).table.chains.is_empty());
        }
        let rule = rescue(&BTreeSet::from([8470, 22, 0]));
        let ports: Vec<String> = rule.to.iter().map(ToString::to_string).collect();
        assert_eq!(ports, ["22/tcp", "8470/tcp"]);
    }
}
