//! Why a line doesn't match a packet, in a few words.

use std::net::IpAddr;

use crate::{
    firewall::{
        Automatic, CheckedRuleset, Moment, Peer, PortRange, Rule, Targets, list, sentence,
        simulate::{Content, Packet, Passage},
    },
    web::kit::Stamp,
};

/// What a reason is found from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub packet: &'a Packet,
    pub checked: &'a CheckedRuleset,
    pub now: Moment,
}

impl Case<'_> {
    /// The address at the other end.
    pub fn peer(&self) -> IpAddr {
        match self.packet.passage {
            Passage::In { .. } | Passage::Forward { .. } => self.packet.source(),
            Passage::Out { .. } => self.packet.destination(),
        }
    }

    fn here(&self) -> IpAddr {
        match self.packet.passage {
            Passage::In { .. } | Passage::Forward { .. } => self.packet.destination(),
            Passage::Out { .. } => self.packet.source(),
        }
    }

    fn interface(&self) -> &str {
        match &self.packet.passage {
            Passage::In { input } | Passage::Forward { input, .. } => input.as_str(),
            Passage::Out { output } => output.as_str(),
        }
    }

    /// The first field of the rule that the packet doesn't fit.
    pub fn of_rule(&self, rule: &Rule) -> String {
        if !rule.enabled {
            return "it is switched off".to_owned();
        }
        if let Some(moment) = rule.starts_at.filter(|moment| *moment > self.now) {
            return format!("it starts at {}", Stamp::new(moment, self.now).exact);
        }
        if let Some(moment) = rule.expires_at.filter(|moment| *moment <= self.now) {
            return format!("it expired at {}", Stamp::new(moment, self.now).exact);
        }
        if !rule.who.is_empty() && !rule.who.iter().any(|peer| self.is(peer)) {
            return format!("{} isn't {}", self.peer(), among(&rule.who));
        }
        if !self.reaches(rule) {
            let targets: Vec<String> =
                rule.to.iter().map(|target| sentence::target(target, self.checked.ruleset())).collect();
            return format!("it is about {}", listed(&targets));
        }
        if !rule.interfaces.is_empty() && !rule.interfaces.iter().any(|name| name.as_str() == self.interface()) {
            return format!("it is about {}, and this goes by {}", listed(&rule.interfaces), self.interface());
        }
        if !rule.at.is_empty() && !rule.at.iter().any(|range| range.contains(self.here())) {
            return format!("it is about {}, and this is for {}", listed(&rule.at), self.here());
        }
        "it doesn't fit".to_owned()
    }

    fn is(&self, peer: &Peer) -> bool {
        let address = self.peer();
        match peer {
            Peer::Addresses(range) => range.contains(address),
            Peer::List(name) => self.is_on(name.as_str()),
            Peer::OwnNetworks => self.checked.networks().iter().any(|network| network.contains(address)),
        }
    }

    /// Whether the address at the other end is on a list now.
    pub fn is_on(&self, name: &str) -> bool {
        let lists = self.checked.ruleset().parts().lists.iter().filter(|list| list.name.as_str() == name);
        let mut entries = lists.flat_map(|list| &list.entries);
        entries.any(|entry| {
            entry.addresses.contains(self.peer()) && entry.expires_at.is_none_or(|moment| moment > self.now)
        })
    }

    fn reaches(&self, rule: &Rule) -> bool {
        if rule.to.is_empty() {
            return true;
        }
        let targets = Targets::resolve(&rule.to, |name| self.checked.ports_of(name));
        let inside = |ranges: &[PortRange], port| ranges.iter().any(|range| range.contains(port));
        let by_content = match self.packet.content {
            Content::Tcp { port, .. } => inside(&targets.tcp, port),
            Content::Udp { port, .. } => inside(&targets.udp, port),
            Content::Icmp(kind) if self.peer().is_ipv4() => targets.icmp.contains(&kind),
            Content::Icmp(kind) => targets.icmpv6.contains(&kind),
            Content::Other(_) => false,
        };
        by_content || targets.protocols.contains(&self.packet.protocol())
    }

    /// What an automatic line would have to see.
    pub fn of_automatic(&self, line: Automatic) -> String {
        let peer = self.peer();
        let allowed = if self.is_on(list::ALLOW) { ", and it is on the list allow" } else { "" };
        match line {
            Automatic::Loopback => format!("it goes by {}, not by lo", self.interface()),
            Automatic::Neighbours => "it isn't neighbour discovery".to_owned(),
            Automatic::Ban => format!("{peer} isn't banned{allowed}"),
            Automatic::DenyList if self.is_on(list::DENY) => format!("{peer} is on the list deny{allowed}"),
            Automatic::DenyList => format!("{peer} isn't on the list deny"),
            Automatic::TcpFlags => "honest senders do this".to_owned(),
            Automatic::ReversePath => format!("the answer leaves by {} too", self.interface()),
            Automatic::Ping => "it isn't a ping".to_owned(),
            Automatic::Established => "it opens a new connection".to_owned(),
            Automatic::NeededIcmp => "it is no such message".to_owned(),
            Automatic::Dhcpv6 => "it isn't an answer of a DHCPv6 server".to_owned(),
            Automatic::Invalid => "the kernel takes it for a new connection".to_owned(),
            Automatic::SynFlood => "it doesn't open a TCP connection".to_owned(),
            Automatic::AllowList => format!("{peer} isn't on the list allow"),
            Automatic::PingLimit
            | Automatic::ConnectionFlood
            | Automatic::DefaultIn
            | Automatic::DefaultForward
            | Automatic::DefaultOut => "it doesn't fit".to_owned(),
        }
    }
}

fn among(peers: &[Peer]) -> String {
    let texts: Vec<String> = peers
        .iter()
        .map(|peer| match peer {
            Peer::Addresses(range) if range.first() == range.last() => range.to_string(),
            Peer::Addresses(range) => format!("in {range}"),
            Peer::List(name) => format!("on list {name}"),
            Peer::OwnNetworks => "in this host's own networks".to_owned(),
        })
        .collect();
    listed(&texts)
}

fn listed<T: std::fmt::Display>(things: &[T]) -> String {
    const LISTED: usize = 3;
    let texts: Vec<String> = things.iter().take(LISTED).map(ToString::to_string).collect();
    match things.len().checked_sub(LISTED) {
        Some(more @ 1..) => format!("{} or {more} more", texts.join(", ")),
        _ => texts.join(" or "),
    }
}
