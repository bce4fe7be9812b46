//! Random rulesets and packets: what the kernel does is what the simulator says, packet by packet and counter by counter.

use std::{fs, path::PathBuf};

use portreeve::firewall::{
    Ruleset,
    simulate::{Passage, bytes::Shape},
};

use super::{
    case::Case,
    lab::{Lab, Probe},
};
use crate::simulate::generate::{self, Random};

/// Rulesets and packets for each: 102,000 packets.
const RULESETS: u64 = 170;
const PACKETS: u16 = 600;

fn cases() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kernel/cases"))
}

fn shape(random: &mut Random, out: bool) -> Shape {
    match random.below(20) {
        0 if !out => Shape::Fragments,
        1 if !out => Shape::FirstFragment,
        2 => Shape::Options,
        _ => Shape::Whole,
    }
}

fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let checked = generate::ruleset(&mut random);
    let bans = generate::situation(&mut random).bans;
    let probes = (1..=PACKETS)
        .map(|number| {
            let packet = generate::numbered(&mut random, &checked, 10_000 + number);
            let shape = shape(&mut random, matches!(packet.passage, Passage::Out { .. }));
            Probe { packet, shape }
        })
        .collect();
    Case { ruleset: checked.ruleset().clone().into_parts(), bans, probes }
}

/// A case whose counters are exact.
pub fn case_without_limits(seed: u64) -> Case {
    let mut case = case(seed);
    for rule in &mut case.ruleset.rules {
        (rule.new_connections, rule.connections) = (None, None);
    }
    case
}

#[test]
fn the_kernel_does_what_the_simulator_says() {
    let mut lab = Lab::new();
    for seed in generate::seeds("PORTREEVE_KERNEL_SEED", RULESETS) {
        let case = case(seed);
        let found = case.disagreements(&mut lab);
        if found.is_empty() {
            continue;
        }
        let smallest = case.shrink(&mut lab);
        let left = smallest.disagreements(&mut lab);
        let path = cases().join(format!("{seed}.json"));
        fs::write(&path, serde_json::to_string_pretty(&smallest).unwrap()).expect("the case is kept");
        panic!(
            "PORTREEVE_KERNEL_SEED={seed}: {} disagreements, first {:?}; shrunk to {}: {left:#?}",
            found.len(),
            found.first(),
            path.display()
        );
    }
}

#[test]
fn what_once_failed_still_agrees() {
    let mut lab = Lab::new();
    for entry in fs::read_dir(cases()).expect("the cases are there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let case: Case = serde_json::from_str(&fs::read_to_string(&path).expect("readable")).expect("a case");
        assert!(Ruleset::try_from(case.ruleset.clone()).is_ok(), "{}", path.display());
        let found = case.disagreements(&mut lab);
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
}
