//! How many mistakes in the compiled table the suite would notice.
//!
//! `cargo test --test integration mutation -- --ignored --nocapture` prints the score.

use portreeve::firewall::{Compiled, compile, simulate::Simulator};

use super::{case::Case, differential, lab::Lab, mutants};
use crate::simulate::generate::{self, Random};

/// Mistakes tried; each takes a transaction and a batch of packets.
const MUTANTS: usize = 240;
const RULESETS: usize = 8;
/// The share of the mistakes that change a verdict which must be noticed, in percent.
const ENOUGH: usize = 100;

#[derive(Debug, Default)]
struct Score {
    refused: usize,
    noticed: usize,
    harmless: usize,
    missed: Vec<String>,
}

#[test]
#[ignore = "a score for people, in a minute or two"]
fn mutation_score() {
    let mut lab = Lab::new();
    let mut score = Score::default();
    let mut random = Random::new(generate::seeds("PORTREEVE_MUTATION_SEED", 1)[0]);
    for _ in 0..RULESETS {
        let seed = random.next();
        let case = differential::case_without_limits(seed);
        let compiled = compile(&case.checked().expect("a good ruleset"), 1);
        let mut mutants = mutants::all(&compiled.table);
        for _ in 0..MUTANTS / RULESETS {
            let mutant = mutants.swap_remove(random.below(mutants.len()));
            let wrong = Compiled { table: mutant.table, ..compiled.clone() };
            judge(&mut lab, &case, &compiled, &wrong, &format!("seed {seed}: {}", mutant.mistake), &mut score);
        }
    }
    let changing = score.noticed + score.missed.len();
    println!(
        "{MUTANTS} mistakes: {} refused by the kernel, {} change no verdict, {} of {changing} others noticed",
        score.refused, score.harmless, score.noticed
    );
    println!("missed: {:#?}", score.missed);
    assert!(score.noticed * 100 >= changing * ENOUGH, "{:#?}", score.missed);
}

fn judge(lab: &mut Lab, case: &Case, right: &Compiled, wrong: &Compiled, mistake: &str, score: &mut Score) {
    let found = case.disagreements_with(lab, right, wrong);
    if found.iter().any(|line| line.contains("refuses")) {
        score.refused += 1;
    } else if !found.is_empty() {
        score.noticed += 1;
    } else if changes_a_verdict(case, right, wrong) {
        score.missed.push(mistake.to_owned());
    } else {
        score.harmless += 1;
    }
}

/// Whether the simulator sees a difference in any of very many packets.
fn changes_a_verdict(case: &Case, right: &Compiled, wrong: &Compiled) -> bool {
    let situation = Lab::situation(case.bans.clone());
    let (right, wrong) = (Simulator::new(right, &situation), Simulator::new(wrong, &situation));
    let mut random = Random::new(1);
    let checked = case.checked().expect("a good ruleset");
    (0..5_000).any(|_| {
        let packet = generate::packet(&mut random, &checked);
        let (right, wrong) = (right.judge(&packet), wrong.judge(&packet));
        right.verdict.action != wrong.verdict.action
    })
}
