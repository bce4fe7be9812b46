//! No text makes the reader of `iptables-save` panic, and each rule comes from a line of its own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::firewall::{Family, foreign::xtables};

fuzz_target!(|text: &str| {
    for family in Family::BOTH {
        let Ok(tables) = xtables::read(family, text) else { continue };
        let chains = tables.iter().flat_map(|table| &table.chains);
        let rules: usize = chains.map(|chain| chain.rules.len()).sum();
        assert!(rules <= text.lines().count());
    }
});
