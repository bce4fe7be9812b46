//! Everything that `check` finds, each with a ruleset that has it.

use portreeve::firewall::{Severity, check, text};

use super::generate::surroundings;

/// The problems of a ruleset as a person reads them, errors first.
fn problems(ruleset: &str) -> Vec<String> {
    let ruleset = text::parse(ruleset).expect("a text form");
    let mut surroundings = surroundings();
    surroundings.interfaces = Some(["lo", "eth0"].map(crate::kernel::lab::interface).into());
    let problems = match check(ruleset, &surroundings) {
        Ok(checked) => checked.warnings().to_vec(),
        Err(problems) => problems,
    };
    let word = |severity| if severity == Severity::Error { "error" } else { "warning" };
    problems.iter().map(|problem| format!("{} {problem}", word(problem.severity))).collect()
}

fn rule(id: u32, action: &str, fields: &str) -> String {
    format!("[[rules]]\nid = {id}\naction = \"{action}\"\ndirection = \"in\"\n{fields}\n")
}

#[test]
fn names_must_be_known_and_given_once() {
    let text = [
        &rule(1, "allow", "who = [\"list:gone\"]\nto = [\"gone\"]"),
        &rule(1, "allow", "to = [\"ssh\"]"),
        "[[lists]]\nname = \"a\"\n[[lists]]\nname = \"a\"\n",
        "[[services]]\nname = \"ssh\"\nports = [\"1/tcp\"]\n[[services]]\nname = \"empty\"\nports = []\n",
    ];
    assert_eq!(
        problems(&text.concat()),
        [
            "error rule r1, id: is there twice",
            "error list a, name: is there twice",
            "error service ssh, name: is a built-in service; choose another name",
            "error service empty, ports: has no ports; name at least one",
            "error rule r1, who: there is no list gone",
            "error rule r1, to: there is no service gone",
        ]
    );
}

#[test]
fn the_allow_and_deny_lists_are_always_known() {
    assert!(problems(&rule(1, "drop", "who = [\"list:deny\", \"list:allow\"]")).is_empty());
}

#[test]
fn rules_that_contradict_themselves_or_others_are_errors() {
    let v4_and_v6 = rule(1, "allow", "who = [\"192.0.2.1\"]\nto = [\"icmpv6/128\"]");
    assert_eq!(
        problems(&v4_and_v6),
        ["error rule r1, who: can never match: its addresses and protocols have no IP family in common"]
    );
    let limited = rule(1, "drop", "new_connections = \"6/minute\"\nconnections = 3");
    assert_eq!(
        problems(&limited),
        [
            "error rule r1, new_connections: only limits what is allowed, but this rule allows nothing",
            "error rule r1, connections: only limits what is allowed, but this rule allows nothing",
        ]
    );
    let out = rule(1, "allow", "connections = 3").replace("\"in\"", "\"out\"");
    assert_eq!(
        problems(&out),
        ["error rule r1, connections: limits each source, but what goes out has only this host as its source"]
    );
    let opposite = rule(1, "allow", "to = [\"ssh\"]") + &rule(2, "drop", "to = [\"22/tcp\"]");
    assert_eq!(
        problems(&opposite),
        [
            "error rule r2, action: contradicts r1, which matches exactly the same (for example 192.0.2.1 → this host 22/tcp)"
        ]
    );
}

#[test]
fn what_does_less_than_it_seems_is_a_warning() {
    let over = rule(1, "allow", "expires_at = \"2020-01-01T00:00:00Z\"\ninterfaces = [\"eth0\", \"eth7\"]");
    assert_eq!(
        problems(&over),
        [
            "warning rule r1, expires_at: is over; the rule does nothing",
            "warning rule r1, interfaces: this host has no interface eth7 now",
        ]
    );
    let twice = rule(1, "allow", "to = [\"80-81/tcp\"]") + &rule(2, "allow", "to = [\"80/tcp\", \"81/tcp\"]");
    assert_eq!(
        problems(&twice),
        ["warning rule r2, rule: says the same as r1, which comes before (for example 192.0.2.1 → this host 80/tcp)"]
    );
}

#[test]
fn a_rule_that_is_never_reached_is_named_with_a_packet_that_shows_it() {
    let shadowed = |wide: &str, narrow: &str| {
        let found = problems(&(rule(1, "drop", wide) + &rule(2, "allow", narrow)));
        found.iter().any(|line| line.starts_with("warning rule r2, rule: is never reached: r1 comes before"))
    };
    for (wide, narrow) in [
        ("", "who = [\"192.0.2.1\"]\nto = [\"ssh\"]"),
        ("who = [\"192.0.2.0/24\"]", "who = [\"192.0.2.9\", \"192.0.2.64/26\"]"),
        ("to = [\"1-1023/tcp\"]", "to = [\"ssh\", \"443/tcp\"]\nwho = [\"::/0\"]"),
        ("to = [\"protocol/17\"]", "to = [\"53/udp\"]"),
        ("who = [\"list:allow\", \"192.0.2.0/24\"]", "who = [\"list:allow\"]"),
        ("to = [\"ssh\"]", "to = [\"ssh\"]\nexpires_at = \"2100-01-01T00:00:00Z\""),
        ("interfaces = [\"eth0\", \"lo\"]", "interfaces = [\"lo\"]"),
    ] {
        assert!(shadowed(wide, narrow), "{wide:?} covers {narrow:?}");
    }
    for (wide, narrow) in [
        ("who = [\"192.0.2.0/24\"]", ""),
        ("who = [\"192.0.2.0/24\"]", "who = [\"192.0.2.9\", \"192.0.3.1\"]"),
        ("to = [\"1-1023/tcp\"]", "to = [\"53/udp\"]"),
        ("who = [\"list:allow\"]", "who = [\"list:deny\"]"),
        ("expires_at = \"2100-01-01T00:00:00Z\"", "to = [\"ssh\"]"),
        ("enabled = false", "to = [\"ssh\"]"),
        ("interfaces = [\"lo\"]", ""),
        ("at = [\"192.0.2.1\"]", "at = [\"192.0.2.1\", \"2001:db8::1\"]"),
    ] {
        assert!(!shadowed(wide, narrow), "{wide:?} doesn't cover {narrow:?}");
    }
    let found = problems(
        &(rule(1, "drop", "to = [\"1-100/tcp\"]") + &rule(2, "allow", "who = [\"2001:db8::/32\"]\nto = [\"ssh\"]")),
    );
    assert!(found[0].ends_with("(for example 2001:db8:: → this host 22/tcp)"), "{found:?}");
}
