//! The one table that Portreeve owns.

use super::Statement;
use crate::firewall::{Family, Line};

/// Where the kernel calls a base chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// Everything that comes in, before routing.
    Prerouting,
    /// What is for this host.
    Input,
    /// What passes through.
    Forward,
    /// What this host sends.
    Output,
}

impl Hook {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Prerouting => "prerouting",
            Self::Input => "input",
            Self::Forward => "forward",
            Self::Output => "output",
        }
    }
}

/// What makes a chain a base chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// Where it is called.
    pub hook: Hook,
    /// In which order among the chains of the hook.
    pub priority: i32,
    /// Whether a packet passes that reaches the end.
    pub accepts: bool,
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

/// One kernel rule and the line of the ruleset it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// In the kernel it is the rule's comment.
    pub line: Line,
    /// In order.
    pub statements: Vec<Statement>,
}

/// How the kernel keeps a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    /// A hash of single addresses, each with its own timeout.
    Addresses,
    /// Ranges that don't overlap, each with its own timeout.
    Intervals,
    /// Filled by the kernel, forgetting an address after so many seconds without a packet.
    Rates(u32),
    /// Filled by the kernel, forgetting an address when its last connection ends.
    Connections,
}

/// A named set of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Its name in the table.
    pub name: String,
    /// IPv4 or IPv6 addresses.
    pub family: Family,
    /// How it is kept.
    pub kind: SetKind,
}

/// Everything in the table, apart from the members of its sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The sets, in the order of their declaration.
    pub sets: Vec<Set>,
    /// The named counters.
    pub counters: Vec<String>,
    /// The chains, base chains last, so that nothing is called before it is there.
    pub chains: Vec<Chain>,
}

impl Table {
    /// The family and name under which the kernel knows it.
    pub const FAMILY: &'static str = "inet";
    /// See [`Self::FAMILY`].
    pub const NAME: &'static str = "portreeve";
}
