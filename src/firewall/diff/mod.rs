//! Whose verdict changes between two rulesets, in words and with a packet each.
//!
//! Only packets that a changed rule, list or default is about can change their verdict. Those are cut into pieces by every
//! boundary that either ruleset knows; all packets of a piece are treated alike, so one of each is judged twice.

mod atoms;
mod groups;
#[cfg(feature = "panel")]
mod passing;
mod pieces;
mod regions;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

#[cfg(feature = "panel")]
pub use self::passing::{Passing, passing};
use self::pieces::{Atoms, Piece};
pub(super) use self::words::protections;
pub use self::{atoms::Atom, groups::Through};
use super::{
    Action, AddressRange, CheckedRuleset, Direction, compile,
    simulate::{Packet, Simulator, Situation, Verdict},
};

/// How many packets are judged at most. What is left is counted and said.
const MOST: usize = 20_000;

/// Everything that changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Who gains or loses what.
    pub changes: Vec<Change>,
    /// Protections that were switched or tuned; they judge packets by more than addresses and ports.
    pub protections: Vec<String>,
    /// Pieces that weren't looked at because there are too many.
    pub unexamined: usize,
}

/// Packets whose verdict changes in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which way they go.
    pub direction: Direction,
    /// By which interface.
    pub through: Through,
    /// Who is at the other end.
    pub who: Vec<AddressRange>,
    /// What is reached.
    pub to: Vec<Atom>,
    /// The addresses of this host, or for forwarded packets the destinations, if they matter.
    pub at: Option<AddressRange>,
    /// What happened so far, and why.
    pub before: Verdict,
    /// What will happen, and why.
    pub after: Verdict,
    /// One of the packets.
    pub witness: Packet,
}

/// Compares two rulesets. Where a packet comes in is made up where no rule asks, so the routes don't count: by them the
/// check of the source would drop most packets before and after.
#[must_use]
pub fn diff(old: &CheckedRuleset, new: &CheckedRuleset, situation: &Situation) -> Diff {
    let situation = &Situation { routes: Vec::new(), ..situation.clone() };
    let (old_compiled, new_compiled) = (compile(old, 0), compile(new, 0));
    let (before, after) = (Simulator::new(&old_compiled, situation), Simulator::new(&new_compiled, situation));
    let judge = |packet: &Packet| (before.judge(packet).verdict, after.judge(packet).verdict);
    let mut found: BTreeMap<Turn, BTreeSet<Piece>> = BTreeMap::new();
    let mut judged = BTreeSet::new();
    let mut unexamined = 0;
    for region in regions::changed(old, new) {
        for piece in Atoms::of(&region, old, new).pieces() {
            let Some(packet) = piece.packet() else { continue };
            if judged.len() >= MOST {
                unexamined += 1;
            } else if judged.insert(packet.clone()) {
                let (one, two) = judge(&packet);
                if one.action != two.action {
                    found.entry((piece.direction, one.action, two.action)).or_default().insert(piece);
                }
            }
        }
    }
    let axis = |direction| pieces::interfaces(direction, [old, new]);
    let groups = found.into_iter().flat_map(|((direction, ..), pieces)| groups::of(pieces, &axis(direction)));
    let change = |group: groups::Group| {
        let witness = group.piece().packet()?;
        let (before, after) = judge(&witness);
        let groups::Group { direction, through, who, to, at } = group;
        Some(Change { direction, through, who, to, at, before, after, witness })
    };
    let changes = groups.filter_map(change).collect();
    let protections = words::protections(&old.ruleset().parts().policy, &new.ruleset().parts().policy);
    Diff { changes, protections, unexamined }
}

/// From what to what a verdict changes.
type Turn = (Direction, Action, Action);
