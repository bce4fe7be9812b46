//! How many mistakes in the compiled table the suite would notice.
//!
//! `make mutation` tries more of them and prints the score.

use std::env;

use portreeve::firewall::{
    Action, Compiled, compile,
    simulate::{Packet, Simulator, bytes::Shape},
};

use super::{
    case::Case,
    differential,
    lab::{Lab, Probe},
    mutants,
};
use crate::simulate::generate::{self, Random};

/// Mistakes tried in each ruleset, unless `PORTREEVE_MUTANTS` says otherwise; each takes a transaction and a batch of
/// packets.
const MUTANTS: usize = 8;
const RULESETS: usize = 8;
/// Packets in which the simulator looks for a changed verdict.
const SEARCHED: u16 = 3_000;

#[derive(Debug, Default)]
struct Score {
    /// The kernel doesn't take it.
    refused: usize,
    /// The kernel does something else than what the simulator says of the right table.
    noticed: usize,
    /// Noticed by the kernel although the simulator found no packet that shows it.
    only_by_the_kernel: usize,
    /// No packet that was tried is treated differently.
    harmless: usize,
    /// The simulator knows a packet that is treated differently and the kernel doesn't.
    missed: Vec<String>,
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how many are tried is asked for at the command line")]
fn mutation_score() {
    let mutants_each = env::var("PORTREEVE_MUTANTS").map_or(MUTANTS, |number| number.parse().expect("a number"));
    let mut lab = Lab::new();
    let mut score = Score::default();
    let mut random = Random::new(generate::seeds("PORTREEVE_MUTATION_SEED", 1)[0]);
    for _ in 0..RULESETS {
        let seed = random.next();
        let case = differential::case_without_limits(seed);
        let compiled = compile(&case.checked().expect("a good ruleset"), 1);
        let mut mutants = mutants::all(&compiled.table);
        for _ in 0..mutants_each {
            let mutant = mutants.swap_remove(random.below(mutants.len()));
            let wrong = Compiled { table: mutant.table, ..compiled.clone() };
            judge(&mut lab, &case, &compiled, &wrong, &format!("seed {seed}: {}", mutant.mistake), &mut score);
        }
    }
    println!("{score:#?}");
    assert!(score.missed.is_empty(), "{:#?}", score.missed);
}

fn judge(lab: &mut Lab, case: &Case, right: &Compiled, wrong: &Compiled, mistake: &str, score: &mut Score) {
    let witnesses = witnesses(case, right, wrong);
    let known = !witnesses.is_empty();
    let mut case = case.clone();
    case.probes.extend(witnesses);
    let found = case.disagreements_with(lab, right, wrong);
    match (found.is_empty(), known) {
        (false, _) if found[0].contains("refuses") => score.refused += 1,
        (false, known) => {
            score.noticed += 1;
            score.only_by_the_kernel += usize::from(!known);
        }
        (true, true) => score.missed.push(mistake.to_owned()),
        (true, false) => score.harmless += 1,
    }
}

/// Packets that the simulator lets pass under one table only. Whether a packet that doesn't pass is answered isn't looked
/// at here; `kinds` counts the answers.
fn witnesses(case: &Case, right: &Compiled, wrong: &Compiled) -> Vec<Probe> {
    let situation = Lab::situation(case.bans.clone());
    let (right, wrong) = (Simulator::new(right, &situation), Simulator::new(wrong, &situation));
    let checked = case.checked().expect("a good ruleset");
    let mut random = Random::new(1);
    let packets = (20_000..20_000 + SEARCHED).map(|from| generate::numbered(&mut random, &checked, from));
    let passes = |simulator: &Simulator, packet: &Packet| simulator.judge(packet).verdict.action == Action::Allow;
    let differ = packets.filter(|packet| passes(&right, packet) != passes(&wrong, packet));
    differ.take(20).map(|packet| Probe { packet, shape: Shape::Whole }).collect()
}
