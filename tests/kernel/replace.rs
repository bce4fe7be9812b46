//! What one transaction keeps and what it replaces.

use std::time::Duration;

use portreeve::firewall::{
    Compiled, Family, Parts, Ruleset, check, compile,
    nft::{Present, Statement},
    simulate::{Content, SYN, bytes::Shape},
    text,
};

use super::lab::{Lab, Probe, address, host_address, now};
use crate::simulate::generate::surroundings;

fn compiled(ruleset: &str, revision: u64) -> Compiled {
    let ruleset = text::parse(ruleset).expect("a ruleset");
    compile(&check(ruleset, &surroundings()).expect("no errors"), revision)
}

fn syn(source: &str, port: u16) -> Probe {
    let content = Content::Tcp { from: 40_000, port, flags: SYN };
    let packet = Lab::packet(address(source), host_address(Family::V4), content, "world0");
    Probe { packet, shape: Shape::Whole }
}

const FIRST: &str = r#"
[[lists]]
name = "old"
entries = ["198.51.100.64"]
[[rules]]
id = 1
action = "allow"
direction = "in"
to = ["22/tcp"]
[[rules]]
id = 2
action = "drop"
direction = "in"
who = ["list:old"]
"#;

const SECOND: &str = r#"
[[rules]]
id = 1
action = "allow"
direction = "in"
to = ["22/tcp", "80/tcp"]
new_connections = "100/second"
"#;

#[test]
fn counters_and_bans_survive_and_what_is_gone_goes() {
    let mut lab = Lab::new();
    lab.load(&compiled(FIRST, 1).batch_with_members(&Present::default(), now())).expect("loads");
    lab.nft_text("add element inet portreeve ban_4 { 203.0.113.66 timeout 1h }").expect("a ban");
    assert_eq!(lab.send(&[syn("198.51.100.7", 22), syn("203.0.113.66", 22)]).passed, [true, false]);
    lab.forget_connections();

    lab.load(&compiled(SECOND, 2).batch(&lab.present())).expect("loads over the first");

    assert_eq!(lab.counters()["r1"], 1);
    assert_eq!(lab.counters()["ban"], 1);
    assert!(!lab.counters().contains_key("r2"), "the counter of a rule that is gone goes with it");
    let present = lab.present();
    assert!(!present.sets.contains("list_old_4") && !present.chains.contains("r2"));
    let probes = [syn("198.51.100.7", 80), syn("203.0.113.66", 80), syn("198.51.100.64", 80)];
    assert_eq!(lab.send(&probes).passed, [true, false, true]);

    lab.load(&compiled(SECOND, 3).batch(&lab.present())).expect("the same again");
    assert_eq!(lab.counters()["r1"], 3);
}

#[test]
fn a_transaction_that_fails_leaves_the_old_rules() {
    let mut lab = Lab::new();
    lab.load(&compiled(FIRST, 1).batch(&Present::default())).expect("loads");
    let mut broken = compiled(SECOND, 2);
    let chain = broken.table.chains.iter_mut().find(|chain| chain.name == "incoming").expect("there");
    // nft sees nothing wrong with a circle; the kernel does.
    chain.rules[0].statements = vec![Statement::Jump("incoming".to_owned())];
    let before = lab.nft(&["-j", "-t", "list", "table", "inet", "portreeve"], "");

    let error = lab.load(&broken.batch(&lab.present())).expect_err("a circle");

    assert!(error.contains("Too many links"), "{error}");
    assert_eq!(lab.nft(&["-j", "-t", "list", "table", "inet", "portreeve"], ""), before);
    assert_eq!(lab.send(&[syn("198.51.100.7", 22), syn("198.51.100.7", 80)]).passed, [true, false]);
}

#[test]
fn tables_of_others_are_not_touched() {
    let lab = Lab::new();
    lab.nft_text(
        "table ip nat {
             chain DOCKER {
                 dnat to 10.99.3.2
             }
         }
         table inet f2b-table {
             set addr-set-sshd {
                 type ipv4_addr
                 elements = { 203.0.113.9 }
             }
             chain f2b-chain {
                 type filter hook input priority -1
                 tcp dport 22 ip saddr @addr-set-sshd drop
             }
         }",
    )
    .expect("tables of others");
    let others = || {
        let listing = lab.nft(&["list", "ruleset"], "").expect("lists");
        let ours = lab.nft(&["list", "table", "inet", "portreeve"], "").unwrap_or_default();
        listing.replace(&ours, "").replace('\n', "")
    };
    let before = others();
    for (revision, ruleset) in [(1, FIRST), (2, SECOND), (3, FIRST)] {
        lab.load(&compiled(ruleset, revision).batch(&lab.present())).expect("loads");
        assert_eq!(others(), before);
    }
}

/// The kernel's own clock ends a rule; nobody has to remove it.
#[test]
fn a_rule_ends_in_the_kernel_when_its_time_is_over() {
    let mut lab = Lab::new();
    let mut parts: Parts = text::parse(SECOND).expect("a ruleset").into_parts();
    let ends = now().plus_seconds(3);
    parts.rules[0].expires_at = Some(ends);
    let ruleset = Ruleset::try_from(parts).expect("small");
    let compiled = compile(&check(ruleset, &surroundings()).expect("no errors"), 1);
    lab.load(&compiled.batch(&Present::default())).expect("loads");
    assert_eq!(lab.send(&[syn("198.51.100.7", 22)]).passed, [true], "the rule holds before its end");
    while now() < ends {
        lab.forget_connections();
        std::thread::sleep(Duration::from_millis(20));
    }
    lab.forget_connections();
    assert_eq!(lab.send(&[syn("198.51.100.7", 22)]).passed, [false], "and not after it");
}

#[test]
fn the_same_ruleset_gives_the_same_bytes() {
    let bytes = |ruleset| serde_json::to_string(&compiled(ruleset, 7).batch(&Present::default())).expect("JSON");
    assert_eq!(bytes(FIRST), bytes(FIRST));
    assert_ne!(bytes(FIRST), bytes(SECOND));
}
