//! What a packet answers to each key, and who is in a set.

use std::net::IpAddr;

use super::{Connection, Content, Packet, Passage, Simulator, Situation};
use crate::firewall::{
    AddressRange, Family, bits,
    compile::sets,
    nft::{Key, Value},
};

impl Packet {
    /// What the key reads, if the packet has it.
    pub(super) fn value(&self, key: Key, situation: &Situation) -> Option<Value> {
        let address =
            |address: IpAddr, family| (Family::of(address) == family).then(|| Value::Addresses(address.into()));
        match key {
            Key::InputInterface => self.input().map(Value::word),
            Key::OutputInterface => self.output().map(Value::word),
            Key::Protocol => Some(Value::from(self.protocol())),
            Key::Time => u64::try_from(situation.now.as_millis().div_euclid(1000)).ok().map(Value::Number),
            Key::State => Some(Value::word(self.connection.as_str())),
            Key::Status => Some(Value::word(if self.original.is_some() { "dnat" } else { "" })),
            Key::Source(family) | Key::SourceNetwork(family) => address(self.source(), family),
            Key::Destination(family) => address(self.destination(), family),
            Key::OriginalDestination(family) => {
                let named = self.original.map_or(self.destination(), |original| original.destination);
                self.is_tracked().then(|| address(named, family))?
            }
            Key::OriginalPort => self.original_port().map(|port| Value::Number(port.into())),
            Key::UdpSourcePort => match self.content {
                Content::Udp { from, .. } => Some(Value::Number(from.into())),
                _ => None,
            },
            Key::HopLimit => (self.family() == Family::V6).then(|| Value::from(self.hop_limit)),
            Key::IcmpType(family) => match self.content {
                Content::Icmp(kind) if self.family() == family => Some(Value::from(kind)),
                _ => None,
            },
            Key::TcpFlags(mask) => match self.content {
                Content::Tcp { flags, .. } => Some(Value::from(flags & mask)),
                _ => None,
            },
            Key::ReversePath => Some(Value::Flag(situation.answers(self))),
        }
    }

    fn input(&self) -> Option<&str> {
        match &self.passage {
            Passage::In { input } | Passage::Forward { input, .. } => Some(input.as_str()),
            Passage::Out { .. } => None,
        }
    }

    fn output(&self) -> Option<&str> {
        match &self.passage {
            Passage::Out { output } | Passage::Forward { output, .. } => Some(output.as_str()),
            Passage::In { .. } => None,
        }
    }

    fn original_port(&self) -> Option<u16> {
        let port = match self.content {
            Content::Tcp { port, .. } | Content::Udp { port, .. } => port,
            Content::Icmp(_) | Content::Other(_) => return None,
        };
        self.is_tracked().then(|| self.original.map_or(port, |original| original.port))
    }
}

impl Connection {
    const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Established => "established",
            Self::Related => "related",
            Self::Invalid => "invalid",
            Self::Untracked => "untracked",
        }
    }
}

impl Situation {
    /// Whether answers to the source leave by the interface the packet came in by.
    fn answers(&self, packet: &Packet) -> bool {
        let reaching = self.routes.iter().filter(|route| route.network.contains(packet.source()));
        let size = |range: AddressRange| bits(range.last()) - bits(range.first());
        let narrowest = reaching.clone().map(|route| size(route.network)).min();
        let mut best = reaching.filter(|route| Some(size(route.network)) == narrowest);
        self.routes.is_empty() || best.any(|route| Some(route.interface.as_str()) == packet.input())
    }
}

impl Simulator<'_> {
    /// Whether an address is a living member of a set.
    pub(super) fn holds(&self, set: &str, address: IpAddr) -> bool {
        let family = Family::of(address);
        if set == sets::ban(family) || set == sets::ban_net(family) {
            let single = |range: &AddressRange| range.first() == range.last();
            let mut bans = self.situation.bans.iter();
            return bans.any(|ban| single(ban) == (set == sets::ban(family)) && ban.contains(address));
        }
        let Some(members) = self.sets.get(set) else { return false };
        let index = members.partition_point(|member| member.range.last() < address);
        members.get(index).is_some_and(|member| {
            member.range.contains(address) && member.expires_at.is_none_or(|moment| self.situation.now < moment)
        })
    }
}

impl Value {
    /// Whether this single value equals the other or lies in it.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(number), Self::Numbers(first, last)) => first <= number && number <= last,
            (Self::Addresses(one), Self::Addresses(range)) => range.covers(*one),
            (one, other) => one == other,
        }
    }

    /// Whether this number is smaller than the other.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Number(number), Self::Number(limit)) if number < limit)
    }

    /// The address, if this is one.
    pub(super) const fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Addresses(range) => Some(range.first()),
            Self::Number(_) | Self::Numbers(..) | Self::Word(_) | Self::Flag(_) => None,
        }
    }
}
