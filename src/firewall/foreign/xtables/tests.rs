//! What real programs print is read to the end, and every kind of rule means what it should.

use proptest::prelude::*;

use super::*;
use crate::firewall::{
    AddressRange,
    foreign::{Key, Operand, Statement, Translation, Verdict},
    nft::Value,
};

macro_rules! shape {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/zoo/shapes/", $name))
    };
}

fn statements(rule: &str) -> Vec<Statement> {
    let text = format!("*filter\n:INPUT DROP [0:0]\n:doors - [0:0]\n-A INPUT {rule}\nCOMMIT\n");
    read(Family::V4, &text).unwrap().remove(0).chains.remove(0).rules.remove(0).statements
}

fn is(key: Key, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::Match { key, is_not: false, operand: Operand::Any(values.into_iter().collect()) }
}

fn is_not(key: Key, value: Value) -> Statement {
    Statement::Match { key, is_not: true, operand: Operand::Any(vec![value]) }
}

fn range(text: &str) -> Value {
    Value::Addresses(AddressRange::parse(text).unwrap())
}

fn act(verdict: Verdict) -> Statement {
    Statement::Verdict(verdict)
}

/// The words of everything that isn't understood, each once.
fn unknown(tables: &[Table]) -> Vec<&str> {
    let rules = tables.iter().flat_map(|table| &table.chains).flat_map(|chain| &chain.rules);
    let words = rules.flat_map(|rule| &rule.statements).filter_map(|statement| match statement {
        Statement::UnknownMatch(words) | Statement::UnknownAct(words) => Some(words.as_str()),
        _ => None,
    });
    let mut words: Vec<&str> = words.collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[test]
fn what_real_programs_print_is_understood_but_for_what_nobody_can_know() {
    let nothing: &[&str] = &[];
    for (family, text, expected) in [
        (Family::V4, shape!("docker-24.v4"), nothing),
        (Family::V4, shape!("docker-28.v4"), nothing),
        (Family::V6, shape!("docker-28.v6"), nothing),
        (Family::V4, shape!("ufw.v4"), nothing),
        (Family::V6, shape!("ufw.v6"), &["hl --hl-eq 1", "hl --hl-eq 255"]),
        (Family::V4, shape!("libvirt.v4"), nothing),
        (Family::V4, shape!("fail2ban.v4"), &["string --string -j --algo bm"]),
        (Family::V6, shape!("fail2ban.v6"), &["string --string -j --algo bm"]),
        (
            Family::V4,
            shape!("hand.v4"),
            &[
                "--icmp-type 3/4",
                "mac --mac-source 02:00:00:00:00:01",
                "recent --rcheck --seconds 30 --name knock --mask 255.255.255.255 --rsource",
                "time --timestart 08:00:00 --timestop 18:00:00 --datestop 2038-01-19T03:14:07",
            ],
        ),
    ] {
        let tables = read(family, text).unwrap();
        assert_eq!(unknown(&tables), expected, "{text}");
        let rules = tables.iter().flat_map(|table| &table.chains).map(|chain| chain.rules.len()).sum::<usize>();
        assert_eq!(rules, text.matches("\n-A ").count());
    }
}

#[test]
fn tables_and_chains_are_where_iptables_has_them() {
    let tables = read(Family::V4, shape!("hand.v4")).unwrap();
    let place = |table: &str, chain: &str| {
        let table = tables.iter().find(|known| known.name == table).unwrap();
        table.chains.iter().find(|known| known.name == chain).unwrap().base.clone().unwrap()
    };
    for (table, chain, kind, hook, priority) in [
        ("raw", "PREROUTING", Kind::Filter, Hook::Prerouting, -300),
        ("mangle", "OUTPUT", Kind::Route, Hook::Output, -150),
        ("nat", "PREROUTING", Kind::Nat, Hook::Prerouting, -100),
        ("nat", "POSTROUTING", Kind::Nat, Hook::Postrouting, 100),
        ("nat", "INPUT", Kind::Nat, Hook::Input, 100),
        ("filter", "FORWARD", Kind::Filter, Hook::Forward, 0),
    ] {
        let base = place(table, chain);
        assert_eq!(
            (base.kind, base.hook, base.priority, base.accepts),
            (kind, hook, priority, true),
            "{table} {chain}"
        );
    }
    assert!(!place("filter", "INPUT").accepts);
    assert!(tables.iter().all(|table| table.span == Span::One(Family::V4) && !table.is_dormant));
}

#[test]
fn headers_and_simple_matches_mean_what_they_say() {
    let tcp = || is(Key::Protocol, [Value::Number(6)]);
    for (rule, expected) in [
        ("! -s 10.0.0.0/8 -j DROP", vec![is_not(Key::Source(Family::V4), range("10.0.0.0/8"))]),
        (
            "! -i docker0 -o br-+ -j DROP",
            vec![is_not(Key::InputInterface, Value::word("docker0")), is(Key::OutputInterface, [Value::word("br-*")])],
        ),
        (
            "-p tcp -m tcp --dport 80:90 -j DROP",
            vec![tcp(), is(Key::DestinationPort(Some(6)), [Value::Numbers(80, 90)])],
        ),
        (
            "-p tcp -m multiport ! --dports 22 -j DROP",
            vec![tcp(), is_not(Key::DestinationPort(None), Value::Number(22))],
        ),
        (
            "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP",
            vec![tcp(), is(Key::TcpFlags(23), [Value::Number(2)])],
        ),
        (
            "-m conntrack --ctstate RELATED,ESTABLISHED --ctorigdstport 80 -j DROP",
            vec![
                is(Key::State, [Value::word("related"), Value::word("established")]),
                is(Key::OriginalPort, [Value::Number(80)]),
            ],
        ),
        ("-m conntrack --ctstate DNAT -j DROP", vec![is(Key::Status, [Value::word("dnat")])]),
        ("-m addrtype ! --dst-type LOCAL -j DROP", vec![is_not(Key::DestinationType, Value::word("local"))]),
        ("-m rpfilter --validmark --invert -j DROP", vec![is(Key::ReversePath, [Value::Flag(false)])]),
        (
            "-m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP",
            vec![is(Key::Source(Family::V4), [range("10.0.0.1-10.0.0.9")])],
        ),
        ("-m mark ! --mark 0x1/0xff -j DROP", vec![is_not(Key::Mark(255), Value::Number(1))]),
        ("-m pkttype --pkt-type unicast -j DROP", vec![is(Key::PacketType, [Value::word("host")])]),
        ("-m rt --rt-type 0 -j DROP", vec![is(Key::Protocol, [])]),
        ("-m comment --comment \"-j ACCEPT\" -j DROP", vec![]),
    ] {
        let expected: Vec<Statement> = expected.into_iter().chain([act(Verdict::Drop)]).collect();
        assert_eq!(statements(rule), expected, "{rule}");
    }
}

#[test]
fn limits_and_lists_may_hold_or_not() {
    let limit = |over, words: &str| Statement::Limit { over, words: words.to_owned() };
    for (rule, expected) in [
        ("-m limit --limit 3/min --limit-burst 10", limit(false, "3/min")),
        ("-m hashlimit --hashlimit-above 5/sec --hashlimit-name x", limit(true, "5/sec")),
        ("-m connlimit --connlimit-upto 9 --connlimit-mask 32 --connlimit-saddr", limit(false, "9")),
        (
            "-m recent --update --seconds 30 --hitcount 6 --name a --mask 255.255.255.255 --rsource",
            limit(true, "6 packets in 30 seconds"),
        ),
        (
            "-m set ! --match-set bad src",
            Statement::Match { key: Key::Source(Family::V4), is_not: true, operand: Operand::Set("bad".to_owned()) },
        ),
        ("-m set --match-set ports dst", Statement::UnknownMatch("set --match-set ports dst".to_owned())),
        (
            "-m addrtype --dst-type LOCAL --limit-iface-in",
            Statement::UnknownMatch("addrtype --dst-type LOCAL --limit-iface-in".to_owned()),
        ),
        ("-m conntrack --ctstate NEW,DNAT", Statement::UnknownMatch("conntrack --ctstate NEW,DNAT".to_owned())),
        ("-s 10.0.0.0/255.0.0.255", Statement::UnknownMatch("-s 10.0.0.0/255.0.0.255".to_owned())),
        ("-m rt --rt-type 0", Statement::UnknownMatch("rt --rt-type 0".to_owned())),
        ("-m socket --transparent", Statement::UnknownMatch("socket --transparent".to_owned())),
        ("--brand-new 7", Statement::UnknownMatch("--brand-new 7".to_owned())),
    ] {
        assert_eq!(statements(&format!("{rule} -j ACCEPT")), [expected, act(Verdict::Accept)], "{rule}");
    }
    let text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -m set --match-set bad src -j DROP\nCOMMIT\n";
    let sets = &read(Family::V4, text).unwrap()[0].sets;
    assert_eq!(*sets, [Set { name: "bad".to_owned(), members: Members::Unread }]);
}

#[test]
fn targets_mean_what_they_say() {
    let to = |address: &str, port| {
        Statement::Translate(Translation::Destination { address: Some(address.parse().unwrap()), port })
    };
    for (rule, expected) in [
        ("-j RETURN", vec![act(Verdict::Return)]),
        ("-j doors", vec![act(Verdict::Jump("doors".to_owned()))]),
        ("-g doors", vec![act(Verdict::GoTo("doors".to_owned()))]),
        ("-j REJECT --reject-with tcp-reset", vec![act(Verdict::Reject)]),
        ("-j NFQUEUE --queue-num 3 --queue-bypass", vec![act(Verdict::Queue)]),
        ("-j DNAT --to-destination 172.17.0.2:80", vec![to("172.17.0.2", Some(80))]),
        ("-j DNAT --to-destination 172.17.0.2 --random", vec![to("172.17.0.2", None)]),
        ("-j REDIRECT --to-ports 8088", vec![Statement::Translate(Translation::Redirect { port: Some(8088) })]),
        ("-j REDIRECT", vec![Statement::Translate(Translation::Redirect { port: None })]),
        ("-j MASQUERADE --to-ports 1024-65535", vec![Statement::Translate(Translation::Source)]),
        ("-j MARK --set-xmark 0x7/0xff", vec![Statement::SetMark { mask: 255, value: 7 }]),
        ("-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff", vec![Statement::RestoreMark]),
        ("-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff", vec![Statement::LoseMarks]),
        ("-j CT --zone 3 --notrack", vec![Statement::NoTrack]),
        ("-j CT --helper ftp", vec![]),
        ("-j LOG --log-prefix \"-j ACCEPT \"", vec![]),
        ("-m comment --comment only", vec![]),
        (
            "-j DNAT --to-destination 10.0.0.1-10.0.0.9",
            vec![Statement::UnknownAct("DNAT --to-destination 10.0.0.1-10.0.0.9".to_owned())],
        ),
        ("-j SYNPROXY --mss 1460", vec![Statement::UnknownAct("SYNPROXY --mss 1460".to_owned())]),
        ("-g elsewhere", vec![Statement::UnknownAct("elsewhere".to_owned())]),
    ] {
        assert_eq!(statements(rule), expected, "{rule}");
    }
}

#[test]
fn a_text_that_is_not_of_this_kind_is_an_error() {
    for text in [
        "hello",
        "*filter\n:INPUT DROP [0:0]\n",
        "*filter\n:ELSEWHERE DROP [0:0]\nCOMMIT\n",
        "*filter\n:INPUT QUEUE [0:0]\nCOMMIT\n",
        "*filter\n-A INPUT -j DROP\nCOMMIT\n",
        "*filter\n*nat\nCOMMIT\n",
        "-A INPUT -j DROP\n",
        "*filter\n:INPUT DROP [0:0]\n-A\nCOMMIT\n",
    ] {
        read(Family::V4, text).expect_err(text);
    }
    let incompatible = "# Table `filter' is incompatible, use 'nft' tool.\n";
    assert_eq!(read(Family::V4, incompatible), Ok(Vec::new()));
    assert_eq!(read(Family::V4, ""), Ok(Vec::new()));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(\\*|:|-A|-m|-j|!|\"|\\\\|\n| |[a-z0-9./:,=ü-]|--dport|DNAT|INPUT|COMMIT){0,60}") {
        let _ = read(Family::V4, &text);
        let _ = read(Family::V6, &format!("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING {text}\nCOMMIT\n"));
    }

    #[test]
    fn damaged_text_is_read_or_refused(at in 0_usize..3_000, with: char) {
        let text = shape!("hand.v4");
        let damaged: String = text.chars().take(at).chain([with]).chain(text.chars().skip(at)).collect();
        let _ = read(Family::V4, &damaged);
    }
}
