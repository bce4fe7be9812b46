//! What a packet answers to each key, and for whose packets a match holds.

use std::{cell::Cell, net::IpAddr};

use super::{
    doubt::Doubt,
    ground::Ground,
    packet::{Content, Opening, State, Tracking},
    ranges::Ranges,
};
use crate::firewall::{
    AddressRange, Family,
    foreign::{Key, Members, Operand, Table},
    listener::Transport,
    nft::Value,
};

/// For whose packets a match holds.
#[derive(Debug, Clone)]
pub(super) enum Hold {
    Yes,
    No,
    /// For those from here.
    From(Ranges),
    /// For some, or for none.
    Perhaps(Doubt),
}

impl Hold {
    fn when(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    fn negated_if(self, is_not: bool, everybody: &Ranges) -> Self {
        match self {
            held if !is_not => held,
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::From(ranges) => Self::From(everybody.minus(&ranges)),
            Self::Perhaps(doubt) => Self::Perhaps(doubt.negated()),
        }
    }
}

/// What a packet has at a key.
enum Got<'a> {
    /// It hasn't got it, so no match holds, not even a negated one.
    Nothing,
    Number(u64),
    Word(&'a str),
    /// Any of several words.
    Words(&'a [&'a str]),
    Address(IpAddr),
    Flag(bool),
    /// As many as there are senders.
    Sources,
    /// The sender chooses one.
    SenderPort,
    /// It can't be told.
    Lost(&'static str),
}

/// The ports from which a system sends that was asked for none.
const USUAL: (u64, u64) = (32_768, 60_999);
/// The ports from which anybody may send who isn't root.
const FREE: (u64, u64) = (1024, 65_535);

/// A set of more ranges than this is asked only whether it meets the senders at all.
const FEW: usize = 256;

/// What matches are evaluated against.
pub(super) struct Look<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) opening: Opening,
    /// Whether it counts that somebody may be in a set that wasn't read, or choose an unusual port.
    pub(super) counts_exceptions: bool,
    /// Whether there was such an exception that didn't count.
    pub(super) exception: Cell<bool>,
}

