//! The simulator against a reference that knows only the model.

pub mod generate;
pub mod reference;

use portreeve::firewall::{compile, simulate::Simulator};

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
