//! Tables, chains and sets.

use super::Statement;
use crate::firewall::{
    AddressRange, Family,
    nft::{self, Value},
};

/// Which packets a table sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// One family: `ip` or `ip6`.
    One(Family),
    /// `inet`: both.
    Both,
    /// `netdev`: what comes in by the devices its chains name, before everything else.
    Device,
    /// `bridge`: frames that a bridge passes on, to its ports or to this host.
    Bridge,
}

impl Span {
    /// Whether a packet of the family can be in it.
    #[must_use]
    pub fn has(self, family: Family) -> bool {
        match self {
            Self::One(own) => own == family,
            Self::Both | Self::Device | Self::Bridge => true,
        }
    }

    /// nft's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One(Family::V4) => "ip",
            Self::One(Family::V6) => "ip6",
            Self::Both => "inet",
            Self::Device => "netdev",
            Self::Bridge => "bridge",
        }
    }
}

/// Where the kernel calls a base chain, in the order in which a packet comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// As it comes from a device.
    Ingress,
    /// Before routing.
    Prerouting,
    /// For this host.
    Input,
    /// Through this host.
    Forward,
    /// From this host.
    Output,
    /// After routing.
    Postrouting,
    /// As it leaves by a device.
    Egress,
}

/// What a base chain is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Judges each packet.
    Filter,
    /// Sees only the first packet of a connection and translates its addresses.
    Nat,
    /// Like filter; routing is done again if it changed something.
    Route,
}

/// What makes a chain a base chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// What it is for.
    pub kind: Kind,
    /// Where it is called.
    pub hook: Hook,
    /// In which order among the chains of the hook, lowest first.
    pub priority: i32,
    /// Whether a packet passes that reaches the end.
    pub accepts: bool,
    /// The devices of an ingress or egress chain; `*` at the end stands for any rest.
    pub devices: Vec<String>,
}

/// A list of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its name in the table.
    pub name: String,
    /// Set for a base chain.
    pub base: Option<Base>,
    /// In order.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// In order; the first match that fails ends the rule. Logs, counters and whatever else has no say aren't among them.
    pub statements: Vec<Statement>,
    /// How its owner would write it, for people to read; from outside, so not to be trusted.
    pub words: String,
}

/// Who is in a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    /// Nobody asked: it may be large, or the kernel fills it.
    Unread,
    /// Addresses of one or both families, in order, neither overlapping nor touching.
    Addresses(Vec<AddressRange>),
    /// Anything else; a member has a value for each key that is looked up.
    Tuples(Vec<Vec<Value>>),
}

/// A named set, or an ipset that a rule names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Its name in the table.
    pub name: String,
    /// Who is in it.
    pub members: Members,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Which packets it sees.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// Whether it is switched off.
    pub is_dormant: bool,
    /// Its chains.
    pub chains: Vec<Chain>,
    /// Its named sets.
    pub sets: Vec<Set>,
}

impl Table {
    /// What is left of ours where another program deleted it.
    #[must_use]
    pub fn deleted_ours() -> Self {
        let name = nft::Table::NAME.to_owned();
        Self { span: Span::Both, name, is_dormant: false, chains: Vec::new(), sets: Vec::new() }
    }

    /// Whether this is the one that we keep.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.span == Span::Both && self.name == nft::Table::NAME
    }
}
