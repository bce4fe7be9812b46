//! Sends a ruleset into a rehearsal before it may touch the host.

use std::net::IpAddr;

use super::Keeper;
use crate::{
    boundary::Refusal,
    firewall::{AddressRange, List, Parts, Ruleset, enforcement::Survey, simulate::Packet},
    helper::{
        programs::Job,
        rehearse::{Rehearsal, Rehearsed},
    },
};

impl Keeper {
    /// Has the kernel judge the probes in a network of their own. Gives the number of those that could be sent.
    pub(super) fn send_probes(&self, ruleset: &Ruleset, probes: &[Packet], survey: Survey) -> Result<u32, Refusal> {
        let unable = |reason: String| Refusal::Rehearsal { reason };
        let ruleset = about(ruleset, probes);
        let rehearsal = Rehearsal { ruleset, probes: probes.to_vec(), survey };
        let rehearsal = serde_json::to_string(&rehearsal).map_err(|error| unable(error.to_string()))?;
        let outcome = self.programs.run(&Job::Rehearse(rehearsal)).map_err(|fault| unable(fault.to_string()))?;
        let Rehearsed { sent, disagreements } =
            serde_json::from_str(&outcome).map_err(|error| unable(error.to_string()))?;
        if disagreements.is_empty() { Ok(sent) } else { Err(Refusal::Disagreement { disagreements }) }
    }
}

/// The ruleset without the list entries that none of the packets is about: a rehearsal of a million would take long.
fn about(ruleset: &Ruleset, packets: &[Packet]) -> Ruleset {
    let mut addresses: Vec<IpAddr> =
        packets.iter().flat_map(|packet| [packet.source(), packet.destination()]).collect();
    addresses.sort_unstable();
    let is_met = |range: AddressRange| {
        let next = addresses.partition_point(|address| *address < range.first());
        addresses.get(next).is_some_and(|address| range.contains(*address))
    };
    let parts = ruleset.parts();
    let lists = parts.lists.iter().map(|list| List {
        name: list.name.clone(),
        note: list.note.clone(),
        entries: list.entries.iter().filter(|entry| is_met(entry.addresses)).cloned().collect(),
    });
    let parts = Parts {
        policy: parts.policy.clone(),
        services: parts.services.clone(),
        rules: parts.rules.clone(),
        lists: lists.collect(),
    };
    Ruleset::try_from(parts).expect("no larger than the ruleset it is a part of")
}
