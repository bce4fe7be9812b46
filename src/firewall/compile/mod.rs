//! From a checked ruleset to the kernel's table. `docs/policy.md` tells the order of the lines and the reasons.
//!
//! The same ruleset gives the same bytes: nothing here depends on the hour or on the order of a hash.

mod automatic;
mod builder;
mod group;
mod matches;
mod members;
pub mod sets;

pub use members::{Member, Members, apart, own_networks};

use self::builder::Builder;
use super::{
    CheckedRuleset, Moment,
    nft::{Batch, Present, Table},
};

/// The base chains and the chain that both input and forward use.
mod chains {
    pub const EARLY: &str = "early";
    pub const INPUT: &str = "input";
    pub const FORWARD: &str = "forward";
    pub const OUTPUT: &str = "output";
    pub const INCOMING: &str = "incoming";
}

/// A compiled ruleset: what the helper commits and what the simulator evaluates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The revision that the receipts name.
    pub revision: u64,
    /// Chains with their rules, sets without their members, counters.
    pub table: Table,
    /// Who is in the sets that the ruleset decides; bans aren't among them.
    pub members: Vec<Members>,
}

/// Compiles a ruleset.
#[must_use]
pub fn compile(checked: &CheckedRuleset, revision: u64) -> Compiled {
    let mut compiled = one_by_one(checked, revision);
    group::group(&mut compiled.table);
    compiled
}

/// Compiles a ruleset as it is written, one rule after the other: what [`compile`] must be equal to, only slower.
#[must_use]
pub fn one_by_one(checked: &CheckedRuleset, revision: u64) -> Compiled {
    let mut builder = Builder::new(revision, checked.ruleset().parts().policy.observe);
    builder.declare_sets(checked.ruleset());
    builder.early(&checked.ruleset().parts().policy);
    builder.input(&checked.ruleset().parts().policy);
    builder.forward(checked);
    builder.output(checked);
    builder.incoming(checked);
    Compiled { revision, table: builder.finish(), members: members::of(checked) }
}

impl Compiled {
    /// The transaction that replaces chains and counters and leaves the members of all sets as they are.
    #[must_use]
    pub fn batch(&self, present: &Present) -> Batch {
        Batch::replace(&self.table, present)
    }

    /// The same with the members of all sets that the ruleset decides, for small lists and for rehearsals: nft takes
    /// 1.4 GB for a million of them.
    #[must_use]
    pub fn batch_with_members(&self, present: &Present, now: Moment) -> Batch {
        let mut batch = self.batch(present);
        for members in &self.members {
            batch.set_members(&members.set, members.living(now));
        }
        batch
    }
}
