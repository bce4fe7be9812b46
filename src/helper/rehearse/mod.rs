//! The rehearsal: a ruleset meets real packets in a network namespace that is gone afterwards, and what the kernel does
//! with them is compared with what the simulator says.
//!
//! It runs as a process of its own that starts out in a fresh network namespace. What it makes there ends with it,
//! however it ends.

mod network;
mod stage;

use std::{
    collections::BTreeSet,
    io::{self, Read, Write},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    clock,
    programs::{self, Job, Programs},
    survey,
};
use crate::firewall::{
    Action, Compiled, Ruleset, check, compile,
    enforcement::{Disagreement, Survey},
    nft::Present,
    simulate::{Packet, Simulator, Situation},
};
use network::Network;
use stage::Stage;

/// What is to be rehearsed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rehearsal {
    /// The ruleset.
    pub ruleset: Ruleset,
    /// Packets to send for real.
    pub probes: Vec<Packet>,
    /// The host's place in its networks.
    pub survey: Survey,
}

/// How it went.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rehearsed {
    /// How many packets were really sent. Those that can't be, say to a broadcast address, are left out.
    pub sent: u32,
    /// Those of them that the kernel judged differently than the simulator.
    pub disagreements: Vec<Disagreement>,
}

/// Why no rehearsal was held.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Standard input holds something else.
    #[error("this isn't a rehearsal: {0}")]
    Input(#[source] serde_json::Error),
    /// This is a network namespace that somebody uses.
    #[error("a rehearsal needs a fresh network namespace")]
    NotFresh,
    /// The ruleset has errors.
    #[error("the ruleset has errors")]
    Invalid,
    /// The kernel or a file.
    #[error("{0}")]
    System(#[from] io::Error),
    /// A program failed.
    #[error("{0}")]
    Program(#[from] programs::Fault),
    /// A listing isn't understood.
    #[error("nft's listing isn't understood: {0}")]
    Listing(#[source] serde_json::Error),
    /// Packets were lost where nothing drops them.
    #[error("{0} packets never arrived")]
    Lost(usize),
}

/// How long packets may take to arrive; they hardly take any time.
const PATIENCE: Duration = Duration::from_secs(3);

/// The number of the first packet; it is the IPv4 identification or the IPv6 flow label.
const FIRST: u16 = 20_000;

/// Holds the rehearsal on standard input and tells on standard output how it went.
pub fn run() -> Result<(), Fault> {
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input)?;
    let rehearsal: Rehearsal = serde_json::from_slice(&input).map_err(Fault::Input)?;
    let rehearsed = hold(rehearsal)?;
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &rehearsed).map_err(io::Error::from)?;
    Ok(output.flush()?)
}

fn hold(rehearsal: Rehearsal) -> Result<Rehearsed, Fault> {
    let here = survey::read()?;
    if !here.addresses.is_empty() || !here.routes.is_empty() {
        return Err(Fault::NotFresh);
    }
    let surroundings = survey::surroundings(&rehearsal.survey, clock::now());
    let checked = check(rehearsal.ruleset, &surroundings).map_err(|_| Fault::Invalid)?;
    let compiled = compile(&checked, 0);
    let stage = Stage::new(&rehearsal.probes, &rehearsal.survey, &here.interfaces, network::has_ipv6());
    let network = Network::make(&stage)?;
    programs::watch()?;
    let batch = compiled.batch_with_members(&Present::default(), clock::now());
    Programs::Direct.run(&Job::Commit(serde_json::to_string(&batch).map_err(io::Error::from)?))?;
    for (number, packet) in (FIRST..).zip(&stage.packets) {
        network.send(packet, number)?;
    }
    let passed = observe(&stage)?;
    let situation = Situation { now: clock::now(), bans: Vec::new(), routes: stage.routes() };
    let sent = u32::try_from(stage.packets.len()).unwrap_or(u32::MAX);
    Ok(Rehearsed { sent, disagreements: compare(&compiled, &situation, &stage.packets, &passed) })
}

/// The numbers of the packets that passed, once all that were to come in have come.
fn observe(stage: &Stage) -> Result<BTreeSet<u16>, Fault> {
    let end = Instant::now() + PATIENCE;
    loop {
        let listing: Json = serde_json::from_str(&programs::observe()?).map_err(Fault::Listing)?;
        let came = numbers(&listing, "came");
        let expected = (FIRST..).zip(&stage.packets).filter(|(_, packet)| stage::comes_in(packet));
        let lost = expected.filter(|(number, _)| !came.contains(number)).count();
        if lost == 0 {
            return Ok(numbers(&listing, "passed"));
        }
        if Instant::now() >= end {
            return Err(Fault::Lost(lost));
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn numbers(listing: &Json, name: &str) -> BTreeSet<u16> {
    let objects = listing["nftables"].as_array().into_iter().flatten();
    let sets = objects.filter(|object| object["set"]["name"].as_str().is_some_and(|found| found.starts_with(name)));
    let members = sets.filter_map(|object| object["set"]["elem"].as_array()).flatten();
    members.filter_map(|member| u16::try_from(member.as_u64()?).ok()).collect()
}

/// Packets with consecutive numbers of which the kernel let others pass than the simulator. A source that the ruleset
/// holds to a limit may be above it.
fn compare(
    compiled: &Compiled,
    situation: &Situation,
    packets: &[Packet],
    passed: &BTreeSet<u16>,
) -> Vec<Disagreement> {
    let simulator = Simulator::new(compiled, situation);
    let judge = |(number, packet): (u16, &Packet)| {
        let (outcome, passed) = (simulator.judge(packet), passed.contains(&number));
        let mut possible = outcome.above.iter().chain([&outcome.verdict]);
        let agrees = possible.any(|verdict| (verdict.action == Action::Allow) == passed);
        let disagreement = Disagreement { packet: packet.clone(), simulated: outcome.verdict.action, passed };
        (!agrees).then_some(disagreement)
    };
    (FIRST..).zip(packets).filter_map(judge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{
        InterfaceName, Parts, Surroundings,
        simulate::{Content, Passage, SYN},
    };

    #[test]
    fn what_the_kernel_judges_otherwise_is_a_disagreement() {
        let now = clock::now();
        let surroundings = Surroundings { now, interfaces: None, networks: Vec::new() };
        let ruleset = Ruleset::try_from(Parts::default()).unwrap();
        let compiled = compile(&check(ruleset, &surroundings).unwrap(), 0);
        let situation = Situation { now, bans: Vec::new(), routes: Vec::new() };
        let input = InterfaceName::parse("eth0").unwrap();
        let content = Content::Tcp { from: 40_000, port: 22, flags: SYN };
        let (source, destination) = ("192.0.2.1".parse().unwrap(), "198.51.100.1".parse().unwrap());
        let packet = Packet::first(source, destination, content, Passage::In { input }).unwrap();
        let packets = [packet.clone(), packet.clone()];
        assert_eq!(compare(&compiled, &situation, &packets, &BTreeSet::new()), []);
        let found = compare(&compiled, &situation, &packets, &BTreeSet::from([FIRST + 1]));
        assert_eq!(found, [Disagreement { packet, simulated: Action::Drop, passed: true }]);
    }
}
