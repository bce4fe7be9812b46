//! Makes our table in the kernel equal to a compiled ruleset, all or nothing, and sees whether it really is.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use serde_json::Value as Json;

use super::{
    bans::Bans,
    shape::{self, Shape},
};
use crate::{
    firewall::{
        Compiled, Line,
        compile::Members,
        enforcement::Count,
        nft::{Batch, Present},
    },
    helper::{
        clock,
        programs::{Fault, Job, Programs},
    },
};

/// Why a commit failed.
#[derive(Debug)]
pub enum Failed {
    /// What was in force still is.
    Refused(String),
    /// Something else may be in force: the transaction wasn't seen to end, or the kernel shows something else after it.
    Unclear(String),
}

impl Failed {
    /// The reason, for people.
    pub fn reason(self) -> String {
        let (Self::Refused(reason) | Self::Unclear(reason)) = self;
        reason
    }
}

/// The way to the kernel, and what is known of the sets there, which are never listed.
pub struct Kernel {
    programs: Arc<Programs>,
    /// A sum of the members of each set that the last commit left there.
    members: BTreeMap<String, u64>,
    /// For sets that have to be made.
    pub bans: Bans,
}

impl Kernel {
    /// Nothing is known of the sets yet.
    pub fn new(programs: Arc<Programs>) -> Self {
        Self { programs, members: BTreeMap::new(), bans: Bans::default() }
    }

    /// What our table looks like now.
    pub fn shape(&self) -> Result<Option<Shape>, String> {
        Ok(Shape::of(&list(&self.programs)?))
    }

    /// Replaces what is in our table, in one transaction. The members of sets that haven't changed are left alone, so
    /// that their timeouts run on.
    pub fn commit(&mut self, compiled: &Compiled) -> Result<Shape, Failed> {
        let present = Present::from_listing(&list(&self.programs).map_err(Failed::Refused)?);
        self.transact(compiled, compiled.batch(&present), &present)
    }

    /// The same from nothing, for when somebody put something into our table that is in the way.
    pub fn commit_anew(&mut self, compiled: &Compiled) -> Result<Shape, Failed> {
        self.transact(compiled, Batch::anew(&compiled.table), &Present::default())
    }

    fn transact(&mut self, compiled: &Compiled, mut batch: Batch, present: &Present) -> Result<Shape, Failed> {
        let known = std::mem::take(&mut self.members);
        let sums: BTreeMap<String, u64> =
            compiled.members.iter().map(|members| (members.set.clone(), sum(members))).collect();
        for members in &compiled.members {
            if !present.sets.contains(&members.set) || known.get(&members.set) != sums.get(&members.set) {
                batch.set_members(&members.set, &members.living(clock::now()));
            }
        }
        for members in self.bans.members().iter().filter(|members| !present.sets.contains(&members.set)) {
            batch.set_members(&members.set, &members.living(clock::now()));
        }
        self.run(&batch)?;
        self.members = sums;
        let shape = self.shape().map_err(Failed::Unclear)?;
        let shape = shape.ok_or_else(|| Failed::Unclear("the kernel shows no table after the commit".to_owned()))?;
        shape.fits(&compiled.table).map_err(Failed::Unclear)?;
        Ok(shape)
    }

    /// Makes these the bans.
    pub fn ban(&mut self, bans: Bans) -> Result<(), String> {
        let mut batch = Batch::default();
        for members in bans.members() {
            batch.set_members(&members.set, &members.living(clock::now()));
        }
        self.run(&batch).map_err(Failed::reason)?;
        self.bans = bans;
        Ok(())
    }

    /// Takes our table out, if it is there.
    pub fn clear(&mut self) -> Result<(), String> {
        self.members.clear();
        self.run(&Batch::clear()).map(drop).map_err(Failed::reason)
    }

    /// Forgets what is known of the sets, so that the next commit writes all of them.
    pub fn distrust(&mut self) {
        self.members.clear();
    }

    fn run(&self, batch: &Batch) -> Result<String, Failed> {
        let batch = serde_json::to_string(batch).map_err(|error| Failed::Refused(error.to_string()))?;
        self.programs.run(&Job::Commit(batch)).map_err(|fault| match fault {
            Fault::Failed(reason) => Failed::Refused(reason),
            Fault::Unheard(reason) => Failed::Unclear(reason),
        })
    }
}

/// The tables of others, without the members of their sets.
pub fn list_foreign(programs: &Programs) -> Result<Json, String> {
    list(programs).map(shape::foreign)
}

/// What each line did.
pub fn count(programs: &Programs) -> Result<Vec<Count>, String> {
    let listing = list(programs)?;
    let count = |counter: &Json| {
        let line = Line::parse(counter["name"].as_str()?).ok()?;
        Some(Count { line, packets: counter["packets"].as_u64()?, bytes: counter["bytes"].as_u64()? })
    };
    let counters = shape::ours(&listing).filter(|(kind, _)| *kind == "counter");
    Ok(counters.filter_map(|(_, counter)| count(counter)).collect())
}

fn list(programs: &Programs) -> Result<Json, String> {
    let listing = programs.run(&Job::List).map_err(|fault| fault.to_string())?;
    serde_json::from_str(&listing).map_err(|error| format!("nft's listing isn't understood: {error}"))
}

fn sum(members: &Members) -> u64 {
    let mut hasher = DefaultHasher::new();
    for member in &members.members {
        (member.range, member.expires_at).hash(&mut hasher);
    }
    hasher.finish()
}
