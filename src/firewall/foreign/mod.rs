//! Tables of other programs, as far as they decide who reaches what.
//!
//! Read from what the kernel lists, never written. What isn't understood is kept as words, so that whoever evaluates it
//! can say what he couldn't tell instead of guessing.

mod json;
mod statement;
mod table;
pub mod xtables;

pub use statement::{Key, Operand, Statement, Translation, Verdict};
pub use table::{Base, Chain, Hook, Kind, Members, Rule, Set, Span, Table};

use crate::firewall::{
    Family,
    enforcement::{ForeignTables, Saved},
};

/// Everything in the kernel that isn't ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreign {
    /// The tables, in the order they were listed.
    pub tables: Vec<Table>,
    /// What could not be read at all, in words. Any of it may drop or accept anything.
    pub unreadable: Vec<String>,
}

impl Foreign {
    /// Reads what nft and iptables print. A table that both print is as iptables says, for nft doesn't know all that is in
    /// it; one that iptables couldn't print is as nft says.
    #[must_use]
    pub fn read(tables: &ForeignTables) -> Self {
        let mut foreign = Self::from_nft(&tables.nft);
        for (family, iptables) in [(Family::V4, &tables.iptables), (Family::V6, &tables.ip6tables)] {
            for table in saved(family, &iptables.nft).unwrap_or_default() {
                foreign.replace(table);
            }
            match saved(family, &iptables.legacy) {
                Ok(tables) => foreign.tables.extend(tables),
                Err(reason) => {
                    foreign.unreadable.push(format!("the old iptables for IPv{}: {reason}", family.digit()));
                }
            }
        }
        foreign
    }

    fn replace(&mut self, table: Table) {
        match self.tables.iter_mut().find(|known| (known.span, &known.name) == (table.span, &table.name)) {
            Some(known) => *known = table,
            None => self.tables.push(table),
        }
    }

    /// Reads what `nft --json --terse list ruleset` prints: libnftables-json(5). Sets are without their members there.
    #[must_use]
    pub fn from_nft(listing: &serde_json::Value) -> Self {
        json::read(listing)
    }
}

fn saved(family: Family, saved: &Saved) -> Result<Vec<Table>, String> {
    match saved {
        Saved::Absent => Ok(Vec::new()),
        Saved::Text(text) => xtables::read(family, text),
        Saved::Unread(reason) => Err(reason.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::enforcement::Iptables;

    const FILTER: &str = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";

    fn foreign(nft: Saved, legacy: Saved) -> Foreign {
        let table = |family, name| serde_json::json!({"table": {"family": family, "name": name, "handle": 1}});
        let listing =
            serde_json::json!({"nftables": [table("ip", "filter"), table("inet", "filter"), table("ip", "nat")]});
        let iptables = Iptables { nft, legacy };
        Foreign::read(&ForeignTables { nft: listing, iptables, ip6tables: Iptables::default() })
    }

    fn chains(foreign: &Foreign) -> Vec<usize> {
        foreign.tables.iter().map(|table| table.chains.len()).collect()
    }

    #[test]
    fn what_iptables_prints_takes_the_place_of_what_nft_prints() {
        let both = foreign(Saved::Text(FILTER.to_owned()), Saved::Text(FILTER.replace("INPUT", "FORWARD")));
        assert_eq!((chains(&both), both.unreadable.len()), (vec![1, 0, 0, 1], 0));
    }

    #[test]
    fn what_could_not_be_read_is_as_nft_prints_it_or_unreadable() {
        for saved in [Saved::Unread("no such file".to_owned()), Saved::Text("*filter".to_owned())] {
            assert_eq!(chains(&foreign(saved.clone(), Saved::Absent)), [0, 0, 0]);
            assert_eq!(foreign(saved.clone(), Saved::Absent).unreadable, Vec::<String>::new());
            assert_eq!(foreign(Saved::Absent, saved).unreadable.len(), 1);
        }
    }
}
