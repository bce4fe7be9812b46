//! Makes our table in the kernel equal to a compiled ruleset, all or nothing, and sees whether it really is.

use std::{
    collections::{BTreeMap, BTreeSet},
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
        AddressRange, Compiled, Family, Line,
        compile::{Members, own_networks, sets},
        enforcement::Count,
        nft::{Batch, Present, Set},
    },
    helper::{
        clock, log,
        netfilter::{Transaction, conntrack},
        programs::{Fault, Job, Programs},
    },
};

/// Members of a set that nft still takes in one transaction with the chains.
const FEW: usize = 20_000;

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
    /// that their timeouts run on; those of very long lists are replaced just before.
    pub fn commit(&mut self, compiled: &Compiled) -> Result<Shape, Failed> {
        let present = Present::from_listing(&list(&self.programs).map_err(Failed::Refused)?);
        let bans = self.bans.members();
        let changed = self.changed(compiled, &bans, &present);
        let (few, many): (Vec<_>, Vec<_>) = changed.iter().partition(|members| members.members.len() <= FEW);
        self.fill(compiled, &many)?;
        let shape = match self.transact(compiled, compiled.batch(&present), &few) {
            // Some lists aren't what they were.
            Err(Failed::Refused(reason)) if !many.is_empty() => return Err(Failed::Unclear(reason)),
            outcome => outcome?,
        };
        forget_denied(&changed);
        Ok(shape)
    }

    /// The same from nothing, for when somebody put something into our table that is in the way.
    pub fn commit_anew(&mut self, compiled: &Compiled) -> Result<Shape, Failed> {
        let bans = self.bans.members();
        let changed = self.changed(compiled, &bans, &Present::default());
        let (few, many): (Vec<_>, Vec<_>) = changed.iter().partition(|members| members.members.len() <= FEW);
        let shape = self.transact(compiled, Batch::anew(&compiled.table), &few)?;
        self.fill(compiled, &many)?;
        Ok(shape)
    }

    /// The sets whose members aren't known to be in the kernel.
    fn changed<'a>(&mut self, compiled: &'a Compiled, bans: &'a [Members], present: &Present) -> Vec<&'a Members> {
        let known = std::mem::take(&mut self.members);
        let is_new = |members: &Members| !present.sets.contains(&members.set);
        let is_changed = |members: &Members| is_new(members) || known.get(&members.set) != Some(&sum(members));
        let bans = bans.iter().filter(|bans| known.is_empty() || is_new(bans));
        compiled.members.iter().filter(|members| is_changed(members)).chain(bans).collect()
    }

    fn transact(&mut self, compiled: &Compiled, mut batch: Batch, few: &[&Members]) -> Result<Shape, Failed> {
        for members in few {
            batch.set_members(&members.set, members.living(clock::now()));
        }
        self.run(&batch)?;
        self.members = compiled.members.iter().map(|members| (members.set.clone(), sum(members))).collect();
        let shape = self.shape().map_err(Failed::Unclear)?;
        let shape = shape.ok_or_else(|| Failed::Unclear("the kernel shows no table after the commit".to_owned()))?;
        shape.fits(&compiled.table).map_err(Failed::Unclear)?;
        Ok(shape)
    }

    /// Replaces the members of sets without nft, which would take more than a kilobyte for each.
    fn fill(&self, compiled: &Compiled, many: &[&Members]) -> Result<(), Failed> {
        if many.is_empty() {
            return Ok(());
        }
        let sets: Vec<&Set> =
            compiled.table.sets.iter().filter(|set| many.iter().any(|one| one.set == set.name)).collect();
        self.run(&Batch::declare_sets(&sets))?;
        for members in many {
            let living = members.living(clock::now());
            let mut transaction = Transaction::default();
            transaction.flush(&members.set);
            if Family::BOTH.map(sets::ban).contains(&members.set) {
                transaction.add(&members.set, living);
            } else {
                transaction.add_intervals(&members.set, living);
            }
            transaction.commit().map_err(|error| Failed::Unclear(error.to_string()))?;
        }
        Ok(())
    }

    /// Makes these the bans. Only the touched ones are new, lifted or made anew.
    pub fn ban(&mut self, bans: Bans, touched: &BTreeSet<AddressRange>) -> Result<(), String> {
        if touched.is_empty() {
            return Ok(());
        }
        let mut transaction = Transaction::default();
        let members = bans.members();
        for family in Family::BOTH {
            let of = |set: &str| {
                let members = members.iter().find(|members| members.set == set);
                members.into_iter().flat_map(|members| members.living(clock::now()))
            };
            let (single, nets): (Vec<AddressRange>, Vec<AddressRange>) = touched
                .iter()
                .filter(|range| range.family() == family)
                .partition(|range| range.first() == range.last());
            let set = sets::ban(family);
            // A removal makes the kernel wait for whoever is reading the set: a thousand times as long as an addition takes.
            let anew = single.into_iter().filter(|range| self.bans.has(range) || !bans.has(range));
            transaction.remove(&set, &anew.collect::<Vec<_>>());
            transaction.add(&set, of(&set).filter(|(range, _)| touched.contains(range)));
            // Those may overlap, so each can change what is there of others.
            if !nets.is_empty() {
                let set = sets::ban_net(family);
                transaction.flush(&set);
                transaction.add_intervals(&set, of(&set));
            }
        }
        transaction.commit().map_err(|error| error.to_string())?;
        self.bans = bans;
        Ok(())
    }

    /// Sees to it that the sets of this host's networks have these, unless they do already.
    pub fn follow(&mut self, networks: &[AddressRange]) -> Result<(), String> {
        let own = own_networks(networks);
        let is_known = |members: &Members| self.members.get(&members.set) == Some(&sum(members));
        if own.iter().all(is_known) {
            return Ok(());
        }
        let mut transaction = Transaction::default();
        for members in &own {
            transaction.flush(&members.set);
            transaction.add_intervals(&members.set, members.living(clock::now()));
        }
        transaction.commit().map_err(|error| error.to_string())?;
        self.members.extend(own.iter().map(|members| (members.set.clone(), sum(members))));
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

/// Whom the new rules deny has no connections any more.
fn forget_denied(changed: &[&Members]) {
    let denied = Family::BOTH.map(|family| sets::list(crate::firewall::list::DENY, family));
    let denied = changed.iter().filter(|members| denied.contains(&members.set));
    forget_connections(&denied.flat_map(|members| &members.members).map(|member| member.range).collect::<Vec<_>>());
}

/// Forgets the connections of these sources. What is dropped before conntrack goes on in no case.
pub fn forget_connections(sources: &[AddressRange]) {
    if let Err(error) = conntrack::forget(sources) {
        log(&format_args!("the connections of those who are shut out can't be forgotten: {error}"));
    }
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

/// All tables, without the members of their sets.
pub fn list(programs: &Programs) -> Result<Json, String> {
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