impl<'a> Look<'a> {
    /// For whose of the packets the match holds.
    pub(super) fn matches(
        &self,
        table: &'a Table,
        state: &State<'a>,
        (key, is_not, operand): (Key, bool, &'a Operand),
        everybody: &Ranges,
    ) -> Hold {
        let got = self.get(key, state);
        let held = match (&got, operand) {
            (Got::Nothing, _) => return Hold::No,
            (Got::Lost(why), _) => return Hold::Perhaps(Doubt::Unknown((*why).to_owned())),
            (_, Operand::Any(values)) => self.among(&got, values, everybody),
            (_, Operand::Set(name)) => self.in_set(table, &got, name, everybody),
        };
        held.negated_if(is_not, everybody)
    }

    fn get(&self, key: Key, state: &State<'a>) -> Got<'a> {
        if let Some(got) = self.carried(key, state) {
            return got;
        }
        let family = self.opening.family;
        // Where there is no interface the kernel compares with an empty name.
        let word = |name: Option<&'a str>| Got::Word(name.unwrap_or_default());
        match key {
            Key::InputInterface => word(state.input),
            Key::OutputInterface => word(state.output),
            Key::Family => Got::Number(if family == Family::V4 { 2 } else { 10 }),
            Key::Protocol => Got::Number(self.opening.protocol().into()),
            Key::Source(own) if own == family => Got::Sources,
            Key::Destination(own) if own == family => Got::Address(state.address),
            Key::State => Got::Word(match state.tracking {
                Tracking::Before => "invalid",
                Tracking::New => "new",
                Tracking::Not => "untracked",
            }),
            Key::Mark(mask) => marked(state.mark, mask),
            Key::SourceType => Got::Word(if self.opening.is_own { "local" } else { "unicast" }),
            Key::DestinationType => Got::Word(self.kind_of(state.address)),
            Key::ReversePath => Got::Flag(true),
            Key::Time => self.ground.now.map_or(Got::Lost("it depends on the time of day"), Got::Number),
            Key::PacketType if state.address.is_multicast() => Got::Word("multicast"),
            Key::PacketType => Got::Words(&["host", "unicast"]),
            _ if state.tracking == Tracking::New => self.tracked(key, state),
            _ => Got::Nothing,
        }
    }

    /// What stands in the packet behind its addresses.
    fn carried(&self, key: Key, state: &State<'a>) -> Option<Got<'a>> {
        let number = self.opening.protocol();
        let has_ports = |wanted: Option<u8>| wanted.is_none_or(|wanted| wanted == number);
        Some(match (self.opening.content, key) {
            (Content::First(_), Key::SourcePort(wanted)) if has_ports(wanted) => Got::SenderPort,
            (Content::First(_), Key::DestinationPort(wanted)) if has_ports(wanted) => Got::Number(state.port.into()),
            // A SYN alone.
            (Content::First(Transport::Tcp), Key::TcpFlags(mask)) => Got::Number(u64::from(2 & mask)),
            (Content::Neighbour(kind), Key::IcmpType(Family::V6)) => Got::Number(kind.into()),
            _ => return None,
        })
    }

    /// What conntrack knows of a connection that has just begun.
    fn tracked(&self, key: Key, state: &State<'a>) -> Got<'a> {
        let (named, named_port) = state.original.unwrap_or((state.address, state.port));
        match key {
            Key::OriginalSource(own) if own == self.opening.family => Got::Sources,
            Key::OriginalDestination(own) if own == self.opening.family => Got::Address(named),
            Key::OriginalSourcePort => Got::SenderPort,
            Key::OriginalPort => Got::Number(named_port.into()),
            Key::OriginalProtocol => Got::Number(self.opening.protocol().into()),
            Key::Status => Got::Words(if state.original.is_some() { &["dnat"] } else { &[] }),
            Key::Direction => Got::Word("original"),
            Key::ConnectionMark(mask) => marked(state.connection_mark, mask),
            _ => Got::Nothing,
        }
    }

    fn kind_of(&self, address: IpAddr) -> &'static str {
        match address {
            address if self.ground.is_own(address) => "local",
            address if address.is_multicast() => "multicast",
            _ => "unicast",
        }
    }

    fn among(&self, got: &Got, values: &[Value], everybody: &Ranges) -> Hold {
        match got {
            Got::Sources => {
                let named: Vec<AddressRange> = values.iter().filter_map(addresses).collect();
                from(&Ranges::of(&named, self.opening.family), everybody)
            }
            Got::SenderPort => self.chosen(values),
            plain => Hold::when(values.iter().any(|value| is(plain, value))),
        }
    }

    fn chosen(&self, values: &[Value]) -> Hold {
        let spans: Vec<(u128, u128)> = values.iter().map(Value::span).collect();
        let covers =
            |(first, last): (u64, u64)| spans.iter().any(|span| span.0 <= first.into() && span.1 >= last.into());
        let meets =
            |(first, last): (u64, u64)| spans.iter().any(|span| span.0 <= last.into() && span.1 >= first.into());
        if covers(FREE) {
            return Hold::Yes;
        }
        let doubt = || Hold::Perhaps(Doubt::Choice(format!("sent from port {}", ports(values))));
        match (covers(USUAL), meets(USUAL)) {
            _ if self.counts_exceptions => doubt(),
            (false, true) => doubt(),
            (usual, _) => {
                self.exception.set(true);
                Hold::when(usual)
            }
        }
    }

    fn in_set(&self, table: &'a Table, got: &Got, name: &str, everybody: &Ranges) -> Hold {
        let Some(set) = table.sets.iter().find(|set| set.name == name) else {
            return Hold::Perhaps(Doubt::Unknown(format!("there is no set {name}")));
        };
        match (&set.members, got) {
            (Members::Unread, Got::Sources) => self.unread(name),
            (Members::Addresses(members), Got::Sources) => self.among_members(members, name, everybody),
            (Members::Addresses(members), Got::Address(address)) => {
                let after = members.partition_point(|range| range.last() < *address);
                Hold::when(members.get(after).is_some_and(|range| range.contains(*address)))
            }
            (Members::Tuples(members), got) => {
                let values: Vec<Value> = members.iter().filter_map(|member| member.first().cloned()).collect();
                self.among(got, &values, everybody)
            }
            _ => Hold::Perhaps(Doubt::Unknown(format!("the members of the set {name} weren't read"))),
        }
    }

    /// Somebody of whom nothing is known is in no set; whether it matters is asked in a second round.
    fn unread(&self, name: &str) -> Hold {
        if self.counts_exceptions {
            return Hold::Perhaps(Doubt::Listed(name.to_owned()));
        }
        self.exception.set(true);
        Hold::No
    }

    fn among_members(&self, members: &[AddressRange], name: &str, everybody: &Ranges) -> Hold {
        if members.len() <= FEW {
            return from(&Ranges::of(members, self.opening.family), everybody);
        }
        let meets = |range: AddressRange| {
            let after = members.partition_point(|member| member.last() < range.first());
            members.get(after).is_some_and(|member| member.overlaps(range))
        };
        if everybody.to_addresses(self.opening.family).into_iter().any(meets) { self.unread(name) } else { Hold::No }
    }

    /// For whose packets a tuple fits, each value to its key.
    pub(super) fn fits(&self, keys: &[Key], values: &[Value], state: &State<'a>, everybody: &Ranges) -> Hold {
        let mut held = Hold::Yes;
        for (key, value) in keys.iter().zip(values) {
            let got = self.get(*key, state);
            let one = match got {
                Got::Nothing => Hold::No,
                Got::Lost(why) => Hold::Perhaps(Doubt::Unknown(why.to_owned())),
                got => self.among(&got, std::slice::from_ref(value), everybody),
            };
            held = match (held, one) {
                (_, Hold::No) => return Hold::No,
                (Hold::From(before), Hold::From(now)) => Hold::From(before.intersect(&now)),
                (Hold::Perhaps(doubt), _) | (_, Hold::Perhaps(doubt)) => Hold::Perhaps(doubt),
                (Hold::Yes, held) | (held, _) => held,
            };
        }
        held
    }

    /// Whether the packets haven't got one of the keys.
    pub(super) fn lacks(&self, keys: &[Key], state: &State<'a>) -> bool {
        keys.iter().any(|key| matches!(self.get(*key, state), Got::Nothing))
    }

    /// For whose packets some tuple fits.
    pub(super) fn lookup(
        &self,
        table: &Table,
        state: &State<'a>,
        (keys, is_not): (&[Key], bool),
        (members, set): (Option<&[Vec<Value>]>, &str),
        everybody: &Ranges,
    ) -> Hold {
        if self.lacks(keys, state) {
            return Hold::No;
        }
        let known = table.sets.iter().find(|known| known.name == set).map(|known| &known.members);
        let members = match (members, known) {
            (Some(members), _) => members,
            (None, Some(Members::Tuples(members))) => members,
            _ if keys.iter().any(|key| matches!(self.get(*key, state), Got::Sources)) => {
                return self.unread(set).negated_if(is_not, everybody);
            }
            _ => return Hold::Perhaps(Doubt::Unknown(format!("the members of the set {set} weren't read"))),
        };
        self.any_fits(keys, members, state, everybody).negated_if(is_not, everybody)
    }

    fn any_fits(&self, keys: &[Key], members: &[Vec<Value>], state: &State<'a>, everybody: &Ranges) -> Hold {
        let (mut fitting, mut doubt) = (Ranges::default(), None);
        for member in members {
            match self.fits(keys, member, state, everybody) {
                Hold::Yes => return Hold::Yes,
                Hold::No => {}
                Hold::From(ranges) => fitting.add(&ranges),
                Hold::Perhaps(why) => doubt = Some(why),
            }
        }
        match doubt {
            Some(doubt) => Hold::Perhaps(doubt),
            None => from(&fitting, everybody),
        }
    }
}

/// Whether some, all or none of the senders are among these.
fn from(named: &Ranges, everybody: &Ranges) -> Hold {
    let meeting = everybody.intersect(named);
    if meeting.is_empty() {
        Hold::No
    } else if meeting == *everybody {
        Hold::Yes
    } else {
        Hold::From(meeting)
    }
}

fn marked<'a>(mark: Option<u32>, bits: u32) -> Got<'a> {
    mark.map_or(Got::Lost("a mark is set in a way that isn't understood"), |mark| Got::Number((mark & bits).into()))
}

fn addresses(value: &Value) -> Option<AddressRange> {
    match value {
        Value::Addresses(range) => Some(*range),
        _ => None,
    }
}

fn ports(values: &[Value]) -> String {
    let one = |value: &Value| match value.span() {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{}", last.min(65_535)),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn is(got: &Got, value: &Value) -> bool {
    match (got, value) {
        (Got::Number(number), Value::Number(other)) => number == other,
        (Got::Number(number), Value::Numbers(first, last)) => first <= number && number <= last,
        (Got::Word(word), Value::Word(other)) => is_word(word, other),
        (Got::Words(words), Value::Word(other)) => words.contains(&other.as_str()),
        (Got::Address(address), Value::Addresses(range)) => range.contains(*address),
        (Got::Flag(flag), Value::Flag(other)) => flag == other,
        _ => false,
    }
}

/// `*` at the end stands for any rest.
fn is_word(word: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == pattern,
    }
}
