//! Our own table, seen as one of the others.
//!
//! It is read from the very JSON that is committed, so that what it is taken for is what it is.

use crate::firewall::{
    AddressRange, Compiled, Family,
    compile::{Members as Listed, sets},
    foreign::{Foreign, Members, Set, Table},
    merge,
    nft::Present,
    simulate::Situation,
};

/// Our table with the members that its sets have in this situation.
pub(super) fn tables(compiled: &Compiled, situation: &Situation) -> Foreign {
    let batch = serde_json::to_value(compiled.batch(&Present::default())).unwrap_or_default();
    let mut ours = Foreign::from_nft(&batch);
    for table in &mut ours.tables {
        for (chain, made) in table.chains.iter_mut().filter_map(|chain| {
            let made = compiled.table.chains.iter().find(|made| made.name == chain.name)?;
            Some((chain, made))
        }) {
            for (rule, made) in chain.rules.iter_mut().zip(&made.rules) {
                rule.words = made.line.to_string();
            }
        }
        fill(&mut table.sets, compiled, situation);
    }
    ours
}

/// All tables with ours as another program left it; none if none did. What our sets hold is what we put there.
pub(super) fn as_found(foreign: &Foreign, (compiled, situation): (&Compiled, &Situation)) -> Option<Foreign> {
    let place = foreign.tables.iter().position(Table::is_ours)?;
    let mut all = foreign.clone();
    fill(&mut all.tables[place].sets, compiled, situation);
    Some(all)
}

fn fill(sets: &mut [Set], compiled: &Compiled, situation: &Situation) {
    for set in sets {
        if compiled.table.sets.iter().any(|made| made.name == set.name) {
            set.members = Members::Addresses(members(&set.name, compiled, situation));
        }
    }
}

fn members(name: &str, compiled: &Compiled, situation: &Situation) -> Vec<AddressRange> {
    for family in Family::BOTH {
        if name == sets::ban(family) || name == sets::ban_net(family) {
            return merge(&situation.bans, family);
        }
    }
    let listed = compiled.members.iter().find(|listed: &&Listed| listed.set == name);
    let living: Vec<AddressRange> =
        listed.into_iter().flat_map(|listed| listed.living(situation.now)).map(|(range, _)| range).collect();
    Family::BOTH.into_iter().flat_map(|family| merge(&living, family)).collect()
}

/// A set in words, for our own in those of the pages.
pub(super) fn set_words(set: &str) -> String {
    let of_family = |set: &str| set.strip_suffix("_4").or_else(|| set.strip_suffix("_6")).map(str::to_owned);
    match of_family(set) {
        Some(name) if name == "ban" || name == "ban_net" => "banned".to_owned(),
        Some(name) if name.starts_with("list_") => format!("on the list {}", name.trim_start_matches("list_")),
        _ => format!("listed in the set {set}"),
    }
}
