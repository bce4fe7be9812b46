//! What is asked: an address at the other end, and what is reached.

use std::net::IpAddr;

use crate::{
    firewall::{
        Family, Port, PortRange, Ports, Ruleset, Target,
        enforcement::Survey,
        listener::Transport,
        simulate::{Packet, Passage},
        witness,
    },
    web::kit::{Problems, Query, Shown},
};

use super::PATH;

/// Longer than anything that could be right.
const LONGEST: usize = 200;

/// The fields as somebody filled them in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The address at the other end.
    pub from: String,
    /// The port, service or protocol.
    pub to: String,
    /// Whether this host is the sender.
    pub is_out: bool,
}

/// The same, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub from: IpAddr,
    pub to: Target,
    pub is_out: bool,
}

impl Asked {
    /// Reads the names and values of an address; unknown names are none of ours.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let value = |wanted: &str| {
            let found = pairs.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.trim());
            found.chars().take(LONGEST).collect::<String>()
        };
        Self { from: value("from"), to: value("to"), is_out: value("dir") == "out" }
    }

    /// The address of the page with this question.
    #[must_use]
    pub fn address(&self) -> String {
        let dir = if self.is_out { "out" } else { "" };
        Query::default().with("from", &self.from).with("to", &self.to).with("dir", dir).on(PATH)
    }

    /// None while nothing is asked, or only half of it: other pages lead here with one field filled in.
    pub(super) fn read(&self) -> Result<Option<Question>, Problems> {
        let (from, to) = (read_address(&self.from), self.read_target());
        match (self.from.is_empty(), self.to.is_empty()) {
            (true, true) => return Ok(None),
            (false, true) => return from.map(|_| None).map_err(|text| Problems::one("from", text)),
            (true, false) => return to.map(|_| None).map_err(|text| Problems::one("to", text)),
            (false, false) => {}
        }
        match (from, to) {
            (Ok(from), Ok(to)) => Ok(Some(Question { from, to, is_out: self.is_out })),
            (from, to) => {
                let mut problems = Problems::default();
                problems.add_some("from", from.err());
                problems.add_some("to", to.err());
                Err(problems)
            }
        }
    }

    fn read_target(&self) -> Result<Target, String> {
        let text = self.to.to_lowercase();
        if text == "ping" {
            let is_v6 = read_address(&self.from).is_ok_and(|from| from.is_ipv6());
            return Ok(if is_v6 { Target::Icmpv6(128) } else { Target::Icmp(8) });
        }
        if let Ok(port) = Port::parse(&text)
            && let Some(range) = PortRange::between(port, port)
        {
            return Ok(Target::Ports(Ports { transport: Transport::Tcp, range }));
        }
        Target::parse(&text).map_err(|error| {
            format!("{error}. Write a port like 443/tcp or 53/udp, a service like ssh, ping, icmp/3 or protocol/47.")
        })
    }
}

fn read_address(text: &str) -> Result<IpAddr, String> {
    if text.contains(['/', ' ', ',']) {
        return Err("Give one address. Those of a network may be judged in different ways.".to_owned());
    }
    let address: Result<IpAddr, _> = text.trim_matches(['[', ']']).parse();
    address
        .map(|address| address.to_canonical())
        .map_err(|_| format!("“{}” isn't an IPv4 or IPv6 address.", Shown::new(text, 40).short))
}

impl Question {
    /// The first packet of what is asked, as it would meet this host. None if the ruleset doesn't know the service, or
    /// the family has no such thing.
    pub fn packet(&self, ruleset: &Ruleset, survey: &Survey) -> Option<Packet> {
        let family = Family::of(self.from);
        let content = witness::content(&self.to, ruleset, family)?;
        let (interface, here) = (survey.towards(self.from), survey.facing(self.from));
        let packet = if self.is_out {
            Packet::first(here, self.from, content, Passage::Out { output: interface })
        } else {
            Packet::first(self.from, here, content, Passage::In { input: interface })
        };
        packet.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(from: &str, to: &str) -> Asked {
        Asked { from: from.into(), to: to.into(), is_out: false }
    }

    fn target(from: &str, to: &str) -> String {
        asked(from, to).read().unwrap().unwrap().to.to_string()
    }

    #[test]
    fn ports_services_and_pings_are_understood() {
        for (to, expected) in
            [("443", "443/tcp"), ("443/TCP", "443/tcp"), ("SSH", "ssh"), ("protocol/47", "protocol/47")]
        {
            assert_eq!(target("192.0.2.1", to), expected);
        }
        assert_eq!(target("192.0.2.1", "ping"), "icmp/8");
        assert_eq!(target("2001:db8::1", "ping"), "icmpv6/128");
    }

    #[test]
    fn what_makes_no_sense_is_said_at_its_field() {
        assert_eq!(asked("", "").read(), Ok(None));
        let problems = |from, to| asked(from, to).read().expect_err("a problem");
        assert!(problems("192.0.2.0/24", "443").of("from").unwrap().contains("one address"));
        assert!(problems("here", "443").of("from").unwrap().contains("“here” isn't"));
        let both = problems("x", "443/sctp");
        assert!(both.of("from").is_some() && both.of("to").unwrap().contains("443/tcp"));
        assert_eq!((asked("192.0.2.1", "").read(), asked("", "ssh").read()), (Ok(None), Ok(None)));
        assert!(problems("192.0.2.0/24", "").of("from").is_some());
    }

    #[test]
    fn a_packet_comes_in_where_the_answer_would_leave() {
        let survey: Survey = serde_json::from_str(
            r#"{"interfaces":["eth0","wg0"],
                "addresses":[{"interface":"eth0","address":"192.0.2.7","network":"192.0.2.0/24"},
                             {"interface":"wg0","address":"10.9.0.1","network":"10.9.0.0/24"}],
                "routes":[{"network":"0.0.0.0/0","interface":"eth0"},{"network":"10.9.0.0/24","interface":"wg0"}]}"#,
        )
        .unwrap();
        let packet =
            |from: &str| asked(from, "22").read().unwrap().unwrap().packet(&Ruleset::default(), &survey).unwrap();
        let input = |from| match packet(from).passage {
            Passage::In { input } => input.to_string(),
            Passage::Out { .. } | Passage::Forward { .. } => panic!("it comes in"),
        };
        assert_eq!(
            (input("198.51.100.7"), packet("198.51.100.7").destination().to_string()),
            ("eth0".into(), "192.0.2.7".into())
        );
        assert_eq!(
            (input("10.9.0.5"), packet("10.9.0.5").destination().to_string()),
            ("wg0".into(), "10.9.0.1".into())
        );
        assert_eq!(input("192.0.2.7"), "lo");
    }
}
