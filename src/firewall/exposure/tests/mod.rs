//! Small hosts with known answers.

mod language;

use language::foreign;

use super::*;
use crate::firewall::{
    AddressRange, Family, InterfaceName,
    enforcement::OwnAddress,
    listener::{Bind, Transport},
    simulate::Route,
};

/// A server with the world at eth0, an office at lan0 and containers at docker0, in both families.
fn survey() -> Survey {
    let name = |text: &str| InterfaceName::parse(text).unwrap();
    let own = [
        ("eth0", "203.0.113.2", 30),
        ("eth0", "2001:db8:1::2", 64),
        ("eth0", "fe80::1", 64),
        ("lan0", "192.168.7.1", 24),
        ("lan0", "fd07::1", 64),
        ("docker0", "172.17.0.1", 16),
    ];
    let addresses = own.map(|(interface, address, length)| {
        let address = address.parse().unwrap();
        OwnAddress { interface: name(interface), address, network: AddressRange::network(address, length).unwrap() }
    });
    let mut routes: Vec<Route> =
        addresses.iter().map(|own| Route { network: own.network, interface: own.interface.clone() }).collect();
    for family in Family::BOTH {
        routes.push(Route { network: AddressRange::everything(family), interface: name("eth0") });
    }
    let interfaces = ["lo", "eth0", "lan0", "docker0"].map(name).into();
    Survey { interfaces, addresses: addresses.into(), routes }
}

fn listener(text: &str) -> Listener {
    let (place, transport) = text.rsplit_once('/').unwrap();
    let (address, port) = place.rsplit_once('>').unwrap();
    let (address, interface) = address.split_once('%').map_or((address, None), |(address, name)| (address, Some(name)));
    let bind = match address {
        "*" => Bind::AnyDual,
        "0.0.0.0" => Bind::Any4,
        "::" => Bind::Any6,
        one => Bind::Address(one.parse().unwrap()),
    };
    Listener {
        transport: if transport == "tcp" { Transport::Tcp } else { Transport::Udp },
        bind,
        port: port.parse().unwrap(),
        interface: interface.map(str::to_owned),
        uid: 0,
        user: None,
        processes: Vec::new(),
        unit: None,
        container: None,
    }
}

fn words(exposure: &Exposure, family: Family) -> String {
    let one = |origin| match exposure.answer(origin, family).map(|answer| &answer.reach) {
        None => "-".to_owned(),
        Some(Reach::Open) => "open".to_owned(),
        Some(Reach::Closed) => "closed".to_owned(),
        Some(Reach::Unreachable) => "no way".to_owned(),
        Some(Reach::Partly(words)) => words.clone(),
        Some(Reach::CantTell(why)) => format!("? {why}"),
    };
    Origin::ALL.map(one).join(" | ")
}

/// What the world, the networks, the containers and the host itself find.
fn ask(tables: &str, at: &str, family: Family) -> String {
    let (foreign, survey) = (foreign(tables), survey());
    let surroundings = Surroundings { foreign: &foreign, ours: None, survey: &survey };
    words(&exposure(&listener(at), &surroundings), family)
}

#[test]
fn the_bound_address_and_interface_decide_first() {
    for (at, four, six) in [
        ("*>80/tcp", "open | open | open | open", "open | open | no way | open"),
        ("0.0.0.0>80/tcp", "open | open | open | open", "- | - | - | -"),
        ("::>80/tcp", "- | - | - | -", "open | open | no way | open"),
        ("127.0.0.1>3306/tcp", "no way | no way | no way | open", "- | - | - | -"),
        ("192.168.7.1>80/tcp", "no way | open | open | open", "- | - | - | -"),
        ("203.0.113.2>80/udp", "open | open | open | open", "- | - | - | -"),
        ("0.0.0.0%lan0>80/tcp", "no way | only from 192.168.7.0/24 by lan0 | no way | no way", "- | - | - | -"),
        (
            "*%eth0>80/tcp",
            "open | only from 203.0.113.0/30 by eth0 | no way | no way",
            "open | only from 2001:db8:1::/64 by eth0; from fe80::/64 by eth0 | no way | no way",
        ),
    ] {
        assert_eq!(ask("", at, Family::V4), four, "{at}");
        assert_eq!(ask("", at, Family::V6), six, "{at}");
    }
}

