//! What others have in the kernel: nft's listing and, where iptables has tables, what `iptables-save` prints. None of it
//! is understood here.

use std::fs;

use serde_json::Value as Json;

use super::{kernel, shape};
use crate::{
    firewall::enforcement::{ForeignTables, Iptables, Saved},
    helper::programs::{Job, Programs, Saver},
};

/// The tables that iptables can have, whether it keeps them in nftables or not.
const TABLES: [&str; 5] = ["filter", "mangle", "nat", "raw", "security"];

/// The tables of others, and ours with them if that is wanted, without the members of their sets.
pub fn read(programs: &Programs, with_ours: bool) -> Result<ForeignTables, String> {
    let listing = kernel::list(programs)?;
    let nft = if with_ours { listing } else { shape::foreign(listing) };
    let v4 = Iptables {
        nft: save(programs, has_tables(&nft, "ip"), Saver::Iptables),
        legacy: save(programs, has_legacy_tables("/proc/net/ip_tables_names"), Saver::LegacyIptables),
    };
    let v6 = Iptables {
        nft: save(programs, has_tables(&nft, "ip6"), Saver::Ip6tables),
        legacy: save(programs, has_legacy_tables("/proc/net/ip6_tables_names"), Saver::LegacyIp6tables),
    };
    Ok(ForeignTables { nft, iptables: v4, ip6tables: v6 })
}

fn save(programs: &Programs, is_there: bool, program: Saver) -> Saved {
    if !is_there {
        return Saved::Absent;
    }
    programs.run(&Job::Save(program)).map_or_else(|fault| Saved::Unread(fault.to_string()), Saved::Text)
}

/// Whether there is a table that iptables could have made.
fn has_tables(listing: &Json, family: &str) -> bool {
    let tables = listing["nftables"].as_array().into_iter().flatten().map(|object| &object["table"]);
    tables.filter(|table| table["family"] == family).any(|table| TABLES.iter().any(|name| table["name"] == *name))
}

/// Kernels without the old iptables don't have the file.
fn has_legacy_tables(names: &str) -> bool {
    fs::read(names).is_ok_and(|names| !names.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_that_iptables_could_have_made_are_asked_for() {
        for (family, name, expected) in [
            ("ip", "filter", true),
            ("ip", "nat", true),
            ("ip6", "raw", false),
            ("inet", "filter", false),
            ("ip", "f2b", false),
        ] {
            let listing =
                serde_json::json!({"nftables": [{"metainfo": {}}, {"table": {"family": family, "name": name}}]});
            assert_eq!(has_tables(&listing, "ip"), expected, "{family} {name}");
        }
    }
}
