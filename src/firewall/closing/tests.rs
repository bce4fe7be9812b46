//! Closing and reopening, on paper.

use super::*;

const NOW: Moment = Moment::from_millis(1_795_375_697_123);

fn surroundings() -> Surroundings {
    let networks = vec![AddressRange::parse("10.20.0.0/16").unwrap()];
    Surroundings { now: NOW, interfaces: None, networks }
}

fn ruleset(json: &str) -> Ruleset {
    serde_json::from_str(json).expect(json)
}

fn rules(rules: &str) -> Ruleset {
    ruleset(&format!(r#"{{"rules":[{rules}]}}"#))
}

fn ports(texts: &[&str]) -> Vec<Ports> {
    texts.iter().map(|text| Ports::parse(text).unwrap()).collect()
}

fn bar() -> Bar {
    Bar { id: RuleId::new(99).unwrap(), owner: Text::parse("anna").unwrap(), note: Text::empty() }
}

fn close(ruleset: &Ruleset, texts: &[&str]) -> Shut {
    shut(ruleset, &ports(texts), Some(&bar()), &surroundings()).expect("there is a bar")
}

fn written(ruleset: &Ruleset) -> Vec<String> {
    let rule = |rule: &Rule| {
        let to: Vec<String> = rule.to.iter().map(ToString::to_string).collect();
        format!("{} {}{} {}", rule.id, if rule.enabled { "" } else { "off " }, rule.action.as_str(), to.join(" "))
    };
    ruleset.parts().rules.iter().map(rule).collect()
}

fn passes(ruleset: &Ruleset, port: &str) -> Vec<String> {
    open_to(ruleset, ports(&[port])[0], &surroundings()).who.iter().map(ToString::to_string).collect()
}

#[test]
fn a_port_is_taken_out_of_whatever_lets_it_in_and_nothing_else_changes() {
    for (start, close_what, expected) in [
        (r#"{"id":1,"action":"allow","direction":"in","to":["pop3"]}"#, "110/tcp", vec!["r1 off allow pop3"]),
        (
            r#"{"id":1,"action":"allow","direction":"in","to":["pop3","imap","995/tcp"]}"#,
            "110/tcp",
            vec!["r1 allow imap 995/tcp"],
        ),
        (
            r#"{"id":1,"action":"allow","direction":"in","to":["100-120/tcp"]}"#,
            "110/tcp",
            vec!["r1 allow 100-109/tcp 111-120/tcp"],
        ),
        (r#"{"id":1,"action":"allow","direction":"in","to":["https"]}"#, "443/tcp", vec!["r1 allow 443/udp"]),
        (r#"{"id":1,"action":"allow","direction":"in","to":["dns"]}"#, "53/tcp", vec!["r1 allow 53/udp"]),
        (r#"{"id":1,"action":"allow","direction":"in","to":["110/udp"]}"#, "110/tcp", vec!["r1 allow 110/udp"]),
        (r#"{"id":1,"action":"allow","direction":"out","to":["pop3"]}"#, "110/tcp", vec!["r1 allow pop3"]),
        (
            r#"{"id":1,"action":"allow","direction":"in","who":["192.0.2.0/24","own-networks"],"to":["pop3"]},
               {"id":2,"action":"allow","direction":"in","to":["1-65535/tcp"],"at":["198.51.100.1"]}"#,
            "110/tcp",
            vec!["r1 off allow pop3", "r2 allow 1-109/tcp 111-65535/tcp"],
        ),
    ] {
        let shut = close(&rules(start), &[close_what]);
        assert_eq!(written(&shut.ruleset), expected);
        assert!(shut.still.is_empty() && !shut.is_uncertain, "{start}");
        assert_eq!(passes(&shut.ruleset, close_what), Vec::<String>::new(), "{start}");
    }
}

#[test]
fn what_lets_in_more_than_ports_gets_a_rule_before_it() {
    let everything = r#"{"id":1,"action":"allow","direction":"in","who":["192.0.2.0/24"]}"#;
    let shut_everything = close(&rules(everything), &["110/tcp", "143/tcp"]);
    assert_eq!(written(&shut_everything.ruleset), ["r99 drop pop3 imap", "r1 allow "]);
    let whole = r#"{"id":1,"action":"allow","direction":"in","to":["protocol/6"]}"#;
    assert_eq!(written(&close(&rules(whole), &["110/tcp"]).ruleset), ["r99 drop pop3", "r1 allow protocol/6"]);
    let open = ruleset(r#"{"policy":{"incoming":"allow"}}"#);
    assert_eq!(written(&close(&open, &["110/tcp"]).ruleset), ["r99 drop pop3"]);
    assert_eq!(shut(&open, &ports(&["110/tcp"]), None, &surroundings()), None, "there is no bar");
}

#[test]
fn what_ends_or_depends_on_the_sender_keeps_nothing_shut() {
    let start = r#"{"id":1,"action":"drop","direction":"in","to":["pop3"],"expires_at":"2026-12-31T18:00:00Z"},
                   {"id":2,"action":"allow","direction":"in"}"#;
    assert_eq!(written(&close(&rules(start), &["110/tcp"]).ruleset)[0], "r99 drop pop3");
    let later = r#"{"id":1,"action":"drop","direction":"in","to":["pop3"],"starts_at":"2026-12-31T18:00:00Z"},
                   {"id":2,"action":"allow","direction":"in"}"#;
    assert_eq!(written(&close(&rules(later), &["110/tcp"]).ruleset)[0], "r99 drop pop3");
    let again = r#"{"id":1,"action":"allow","direction":"in","starts_at":"2026-12-31T18:00:00Z"}"#;
    assert_eq!(written(&close(&rules(again), &["110/tcp"]).ruleset), ["r99 drop pop3", "r1 allow "]);
    let over = r#"{"id":1,"action":"allow","direction":"in","to":["pop3"],"expires_at":"2026-01-01T00:00:00Z"}"#;
    assert_eq!(close(&rules(over), &["110/tcp"]).touched, []);
}

#[test]
fn the_list_allow_is_left_alone_and_said() {
    let start = ruleset(
        r#"{"lists":[{"name":"allow","entries":["203.0.113.7","2001:db8::/64"]},{"name":"deny","entries":["198.51.100.0/24"]}],
            "rules":[{"id":1,"action":"allow","direction":"in","to":["pop3"]}]}"#,
    );
    let shut = close(&start, &["110/tcp"]);
    assert_eq!(written(&shut.ruleset), ["r1 off allow pop3"]);
    let still: Vec<String> = shut.still.iter().map(ToString::to_string).collect();
    assert_eq!(still, ["203.0.113.7", "2001:db8::/64"]);
}

#[test]
fn a_hundred_thousand_entries_of_feeds_leave_the_answer_certain() {
    let entries: Vec<String> = (0..100_000u32).map(|n| format!("\"{}\"", std::net::Ipv4Addr::from(n * 4096))).collect();
    let start = format!(
        r#"{{"lists":[{{"name":"deny","entries":[{0}]}},{{"name":"feed","entries":[{0}]}}],"rules":[
            {{"id":1,"action":"drop","direction":"in","who":["list:feed"]}},
            {{"id":2,"action":"allow","direction":"in","who":["list:feed"],"to":["pop3"]}},
            {{"id":3,"action":"allow","direction":"in"}}]}}"#,
        entries.join(",")
    );
    let shut = close(&ruleset(&start), &["110/tcp"]);
    assert!(!shut.is_uncertain && shut.still.is_empty());
    assert_eq!(written(&shut.ruleset), ["r99 drop pop3", "r1 drop ", "r2 off allow pop3", "r3 allow "]);
}

fn back(current: &Ruleset, closing: &Shut, texts: &[&str]) -> (Ruleset, Vec<String>) {
    let reopened = reopen(current, &closing.touched, &ports(texts)).expect("not too many");
    (reopened.ruleset, reopened.kept)
}

const START: &str = r#"{"id":1,"action":"allow","direction":"in","to":["100-120/tcp","https"]},
    {"id":2,"action":"allow","direction":"in","to":["pop3"]},{"id":3,"action":"allow","direction":"in","who":["192.0.2.0/24"]}"#;

#[test]
fn undone_at_once_nothing_is_left() {
    let start = rules(START);
    let shut = close(&start, &["110/tcp"]);
    assert_eq!(back(&shut.ruleset, &shut, &["110/tcp"]), (start.clone(), Vec::new()));
    assert_eq!(back(&start, &shut, &["110/tcp"]), (start.clone(), Vec::new()), "twice is once");
}

#[test]
fn two_closings_of_one_rule_are_undone_in_any_order() {
    let start = rules(START);
    let first = close(&start, &["110/tcp"]);
    let other = Bar { id: RuleId::new(100).unwrap(), ..bar() };
    let second = shut(&first.ruleset, &ports(&["443/tcp", "112/tcp"]), Some(&other), &surroundings()).unwrap();
    let (without_first, kept) = back(&second.ruleset, &first, &["110/tcp"]);
    assert_eq!(kept, Vec::<String>::new());
    let expected = [
        "r100 drop 443/tcp 112/tcp",
        "r1 allow 100-109/tcp 111/tcp 113-120/tcp 443/udp pop3",
        "r2 allow pop3",
        "r3 allow ",
    ];
    assert_eq!(written(&without_first), expected);
    assert_eq!(passes(&without_first, "112/tcp"), Vec::<String>::new());
    let (without_both, _) = back(&without_first, &second, &["443/tcp", "112/tcp"]);
    for port in ["110/tcp", "112/tcp", "443/tcp", "443/udp"] {
        assert_eq!(passes(&without_both, port), passes(&start, port), "{port}");
    }
}

#[test]
fn what_somebody_changed_since_stays_and_is_said() {
    let shut = close(&rules(START), &["110/tcp"]);
    let mut parts = shut.ruleset.clone().into_parts();
    parts.rules[0].who = vec![crate::firewall::Peer::parse("198.51.100.7").unwrap()];
    parts.rules[1].enabled = false;
    parts.rules.remove(2);
    let (after, kept) = back(&Ruleset::try_from(parts).unwrap(), &shut, &["110/tcp"]);
    assert_eq!(written(&after), ["r99 drop pop3", "r1 off allow 100-120/tcp https", "r3 allow "]);
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(kept[0].starts_with("rule r99 was changed since"), "{kept:?}");
    assert_eq!(kept[1], "rule r1 was disabled since and stays so");
    assert!(kept[2].starts_with("rule r2 was removed since"), "{kept:?}");
}