/// Rules of an input chain that drops what none of them accepts, and who reaches 80/tcp over IPv4 then.
#[test]
fn an_input_chain_decides_for_whom_it_names() {
    let everybody = |words: &str| [words; 4].join(" | ");
    let nobody_else = |words: &str| format!("{words} | closed | closed | closed");
    let unclear = everybody("? “frobnicate” isn't understood");
    for (rules, expected) in [
        ("", everybody("closed")),
        ("iif lo accept", "closed | closed | closed | open".to_owned()),
        ("tcp 80 accept", everybody("open")),
        ("udp 80 accept", everybody("closed")),
        ("state established accept", everybody("closed")),
        ("state new tcp 22,80 accept", everybody("open")),
        ("iif eth* tcp 1-1000 accept", "open | only from 203.0.113.0/30 by eth0 | closed | closed".to_owned()),
        ("saddr 198.51.100.0/24 accept", nobody_else("only from 198.51.100.0/24")),
        ("saddr 10.0.0.0/8 accept", "closed | only from 10.0.0.0/8 | closed | closed".to_owned()),
        ("saddr not 198.51.100.0/24 accept", "not from 198.51.100.0/24 | open | open | open".to_owned()),
        ("saddr6 2001:db8::/32 accept", everybody("closed")),
        ("saddr6 not 2001:db8::/32 accept", everybody("closed")),
        ("daddr 203.0.113.2 accept", "open | only at 203.0.113.2 | only at 203.0.113.2 | closed".to_owned()),
        ("map tcp 22=accept 80=accept ;", everybody("open")),
        ("map tcp 22=accept 80=drop ;\naccept", everybody("closed")),
        (
            "map saddr 198.51.100.7=accept 192.168.7.0/24=accept ;",
            "only from 198.51.100.7 | only from 192.168.7.0/24 by lan0 | closed | closed".to_owned(),
        ),
        ("saddr @trusted accept", everybody("only if listed in the set trusted")),
        ("saddr @banned drop\naccept", everybody("unless listed in the set banned")),
        ("saddr @few accept", nobody_else("only from 198.51.100.7")),
        ("within 3/minute accept", everybody("open")),
        ("above 3/minute drop\naccept", everybody("open")),
        ("sport 53 accept", everybody("only if sent from port 53")),
        ("unknown frobnicate accept", unclear.clone()),
        ("unknown frobnicate drop", everybody("closed")),
        ("unknown frobnicate jump nothing\naccept", everybody("open")),
        (
            "unknown frobnicate jump some\nsaddr not 198.51.100.0/24 accept",
            "not from 198.51.100.0/24 | open | open | open".to_owned(),
        ),
        ("unknown frobnicate jump some\nsaddr 198.51.100.0/24 accept", unclear.clone()),
        ("act frobnicate\naccept", unclear.clone()),
        ("queue", everybody("? a program decides")),
        ("jump some", "not from 198.51.100.0/24 | open | open | open".to_owned()),
        ("goto some\naccept", "not from 198.51.100.0/24 | open | open | open".to_owned()),
        ("mark= 5\nmark 5 accept", everybody("open")),
        ("unknown frobnicate mark= 5\nmark 5 accept\nmark not 5 accept", everybody("open")),
        ("unknown frobnicate mark= 5\nmark 5 accept", unclear),
        ("icmp 8 accept\nicmp not 8 accept", everybody("closed")),
        ("asked 80 accept", everybody("open")),
        ("to local accept", everybody("open")),
    ] {
        let tables = format!(
            "table inet filter\nset trusted\nset banned\nset few 198.51.100.7\nchain nothing\nreturn\nchain some\nsaddr 198.51.100.0/24 return\ntcp 80 accept\n\
             chain input filter input 0 drop\n{rules}"
        );
        assert_eq!(ask(&tables, "0.0.0.0>80/tcp", Family::V4), expected, "{rules}");
    }
}

