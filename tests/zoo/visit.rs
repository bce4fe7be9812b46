//! Compares every answer about a host with what happens when somebody knocks.

use std::{fmt::Write as _, net::IpAddr, sync::Arc};

use portreeve::{
    actions::{HelperSocket, reached_now},
    boundary::{Request, Response},
    firewall::{
        AddressRange, Family, Listener, Moment,
        exposure::{self, Exposure, Origin, Reach, Surroundings},
        foreign::Foreign,
        listener::Bind,
    },
};

use super::town::{Knock, STRANGERS, Town, facing, peer, wire};
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
    listeners: Vec<Listener>,
    exposures: Vec<Exposure>,
    unreadable: Vec<String>,
}

impl Seen {
    /// Asks a real helper on the host.
    pub fn of(town: &Town) -> Self {
        let helper = Running::start_in(open_dir(), town.host.command(env!("CARGO_BIN_EXE_portreeve-helper")));
        let mut helper = helper.greet();
        let answers = [Request::ListListeners {}, Request::ReadSurvey {}, Request::ReadForeign { ours: false }];
        match answers.map(|request| helper.ask(&request)) {
            [Some(Response::Listeners(listing)), Some(Response::Survey(survey)), Some(Response::Foreign(tables))] => {
                let (listeners, foreign) = (listing.listeners, Foreign::read(&tables));
                let surroundings = Surroundings { foreign: &foreign, ours: None, survey: &survey };
                let exposures = exposure::exposures(&listeners, &surroundings);
                Self { listeners, exposures, unreadable: foreign.unreadable }
            }
            other => panic!("{other:?}"),
        }
    }

    /// Asks the helper that guards the host, whose rules count too.
    pub fn beside_ours(helper: &Running) -> Self {
        let helper = HelperSocket::new(&helper.socket());
        let listing = Arc::new(helper.list_listeners().unwrap());
        let found = reached_now(&helper, Arc::clone(&listing), Moment::from_millis(1_795_375_697_000)).unwrap();
        let exposures = listing.listeners.iter().map(|listener| found.of(listener).unwrap().clone()).collect();
        Self { listeners: listing.listeners.clone(), exposures, unreadable: Vec::new() }
    }
}

/// Knocks at every listener from everywhere and compares.
pub fn compare(town: &Town, expected: &[Expected]) {
    let seen = Seen::of(town);
    assert_eq!(seen.unreadable, Vec::<String>::new());
    let wrong = differences(town, &seen, expected);
    assert!(wrong.is_empty(), "{wrong}");
}

/// Where what is said isn't what happens.
pub fn differences(town: &Town, seen: &Seen, expected: &[Expected]) -> String {
    let mut wrong = String::new();
    for origin in Origin::ALL {
        let mut knocks = Vec::new();
        for (listener, exposure) in seen.listeners.iter().zip(&seen.exposures) {
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
    wrong
}

/// The answer about one port over IPv4.
pub fn reach(town: &Town, port: u16, origin: Origin) -> Reach {
    let seen = Seen::of(town);
    let of_port = |(listener, _): &(&Listener, &Exposure)| listener.port == port;
    let (_, exposure) = seen.listeners.iter().zip(&seen.exposures).find(of_port).unwrap();
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
        Reach::Partly(words) => match says(words, knock, origin) {
            Some(lets_in) => lets_in == reached,
            None => is_expected(words) && (origin != Origin::World || is_so(knock, words) == reached),
        },
    }
}

/// Whether the words let this knock in; none if they don't say it by addresses.
fn says(words: &str, knock: &Knock, origin: Origin) -> Option<bool> {
    // Nobody here knocks from a port that a rule names, or is in a set that wasn't read.
    let words = words.split(", or if ").next()?.split(", unless ").next()?;
    if let Some(ranges) = words.strip_prefix("not from ") {
        return is_among(ranges, knock, origin).map(|is_among| !is_among);
    }
    if words.starts_with("unless sent from port") || words.starts_with("only if sent from port") {
        return Some(words.starts_with("unless"));
    }
    let places = words.strip_prefix("only ")?;
    if let Some(found) = places.strip_prefix("from ").and_then(|ranges| is_among(ranges, knock, origin)) {
        return Some(found);
    }
    let said = places.split("; ").map(|place| {
        let (place, there) = place.split_once(", there ").map_or((place, None), |(place, there)| (place, Some(there)));
        let (from, at) = place.split_once("at ").map_or((place, None), |(from, at)| (from.trim(), Some(at)));
        let is_there = at.is_none_or(|at| at.parse() == Ok(knock.address)) && comes_from(from, knock, origin)?;
        if is_there { there.map_or(Some(true), |there| says(there, knock, origin)) } else { Some(false) }
    });
    said.collect::<Option<Vec<bool>>>().map(|said| said.contains(&true))
}

fn is_among(ranges: &str, knock: &Knock, origin: Origin) -> Option<bool> {
    let ranges: Option<Vec<AddressRange>> = ranges.split(", ").map(|range| AddressRange::parse(range).ok()).collect();
    let source = knock.source.unwrap_or_else(|| peer(origin, Family::of(knock.address)));
    ranges.map(|ranges| ranges.iter().any(|range| range.contains(source)))
}

/// `from 192.168.7.0/24 by lan0`.
fn comes_from(from: &str, knock: &Knock, origin: Origin) -> Option<bool> {
    if from.is_empty() {
        return Some(true);
    }
    let (network, by) = from.strip_prefix("from ")?.split_once(" by ")?;
    let is_network = network == "the world" || is_among(network, knock, origin)?;
    Some(by == wire(origin) && is_network)
}

/// The first stranger is like anybody else; the second is the one that rules name, and who is in their sets.
fn is_so(knock: &Knock, words: &str) -> bool {
    let is_second = STRANGERS[1].iter().any(|second| knock.source == second.parse().ok());
    if words.starts_with("only") { is_second } else { !is_second }
}
