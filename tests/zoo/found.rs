//! Our own table, read back from the kernel, is taken for what it was committed as.

use std::collections::BTreeSet;

use portreeve::firewall::{
    AddressRange, Listener, compile,
    enforcement::{OwnAddress, Survey},
    exposure::{self, Exposure, Surroundings},
    foreign::{Foreign, Table},
    listener::{Bind, Transport},
    nft::Present,
};

use crate::{
    kernel::lab::{INTERFACES, Lab, interface},
    simulate::generate::{self, Random},
};

fn listeners() -> Vec<Listener> {
    let ports = [22, 80, 443, 3306, 8470];
    let all = ports.iter().flat_map(|port| [Transport::Tcp, Transport::Udp].map(|transport| (*port, transport)));
    let listener = |(port, transport)| Listener {
        transport,
        bind: Bind::AnyDual,
        port,
        interface: None,
        uid: 0,
        user: None,
        processes: Vec::new(),
        unit: None,
        container: None,
    };
    all.map(listener).collect()
}

/// The lab's host, as a helper would see it. Without the routes to its own addresses.
fn survey() -> Survey {
    let own = |(net, name): (usize, &&str)| {
        let addresses = [(format!("10.99.{net}.1"), 24), (format!("fd99:{net}::1"), 64)];
        addresses.map(|(address, length)| {
            let address = address.parse().unwrap();
            OwnAddress { interface: interface(name), address, network: AddressRange::network(address, length).unwrap() }
        })
    };
    let mut routes = Lab::routes();
    routes.retain(|route| route.interface != interface("lo"));
    let interfaces = ["lo"].iter().chain(&INTERFACES).map(|name| interface(name)).collect();
    Survey { interfaces, addresses: (1..).zip(&INTERFACES).flat_map(own).collect(), routes }
}

fn words(exposure: &Exposure) -> Vec<String> {
    exposure.answers().map(|(origin, family, answer)| format!("{origin:?} {family:?} {:?}", answer.reach)).collect()
}

#[test]
fn what_the_kernel_lists_of_our_table_says_the_same_as_what_was_committed() {
    let lab = Lab::new();
    let (listeners, survey) = (listeners(), survey());
    let mut seen = BTreeSet::new();
    for seed in generate::seeds("PORTREEVE_FOUND_SEED", 20) {
        println!("PORTREEVE_FOUND_SEED={seed}");
        let mut random = Random::new(seed);
        let checked = generate::ruleset(&mut random);
        let (compiled, situation) = (compile(&checked, 1), generate::situation(&mut random));
        lab.clear();
        lab.load(&compiled.batch(&Present::default())).unwrap();
        let nothing = Foreign::default();
        let mut found = Foreign::from_nft(&lab.list(&["ruleset"]));
        // The lab has tables of its own.
        found.tables.retain(Table::is_ours);
        let exposures = |foreign| {
            let surroundings = Surroundings { foreign, ours: Some((&compiled, &situation)), survey: &survey };
            exposure::exposures(&listeners, &surroundings)
        };
        for (committed, found) in exposures(&nothing).iter().zip(exposures(&found)) {
            for (found, committed) in words(&found).iter().zip(&words(committed)) {
                // Of a pair with a port of conntrack nft 1.0.6 lists the address alone.
                let is_unclear = found.contains("CantTell") && found.contains(". ct original proto-dst vmap");
                assert!(found == committed || is_unclear, "found: {found}\ncommitted: {committed}");
            }
            seen.extend(words(&found).iter().map(|words| words.split('(').next().unwrap_or_default().to_owned()));
        }
    }
    for words in ["World V4 Open", "World V4 Closed", "World V4 Partly", "Networks V6 Open", "Networks V6 Closed"] {
        assert!(seen.contains(words), "{words} never came up: {seen:?}");
    }
}