/// Who is in a set, or sends from a port that few use, is named only where it makes a difference, and the right way round.
#[test]
fn exceptions_are_those_of_the_people_whom_they_concern() {
    let some = "only from 198.51.100.0/24";
    let everybody = |words: &str| [words; 4].join(" | ");
    for (rules, expected) in [
        (
            "saddr @banned drop\nsaddr 198.51.100.0/24 accept",
            format!("{some}, unless listed in the set banned | closed | closed | closed"),
        ),
        (
            "saddr @trusted accept\nsaddr 198.51.100.0/24 accept",
            format!("{some}, or if listed in the set trusted | {}", ["only if listed in the set trusted"; 3].join(" | ")),
        ),
        (
            "saddr @trusted accept\nsaddr @banned drop\nsaddr not 198.51.100.0/24 accept",
            "not from 198.51.100.0/24, unless listed in the set banned and not listed in the set trusted, or if listed in \
             the set trusted | "
                .to_owned()
                + &["unless listed in the set banned and not listed in the set trusted"; 3].join(" | "),
        ),
        (
            "saddr @banned drop\nsaddr @trusted accept",
            everybody("only if listed in the set trusted and not listed in the set banned"),
        ),
        ("saddr @one accept\nsaddr @two accept", everybody("only if listed in the set one or listed in the set two")),
        ("saddr not @trusted drop\naccept", everybody("only if listed in the set trusted")),
        ("saddr not @banned accept", everybody("unless listed in the set banned")),
        ("sport 32768-60999 drop\naccept", everybody("unless sent from port 32768-60999")),
        ("sport 32768-60999 accept", everybody("only if sent from port 32768-60999")),
        ("saddr @banned drop", everybody("closed")),
        ("saddr @trusted accept\naccept", everybody("open")),
    ] {
        let tables = format!(
            "table inet filter\nset trusted\nset banned\nset one\nset two\nchain input filter input 0 drop\n{rules}"
        );
        assert_eq!(ask(&tables, "0.0.0.0>80/tcp", Family::V4), expected, "{rules}");
    }
}

/// Over IPv6 nobody gets in who can't find this host on the link.
#[test]
fn without_neighbour_discovery_no_port_is_reached_over_ipv6() {
    let open = "open | open | no way | open";
    let shut = "closed | closed | no way | open";
    let chance = "? neighbour discovery is dropped, so only those find this host whom it found first";
    let unclear = [chance, chance, "no way", "open"].join(" | ");
    let accepts = "chain output filter output 0 accept";
    for (input, output, expected) in [
        ("accept", accepts, open),
        ("tcp 80 accept\niif lo accept", accepts, shut),
        ("tcp 80 accept\niif lo accept\nprotocol 58 accept", accepts, open),
        ("tcp 80 accept\niif lo accept\nicmp6 135-136 accept", accepts, open),
        ("tcp 80 accept\niif lo accept\nstate untracked accept", accepts, open),
        ("tcp 80 accept\niif lo accept\nicmp6 128 accept", accepts, shut),
        ("tcp 80 accept\niif lo accept\nicmp6 136 accept", accepts, &unclear),
        ("tcp 80 accept\niif lo accept\nunknown hoplimit icmp6 135 accept", accepts, open),
        ("accept", "chain output filter output 0 drop\ntcp 80 accept\nstate established accept", shut),
        ("accept", "chain output filter output 0 drop\ntcp 80 accept\nprotocol 58 accept", open),
        ("iif lan0 icmp6 135 drop\naccept", accepts, &["open", chance, "no way", "open"].join(" | ")),
    ] {
        let tables = format!("table inet filter\n{output}\nchain input filter input 0 drop\n{input}");
        assert_eq!(ask(&tables, "*>80/tcp", Family::V6), expected, "{input}\n{output}");
        let four = ask(&tables, "*>80/tcp", Family::V4);
        assert!(!four.contains("closed") && !four.contains('?'), "{four}");
    }
}
