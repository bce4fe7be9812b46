//! What a rule looks at and does.

use std::net::IpAddr;

use crate::firewall::{Family, nft::Value};

/// A piece of a packet or of what the kernel knows about it. Where a packet hasn't got it, a match fails whatever it
/// compares, even when it is negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The name of the interface it came in by; a `Word`, with `*` at the end for any rest.
    InputInterface,
    /// The name of the interface it leaves by.
    OutputInterface,
    /// `nfproto`: the `Number` 2 for IPv4, 10 for IPv6.
    Family,
    /// The protocol behind IP, a `Number`.
    Protocol,
    /// The source address.
    Source(Family),
    /// The destination address as it is now.
    Destination(Family),
    /// The source port, of one protocol (by its number) or of any that has ports.
    SourcePort(Option<u8>),
    /// The destination port as it is now.
    DestinationPort(Option<u8>),
    /// The source address of the connection's first packet, before translation.
    OriginalSource(Family),
    /// The destination address of the connection's first packet, before translation.
    OriginalDestination(Family),
    /// The source port of the connection's first packet.
    OriginalSourcePort,
    /// The destination port of the connection's first packet, before translation.
    OriginalPort,
    /// The protocol of the connection.
    OriginalProtocol,
    /// conntrack's state, a `Word`: `new`, `established`, `related`, `invalid`, `untracked`.
    State,
    /// How the connection is translated, a `Word` that is among several: `dnat`, `snat`, …
    Status,
    /// The packet's direction in its connection, a `Word`: `original` or `reply`.
    Direction,
    /// The packet's mark under a mask.
    Mark(u32),
    /// The connection's mark under a mask.
    ConnectionMark(u32),
    /// The TCP flags under a mask.
    TcpFlags(u8),
    /// `fib saddr type`, a `Word`: `local`, `unicast`, `broadcast`, `multicast`, …
    SourceType,
    /// `fib daddr type`.
    DestinationType,
    /// Whether an answer to the source would leave by the interface the packet came in by, a `Flag`.
    ReversePath,
    /// `meta pkttype`, a `Word`: `host`, `broadcast`, `multicast`, …
    PacketType,
    /// The time of day in seconds since 1970, UTC, a `Number`.
    Time,
    /// The type of an ICMP (V4) or `ICMPv6` (V6) message.
    IcmpType(Family),
}

/// What a key is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// Any of these.
    Any(Vec<Value>),
    /// The members of a set of the table.
    Set(String),
}

/// What happens to a packet, or where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Ends this base chain; the next one may still drop.
    Accept,
    /// The packet is gone.
    Drop,
    /// The packet is gone and the sender told so.
    Reject,
    /// Back to the chain that jumped here; at the end of a base chain its policy.
    Return,
    /// On in a chain and back.
    Jump(String),
    /// On in a chain and not back.
    GoTo(String),
    /// A program decides.
    Queue,
    /// On with the next statement.
    Continue,
}

/// How addresses and ports are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Translation {
    /// A new destination, for as long as the connection lasts. What isn't named stays.
    Destination {
        /// The address.
        address: Option<IpAddr>,
        /// The port, the first of several.
        port: Option<u16>,
    },
    /// To this host itself.
    Redirect {
        /// The port, the first of several.
        port: Option<u16>,
    },
    /// A new source: `snat` and `masquerade`. The destination stays.
    Source,
}

/// One step of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// Goes on only if the value of the key is, or is not, among these.
    Match {
        /// What is looked at.
        key: Key,
        /// Whether it must not be among them.
        is_not: bool,
        /// What it is compared with.
        operand: Operand,
    },
    /// The same with several keys together.
    Lookup {
        /// What is looked at.
        keys: Vec<Key>,
        /// Whether they must not be there together.
        is_not: bool,
        /// Members with a value for each key; none if they are those of a set.
        members: Option<Vec<Vec<Value>>>,
        /// The set whose members count where there are none here.
        set: String,
    },
    /// Looks the keys up together and performs the verdict found; goes on if there is none.
    Map {
        /// What is looked at.
        keys: Vec<Key>,
        /// The first entry that fits counts; none if they weren't read.
        entries: Option<Vec<(Vec<Value>, Verdict)>>,
    },
    /// Goes on only so often, or only if it is more often: `limit`, `meter`, `connlimit`, `recent` with a hit count.
    Limit {
        /// Whether it goes on above the limit rather than below.
        over: bool,
        /// The limit.
        words: String,
    },
    /// Decides or goes elsewhere.
    Verdict(Verdict),
    /// Changes addresses. In a chain of kind nat it also ends the base chain, with accept.
    Translate(Translation),
    /// The packet gets a mark: the bits of the mask are cleared and those of the value set by XOR.
    SetMark {
        /// The bits that are cleared.
        mask: u32,
        /// The bits that are turned over.
        value: u32,
    },
    /// The connection gets a mark, in the same way.
    SetConnectionMark {
        /// The bits that are cleared.
        mask: u32,
        /// The bits that are turned over.
        value: u32,
    },
    /// The packet gets the connection's mark.
    RestoreMark,
    /// The connection gets the packet's mark.
    SaveMark,
    /// Both marks change in a way that isn't understood.
    LoseMarks,
    /// The connection isn't tracked.
    NoTrack,
    /// A match that isn't understood: it may hold or not.
    UnknownMatch(String),
    /// An act that isn't understood: it may decide anything, or nothing.
    UnknownAct(String),
}
