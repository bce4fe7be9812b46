//! Who gets to a port.

use super::{pieces::Atoms, regions::Region};
use crate::firewall::{
    Action, AddressRange, CheckedRuleset, Direction, Family, Moment, Ports, Target, Targets,
    addr::merge,
    compile,
    simulate::{Simulator, Situation},
};

/// How many packets are judged at most.
const MOST: usize = 20_000;

/// Who gets to a port, as the simulator answers for one packet of each piece in which all are treated alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passing {
    /// Whose first packet is let in while they are within all limits; bans don't count, because they end.
    pub who: Vec<AddressRange>,
    /// Pieces that weren't looked at because there are too many.
    pub unexamined: usize,
}

impl Passing {
    /// Whether it is certain that nobody does.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.who.is_empty() && self.unexamined == 0
    }
}

/// Who gets from outside to ports that the sender named.
#[must_use]
pub fn passing(checked: &CheckedRuleset, ports: Ports, now: Moment) -> Passing {
    let compiled = compile(checked, 0);
    let situation = Situation { now, bans: Vec::new(), routes: Vec::new() };
    let simulator = Simulator::new(&compiled, &situation);
    let to = Targets::resolve(&[Target::Ports(ports)], |_| Vec::new());
    let region = Region { direction: Direction::In, who: None, to: Some(to), interfaces: None, at: None };
    let atoms = Atoms::of(&region, checked, checked);
    let mut passing = Passing::default();
    for (index, piece) in atoms.pieces().enumerate() {
        let Some(packet) = piece.packet() else { continue };
        if index >= MOST {
            passing.unexamined += 1;
        } else if simulator.judge(&packet).verdict.action == Action::Allow {
            passing.who.push(piece.who);
        }
    }
    passing.who = Family::BOTH.into_iter().flat_map(|family| merge(&passing.who, family)).collect();
    passing
}
