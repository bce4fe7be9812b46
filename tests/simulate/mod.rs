//! The simulator against a reference that knows only the model.

mod commands;
mod differences;
mod documents;
mod exposure;
pub mod generate;
mod problems;
pub mod reference;

use std::collections::BTreeSet;

use portreeve::firewall::{
    Line, Parts, Ruleset, Text,
    check::Subject,
    compile,
    compile::one_by_one,
    nft::Statement,
    simulate::{Outcome, Simulator},
    text,
};

use self::generate::Random;

/// simulate(compile(ruleset)) = reference(ruleset), line by line.
#[test]
fn the_compiled_ruleset_means_what_the_ruleset_says() {
    for seed in generate::seeds("PORTREEVE_MODEL_SEED", 300) {
        let mut random = Random::new(seed);
        let checked = generate::ruleset(&mut random);
        let compiled = compile(&checked, 1);
        let situation = generate::situation(&mut random);
        let simulator = Simulator::new(&compiled, &situation);
        for _ in 0..100 {
            let packet = generate::packet(&mut random, &checked);
            let simulated = simulator.judge(&packet);
            let expected = reference::judge(&checked, &situation, &packet);
            assert_eq!(
                (simulated.verdict, simulated.above.clone()),
                (expected.verdict, expected.above),
                "PORTREEVE_MODEL_SEED={seed}\n{packet:?}\n{:#?}",
                simulated.path
            );
        }
    }
}

/// Grouping changes no verdict and no counter.
#[test]
fn grouped_rules_mean_what_they_mean_one_by_one() {
    let mut maps = 0;
    for seed in generate::seeds("PORTREEVE_GROUP_SEED", 400) {
        let mut random = Random::new(seed);
        let checked = generate::ruleset(&mut random);
        let (grouped, plain) = (compile(&checked, 1), one_by_one(&checked, 1));
        let statements = grouped.table.chains.iter().flat_map(|chain| &chain.rules).flat_map(|rule| &rule.statements);
        maps += statements.filter(|statement| matches!(statement, Statement::Map(..))).count();
        let situation = generate::situation(&mut random);
        let (fast, slow) = (Simulator::new(&grouped, &situation), Simulator::new(&plain, &situation));
        for _ in 0..80 {
            let packet = generate::packet(&mut random, &checked);
            let (fast, slow) = (fast.judge(&packet), slow.judge(&packet));
            let what = |outcome: &Outcome| (outcome.verdict, outcome.above.clone(), outcome.counted.clone());
            assert_eq!(what(&fast), what(&slow), "PORTREEVE_GROUP_SEED={seed}\n{packet:?}\n{:#?}", fast.path);
        }
    }
    assert!(maps > 100, "only {maps} groups");
}

#[test]
fn a_rule_that_is_said_to_be_never_reached_decides_nothing() {
    let mut said = 0;
    for seed in generate::seeds("PORTREEVE_SHADOW_SEED", 300) {
        let mut random = Random::new(seed);
        let checked = generate::ruleset(&mut random);
        let shadowed: BTreeSet<_> = checked.warnings().iter().filter(|problem| problem.field == "rule").collect();
        said += shadowed.len();
        let compiled = compile(&checked, 1);
        let situation = generate::situation(&mut random);
        let simulator = Simulator::new(&compiled, &situation);
        for _ in 0..if shadowed.is_empty() { 0 } else { 300 } {
            let packet = generate::packet(&mut random, &checked);
            if let Some(Line::Rule(id)) = simulator.judge(&packet).verdict.line {
                let wrong = shadowed.iter().find(|problem| problem.subject == Subject::Rule(id));
                assert!(wrong.is_none(), "PORTREEVE_SHADOW_SEED={seed}: {wrong:?} but it decides {packet:?}");
            }
        }
    }
    assert!(said > 50, "only {said} rules were said to be never reached");
}

#[test]
fn the_text_form_says_the_same_as_the_ruleset() {
    let notes = ["", "plain", "quotes \" and ' and \\", "ümlaut 日本語 🦀", "# not a comment", "a = [1]", " until # "];
    for seed in generate::seeds("PORTREEVE_TEXT_SEED", 300) {
        let mut random = Random::new(seed);
        let mut parts: Parts = generate::parts(&mut random);
        for rule in &mut parts.rules {
            rule.note = Text::parse(random.pick(&notes)).expect("allowed");
            rule.owner = Text::parse(random.pick(&notes)).expect("allowed");
        }
        for entry in parts.lists.iter_mut().flat_map(|list| &mut list.entries) {
            entry.note = Text::parse(random.pick(&notes)).expect("allowed");
        }
        let ruleset = Ruleset::try_from(parts).expect("small");
        let printed = text::print(&ruleset);
        assert_eq!(text::parse(&printed).as_ref(), Ok(&ruleset), "PORTREEVE_TEXT_SEED={seed}\n{printed}");
        let json = serde_json::to_string(&ruleset).expect("JSON");
        assert_eq!(serde_json::from_str::<Ruleset>(&json).expect("read back"), ruleset, "PORTREEVE_TEXT_SEED={seed}");
    }
}
