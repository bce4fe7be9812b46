//! Compares every answer about a host with what happens when somebody knocks.

use std::{fmt::Write as _, net::IpAddr};

use portreeve::{
    actions::HelperSocket,
    firewall::{
        Family, Listener,
        enforcement::Survey,
        exposure::{self, Exposure, Origin, Reach, Surroundings},
        foreign::Foreign,
        listener::Bind,
    },
};

use super::town::{Knock, STRANGERS, Town, facing, wire};
use crate::helper::running::{Running, open_dir};

/// What a case expects besides that answers are true: where the answer need not be yes or no.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// 0 for any.
    pub port: u16,
    pub origin: Origin,
    pub words: &'static str,
}

/// A host, seen by the panel.
pub struct Seen {
    pub listeners: Vec<Listener>,
    pub survey: Survey,
    pub foreign: Foreign,
}

impl Seen {
    /// Asks a real helper on the host.
    pub fn of(town: &Town) -> Self {
        let helper = Running::start_in(open_dir(), town.host.command(env!("CARGO_BIN_EXE_portreeve-helper")));
        let helper = HelperSocket::new(&helper.socket());
        let listing = helper.list_listeners().unwrap();
        let foreign = Foreign::read(&helper.read_foreign().unwrap());
        Self { listeners: listing.listeners, survey: helper.read_survey().unwrap(), foreign }
    }

    fn exposures(&self) -> Vec<Exposure> {
        let surroundings = Surroundings { foreign: &self.foreign, ours: None, survey: &self.survey };
        exposure::exposures(&self.listeners, &surroundings)
    }
}

/// Knocks at every listener from everywhere and compares.
pub fn compare(town: &Town, expected: &[Expected]) {
    let seen = Seen::of(town);
    assert_eq!(seen.foreign.unreadable, Vec::<String>::new());
    let exposures = seen.exposures();
    let mut wrong = String::new();
    for origin in Origin::ALL {
        let mut knocks = Vec::new();
        for (listener, exposure) in seen.listeners.iter().zip(&exposures) {
            for family in Family::BOTH {
                let Some(answer) = exposure.answer(origin, family) else { continue };
                for source in sources(origin, family) {
                    knocks.push((knock(listener, origin, family, source), &answer.reach, answer));
                }
            }
        }
        let only: Vec<Knock> = knocks.iter().map(|(knock, ..)| knock.clone()).collect();
        for ((knock, reach, answer), reached) in knocks.iter().zip(town.knock(origin, &only)) {
            if !agrees(knock, origin, reach, reached, expected) {
                let _ =
                    writeln!(wrong, "{origin:?} {knock:?}: {reach:?}, but reached: {reached}\n  {:#?}", answer.path);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The answer about one port over IPv4.
pub fn reach(town: &Town, port: u16, origin: Origin) -> Reach {
    let seen = Seen::of(town);
    let of_port = |(listener, _): &(&Listener, Exposure)| listener.port == port;
    let (_, exposure) = seen.listeners.iter().zip(seen.exposures()).find(of_port).unwrap();
    exposure.answer(origin, Family::V4).unwrap().reach.clone()
}

fn sources(origin: Origin, family: Family) -> Vec<Option<IpAddr>> {
    match origin {
        Origin::World => STRANGERS.map(|both| both[usize::from(family == Family::V6)].parse().ok()).to_vec(),
        Origin::Networks | Origin::Containers | Origin::Host => vec![None],
    }
}

fn knock(listener: &Listener, origin: Origin, family: Family, source: Option<IpAddr>) -> Knock {
    let address = match listener.bind {
        Bind::Address(address) => address,
        Bind::Any4 | Bind::Any6 | Bind::AnyDual => facing(origin, family),
    };
    Knock { transport: listener.transport, source, address, port: listener.port }
}

fn agrees(knock: &Knock, origin: Origin, reach: &Reach, reached: bool, expected: &[Expected]) -> bool {
    let is_expected = |words: &str| {
        let mut fitting =
            expected.iter().filter(|expected| [0, knock.port].contains(&expected.port) && expected.origin == origin);
        fitting.any(|expected| words.contains(expected.words))
    };
    match reach {
        Reach::Open => reached,
        Reach::Closed | Reach::Unreachable => !reached,
        Reach::CantTell(words) => is_expected(words),
        Reach::Partly(words) if words.contains(" by ") => words.contains(&format!(" by {}", wire(origin))) == reached,
        Reach::Partly(words) if words.starts_with("only at ") => words.contains(&knock.address.to_string()) == reached,
        Reach::Partly(words) => is_expected(words) && (origin != Origin::World || is_so(knock, words) == reached),
    }
}

/// The first stranger is like anybody else; the second is the one that rules name, and who is in their sets.
fn is_so(knock: &Knock, words: &str) -> bool {
    let is_second = STRANGERS[1].iter().any(|second| knock.source == second.parse().ok());
    if words.starts_with("only") { is_second } else { !is_second }
}
