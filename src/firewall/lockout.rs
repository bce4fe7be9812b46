//! Whether a ruleset would shut an administrator out of the panel or of SSH.

use std::net::IpAddr;

use super::{
    Action, CheckedRuleset, PortRange, Ports, compile,
    enforcement::Survey,
    listener::Transport,
    port::Port,
    simulate::{Packet, Passage, Simulator, Situation},
    witness,
};

/// Somebody who must not be shut out unnoticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifeline {
    /// From where.
    pub address: IpAddr,
    /// Why it counts, as it stands in a list: "this browser".
    pub why: String,
}

/// The ways in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doors {
    /// The panel's ports.
    pub panel: Vec<u16>,
    /// SSH's ports.
    pub ssh: Vec<u16>,
}

/// What becomes of a way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It stays open.
    Kept,
    /// It wasn't open and isn't then.
    Shut,
    /// It is open and would be shut.
    Lost,
}

/// What becomes of somebody's ways in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// Whose.
    pub lifeline: Lifeline,
    /// The panel.
    pub panel: Hold,
    /// SSH.
    pub ssh: Hold,
}

impl Fate {
    /// Whether a way in is lost.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        self.panel == Hold::Lost || self.ssh == Hold::Lost
    }
}

/// The packets that open a connection from somebody to a port, as they would come in.
#[must_use]
pub fn packet(from: IpAddr, port: u16, survey: &Survey) -> Option<Packet> {
    let port = Port::new(port)?;
    let ports = Ports { transport: Transport::Tcp, range: PortRange::between(port, port)? };
    let passage = Passage::In { input: survey.towards(from) };
    Packet::first(from, survey.facing(from), witness::opening(ports), passage).ok()
}

/// Judges every way in of everybody, before and after. Without a ruleset everything is open.
#[must_use]
pub fn fates(
    lifelines: Vec<Lifeline>,
    doors: &Doors,
    survey: &Survey,
    (old, new): (Option<&CheckedRuleset>, &CheckedRuleset),
    situation: &Situation,
) -> Vec<Fate> {
    let (old, new) = (old.map(|old| compile(old, 0)), compile(new, 0));
    let before = old.as_ref().map(|old| Simulator::new(old, situation));
    let after = Simulator::new(&new, situation);
    let passes = |simulator: &Simulator<'_>, packet: &Packet| simulator.judge(packet).verdict.action == Action::Allow;
    let hold = |from: IpAddr, ports: &[u16]| {
        let packets: Vec<Packet> = ports.iter().filter_map(|port| packet(from, *port, survey)).collect();
        let was = packets.iter().filter(|packet| before.as_ref().is_none_or(|before| passes(before, packet)));
        let was: Vec<&Packet> = was.collect();
        match was.is_empty() {
            true if packets.iter().any(|packet| passes(&after, packet)) => Hold::Kept,
            true => Hold::Shut,
            false if was.iter().any(|packet| passes(&after, packet)) => Hold::Kept,
            false => Hold::Lost,
        }
    };
    let fate = |lifeline: Lifeline| {
        let (panel, ssh) = (hold(lifeline.address, &doors.panel), hold(lifeline.address, &doors.ssh));
        Fate { lifeline, panel, ssh }
    };
    lifelines.into_iter().map(fate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{Moment, Surroundings, check};

    fn checked(rules: &str) -> CheckedRuleset {
        let surroundings = Surroundings { now: Moment::from_millis(0), interfaces: None, networks: Vec::new() };
        check(serde_json::from_str(&format!(r#"{{"rules":[{rules}]}}"#)).unwrap(), &surroundings).unwrap()
    }

    #[test]
    fn what_was_open_and_would_be_shut_is_lost_in_both_families() {
        let office = r#"{"id":1,"action":"allow","direction":"in","who":["203.0.113.0/24","2001:db8::/32"],"to":["ssh","portreeve"]}"#;
        let narrow = r#"{"id":1,"action":"allow","direction":"in","who":["203.0.113.0/24"],"to":["ssh"]}"#;
        let (old, new) = (checked(office), checked(narrow));
        let situation = Situation { now: Moment::from_millis(0), bans: Vec::new(), routes: Vec::new() };
        let doors = Doors { panel: vec![8470], ssh: vec![22] };
        let holds = |address: &str, old: Option<&CheckedRuleset>| {
            let lifeline = Lifeline { address: address.parse().unwrap(), why: String::new() };
            let fate = fates(vec![lifeline], &doors, &Survey::default(), (old, &new), &situation).remove(0);
            (fate.panel, fate.ssh)
        };
        assert_eq!(holds("203.0.113.9", Some(&old)), (Hold::Lost, Hold::Kept));
        assert_eq!(holds("2001:db8::9", Some(&old)), (Hold::Lost, Hold::Lost));
        assert_eq!(holds("198.51.100.7", Some(&old)), (Hold::Shut, Hold::Shut));
        assert_eq!(holds("198.51.100.7", None), (Hold::Lost, Hold::Lost), "the firewall was off");
    }
}
