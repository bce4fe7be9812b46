//! What in a ruleset names an address, or some of a prefix.

use std::collections::BTreeSet;

use crate::firewall::{AddressRange, ListName, Peer, Rule, Ruleset, list::Entry};

/// The rules and entries that name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Rules, in order. Those about everybody aren't among them.
    pub rules: Vec<Rule>,
    /// Entries with their lists.
    pub entries: Vec<(ListName, Entry)>,
}

/// Looks through every rule and every list. `networks` is what `own-networks` means.
pub(super) fn find(ruleset: &Ruleset, networks: &[AddressRange], addresses: AddressRange) -> Named {
    let mut lists = BTreeSet::new();
    let mut entries = Vec::new();
    for list in &ruleset.parts().lists {
        let hits = list.entries.iter().filter(|entry| entry.addresses.overlaps(addresses));
        entries.extend(hits.map(|entry| (list.name.clone(), entry.clone())));
        if entries.last().is_some_and(|(name, _)| *name == list.name) {
            lists.insert(list.name.clone());
        }
    }
    let is_own = networks.iter().any(|network| network.overlaps(addresses));
    let names = |peer: &Peer| match peer {
        Peer::Addresses(range) => range.overlaps(addresses),
        Peer::List(name) => lists.contains(name),
        Peer::OwnNetworks => is_own,
    };
    let rules = ruleset.parts().rules.iter().filter(|rule| rule.who.iter().any(names)).cloned().collect();
    Named { rules, entries }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_an_address_is_found_by_lists_prefixes_and_own_networks() {
        let json = r#"{"lists":[{"name":"office","entries":["203.0.113.0/24","2001:db8::1"]},{"name":"other","entries":["192.0.2.1"]}],
            "rules":[
            {"id":1,"action":"allow","direction":"in","who":["list:office"]},
            {"id":2,"action":"allow","direction":"in","who":["203.0.112.0/22"]},
            {"id":3,"action":"allow","direction":"in","who":["own-networks"]},
            {"id":4,"action":"allow","direction":"in","who":["list:other","192.0.2.7"]},
            {"id":5,"action":"allow","direction":"in"}]}"#;
        let ruleset = serde_json::from_str(json).expect("a ruleset");
        let range = |text: &str| AddressRange::parse(text).expect(text);
        let found = |text: &str| {
            let named = find(&ruleset, &[range("10.0.0.0/8")], range(text));
            let rules: Vec<u32> = named.rules.iter().map(|rule| rule.id.get()).collect();
            (rules, named.entries.len())
        };
        assert_eq!(found("203.0.113.7"), (vec![1, 2], 1));
        assert_eq!(found("2001:db8::/64"), (vec![1], 1));
        assert_eq!(found("10.1.2.3"), (vec![3], 0));
        assert_eq!(found("192.0.2.0/24"), (vec![4], 1));
        assert_eq!(found("8.8.8.8"), (vec![], 0));
    }
}
