//! A packet that was turned away, as it would come again: to ask today's rules, and to find the rule that lets it in.

use std::net::IpAddr;

use super::{
    Action, AddressRange, Automatic, Direction, InterfaceName, Line, Peer, Rule, RuleId, Text,
    aim::Aim,
    blocked::{Blocked, Door, Source},
    enforcement::Survey,
    simulate::{Content, Packet, Passage, SYN},
    witness::SENDER_PORT,
};

impl Door {
    /// What was tried.
    #[must_use]
    pub const fn aim(&self) -> Aim {
        Aim { protocol: self.protocol, port: self.port }
    }
}

impl Source {
    /// An address of it; none of many.
    #[must_use]
    pub fn some_address(self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(address),
            Self::Network(network) => Some(network.addr()),
            Self::Many(_) => None,
        }
    }

    /// Its addresses; none of many.
    #[must_use]
    pub fn addresses(self) -> Option<AddressRange> {
        match self {
            Self::Address(address) => Some(address.into()),
            Self::Network(network) => Some(network.into()),
            Self::Many(_) => None,
        }
    }
}

/// Why a packet can't be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// Several were put together, and they may be judged in different ways.
    Several,
    /// It was for a published port of a container, and what the sender named wasn't recorded.
    Translated,
}

impl Unclear {
    /// It in a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Several => "Several packets were put together in this row, and the rules may treat them differently.",
            Self::Translated => {
                "It was on its way to a container, and the port that the sender named isn’t part of the record."
            }
        }
    }
}

/// The first packet of the row, were it to come again. TCP flags aren't recorded: it is taken for one that opens a
/// connection.
///
/// # Errors
/// When the row doesn't tell enough.
pub fn again(row: &Blocked, survey: &Survey) -> Result<Packet, Unclear> {
    let Source::Address(source) = row.source else { return Err(Unclear::Several) };
    let door = &row.door;
    if is_translated(door) {
        return Err(Unclear::Translated);
    }
    let content = content(door, row.source_port).ok_or(Unclear::Several)?;
    let destination = door.destination.unwrap_or_else(|| survey.facing(source));
    let passage = passage(door, source, survey);
    Packet::first(source, destination, content, passage).map_err(|_| Unclear::Several)
}

/// Whether it went through this host and met the lines for what comes in: to a published port.
fn is_translated(door: &Door) -> bool {
    let is_forwarded = door.incoming.is_some() && door.outgoing.is_some();
    let is_early = matches!(door.receipt.line, Line::Automatic(line) if line < Automatic::Ping);
    is_forwarded && !is_early && door.receipt.line != Line::Automatic(Automatic::DefaultForward)
}

fn content(door: &Door, source_port: Option<u16>) -> Option<Content> {
    let from = source_port.unwrap_or(SENDER_PORT);
    match (door.protocol?, door.port) {
        (6, Some(port)) => Some(Content::Tcp { from, port, flags: SYN }),
        (17, Some(port)) => Some(Content::Udp { from, port }),
        (1 | 58, Some(kind)) => Some(Content::Icmp(kind.to_be_bytes()[0])),
        (number, _) => Some(Content::Other(number)),
    }
}

fn passage(door: &Door, source: IpAddr, survey: &Survey) -> Passage {
    match (&door.incoming, &door.outgoing) {
        (Some(input), Some(output)) => Passage::Forward { input: input.clone(), output: output.clone() },
        (None, Some(output)) => Passage::Out { output: output.clone() },
        (Some(input), None) => Passage::In { input: input.clone() },
        (None, None) => Passage::In { input: survey.towards(source) },
    }
}

/// The rule of that id that lets in what the row tells of from `who`, and nothing else. None if nobody could name it.
#[must_use]
pub fn rule_for(door: &Door, who: Option<AddressRange>, id: RuleId) -> Option<Rule> {
    let direction = match (&door.incoming, &door.outgoing) {
        (Some(_), Some(_)) => Direction::Forward,
        (None, Some(_)) => Direction::Out,
        (_, None) => Direction::In,
    };
    Some(Rule {
        id,
        enabled: true,
        action: Action::Allow,
        direction,
        who: who.map(Peer::Addresses).into_iter().collect(),
        to: vec![door.aim().target()?],
        interfaces: Vec::<InterfaceName>::new(),
        at: Vec::new(),
        new_connections: None,
        connections: None,
        log: false,
        starts_at: None,
        expires_at: None,
        owner: Text::empty(),
        note: Text::empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{Family, Moment, Receipt, blocked::BlockedId};

    fn row(source: &str, protocol: u8, port: u16) -> Blocked {
        let receipt = Receipt {
            line: Line::Automatic(Automatic::DefaultIn),
            revision: 41,
            action: Action::Drop,
            is_observed: false,
        };
        let incoming = InterfaceName::parse("eth0").ok();
        let door = Door {
            receipt,
            family: Family::V4,
            protocol: Some(protocol),
            port: Some(port),
            destination: "192.0.2.7".parse().ok(),
            incoming,
            outgoing: None,
        };
        let moment = Moment::from_millis(1_795_375_697_000);
        Blocked {
            id: BlockedId::first_of(moment),
            source: Source::Address(source.parse().unwrap()),
            door,
            source_port: Some(40_000),
            count: 1,
            first: moment,
            last: moment,
        }
    }

    #[test]
    fn a_packet_comes_again_as_it_came() {
        let survey = Survey::default();
        let packet = |row: &Blocked| again(row, &survey).map(|packet| packet.to_string());
        assert_eq!(packet(&row("203.0.113.9", 6, 22)), Ok("203.0.113.9 → 192.0.2.7 22/tcp".into()));
        assert_eq!(packet(&row("203.0.113.9", 1, 8 * 256)), Ok("203.0.113.9 → 192.0.2.7 icmp/8".into()));
        let many = Blocked { source: Source::Many(Family::V4), ..row("203.0.113.9", 6, 22) };
        assert_eq!(packet(&many), Err(Unclear::Several));
    }

    #[test]
    fn the_port_that_was_translated_away_isnt_made_up() {
        let mut forwarded = row("203.0.113.9", 6, 80);
        forwarded.door.outgoing = InterfaceName::parse("docker0").ok();
        assert_eq!(again(&forwarded, &Survey::default()), Err(Unclear::Translated));
        forwarded.door.receipt.line = Automatic::DefaultForward.into();
        assert!(again(&forwarded, &Survey::default()).is_ok());
    }

    #[test]
    fn the_narrowest_rule_names_one_sender_and_one_port() {
        let row = row("203.0.113.9", 6, 22);
        let rule = rule_for(&row.door, row.source.addresses(), RuleId::new(7).unwrap()).unwrap();
        let words = crate::firewall::sentence::of(&rule, &crate::firewall::Ruleset::default());
        assert_eq!(words, "Allow 203.0.113.9 to reach 22/tcp");
    }
}
