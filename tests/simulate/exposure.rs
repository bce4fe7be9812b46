//! Who reaches a port by our own rules, asked of the simulator and of what follows packets through all tables.

use std::net::IpAddr;

use portreeve::firewall::{
    Action, AddressRange, Family, InterfaceName, Listener, compile,
    enforcement::{OwnAddress, Survey},
    exposure::{Answer, Origin, Reach, Surroundings, exposures},
    foreign::Foreign,
    listener::{Bind, Transport},
    simulate::{Content, Packet, Passage, Route, SYN, Simulator},
};

use super::generate::{self, Random};
use crate::kernel::lab::{INTERFACES, Lab, address};

/// Strangers; of private and own addresses none is one.
const STRANGERS: [[&str; 4]; 2] = [
    ["198.51.100.7", "198.51.100.8", "203.0.113.255", "8.8.8.8"],
    ["2001:db8::7", "2001:db8::8", "2001:db8:1::1", "2600::1"],
];
const PORTS: [u16; 9] = [22, 53, 80, 110, 443, 1024, 8080, 9090, 65_535];

fn survey() -> Survey {
    let interfaces = INTERFACES.map(|name| InterfaceName::parse(name).expect("a name"));
    let own = |(index, interface): (usize, &InterfaceName)| {
        let (net, interface) = (index + 1, interface.clone());
        [(format!("10.99.{net}.1"), 24), (format!("fd99:{net}::1"), 64)].map(|(own, length)| {
            let network = AddressRange::network(address(&own), length).expect("a network");
            OwnAddress { interface: interface.clone(), address: address(&own), network }
        })
    };
    let addresses = interfaces.iter().enumerate().flat_map(own).collect();
    // The main table has no routes to addresses of the host itself.
    let routes: Vec<Route> = Lab::routes().into_iter().filter(|route| route.interface.as_str() != "lo").collect();
    Survey { interfaces: interfaces.into(), addresses, routes }
}

fn listener(transport: Transport, port: u16) -> Listener {
    Listener {
        transport,
        bind: Bind::AnyDual,
        port,
        interface: None,
        uid: 0,
        user: None,
        processes: Vec::new(),
        unit: None,
        container: None,
    }
}

fn packet(source: IpAddr, listener: &Listener, input: &str) -> Packet {
    let own = match Family::of(source) {
        Family::V4 => "10.99.1.1",
        Family::V6 => "fd99:1::1",
    };
    let content = match listener.transport {
        Transport::Tcp => Content::Tcp { from: 50_000, port: listener.port, flags: SYN },
        Transport::Udp => Content::Udp { from: 50_000, port: listener.port },
    };
    let input = InterfaceName::parse(input).expect("a name");
    Packet::first(source, address(own), content, Passage::In { input }).expect("a packet")
}

/// Whether the answer lets this source in, where it says.
fn lets_in(answer: &Answer, source: IpAddr) -> Option<bool> {
    let is_named = |words: &str| -> Option<bool> {
        let ranges: Option<Vec<AddressRange>> = words.split(", ").map(|text| AddressRange::parse(text).ok()).collect();
        Some(ranges?.iter().any(|range| range.contains(source)))
    };
    match &answer.reach {
        Reach::Open => Some(true),
        Reach::Closed => Some(false),
        Reach::Partly(words) => match (words.strip_prefix("only from "), words.strip_prefix("not from ")) {
            (Some(named), _) => is_named(named),
            (_, Some(named)) => is_named(named).map(|is_named| !is_named),
            (None, None) => None,
        },
        Reach::Unreachable | Reach::CantTell(_) => panic!("our own rules are clear: {:?}", answer.reach),
    }
}

#[test]
fn what_is_said_of_a_port_is_what_the_simulator_says_of_packets() {
    let (survey, foreign) = (survey(), Foreign::default());
    let mut said = [0, 0];
    for seed in generate::seeds("PORTREEVE_EXPOSURE_SEED", 40) {
        let mut random = Random::new(seed);
        let checked = generate::ruleset(&mut random);
        let compiled = compile(&checked, 1);
        let situation = generate::situation(&mut random);
        let simulator = Simulator::new(&compiled, &situation);
        let listeners: Vec<Listener> =
            PORTS.iter().flat_map(|port| [listener(Transport::Tcp, *port), listener(Transport::Udp, *port)]).collect();
        let surroundings = Surroundings { foreign: &foreign, ours: Some((&compiled, &situation)), survey: &survey };
        for (listener, exposure) in listeners.iter().zip(exposures(&listeners, &surroundings)) {
            assert!(!exposure.is_around_our_firewall(), "there is nothing but our firewall");
            for source in STRANGERS.into_iter().flatten().map(address) {
                let answer = exposure.answer(Origin::World, Family::of(source)).expect("it has both families");
                let passes = simulator.judge(&packet(source, listener, "world0"));
                let passes_it = passes.verdict.action == Action::Allow;
                let Some(expected) = lets_in(answer, source) else { continue };
                said[usize::from(expected)] += 1;
                assert_eq!(
                    expected, passes_it,
                    "PORTREEVE_EXPOSURE_SEED={seed} {source} {listener:?}\n{answer:#?}\n{:#?}",
                    passes.path
                );
            }
        }
    }
    assert!(said.iter().all(|said| *said > 200), "{said:?}");
}
