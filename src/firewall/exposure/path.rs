//! What decided, step by step.

use std::{fmt, net::IpAddr, ptr};

use serde::{Deserialize, Serialize};

use crate::firewall::foreign::{Chain, Rule, Table};

/// One step of the way that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Family and name of the table: `ip filter`.
    pub table: String,
    /// The chain in it.
    pub chain: String,
    /// The rule as its owner would write it, for our own table the line; none for a chain's policy.
    pub rule: Option<String>,
    /// What it did.
    pub effect: Effect,
}

/// What a rule or policy did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Let it pass, at least here.
    Accept,
    /// Dropped it.
    Drop,
    /// Refused it and said so.
    Reject,
    /// Sent it on to another chain.
    Jump(String),
    /// Gave it another destination.
    Translate(IpAddr, u16),
    /// Holds senders to a limit; what is within goes on.
    Limit(String),
    /// May apply or not.
    Perhaps(String),
}

impl fmt::Display for Effect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => out.write_str("lets it pass"),
            Self::Drop => out.write_str("drops it"),
            Self::Reject => out.write_str("rejects it"),
            Self::Jump(chain) => write!(out, "goes on in {chain}"),
            Self::Translate(IpAddr::V4(address), port) => write!(out, "sends it to {address}:{port}"),
            Self::Translate(IpAddr::V6(address), port) => write!(out, "sends it to [{address}]:{port}"),
            Self::Limit(limit) => write!(out, "within a limit: {limit}"),
            Self::Perhaps(why) => write!(out, "may apply: {why}"),
        }
    }
}

/// A step while the way is still being followed.
#[derive(Debug, Clone)]
pub(super) struct Mark<'a> {
    pub(super) table: &'a Table,
    pub(super) chain: &'a Chain,
    pub(super) rule: Option<&'a Rule>,
    pub(super) effect: Effect,
}

impl PartialEq for Mark<'_> {
    fn eq(&self, other: &Self) -> bool {
        let rule = |mark: &Self| mark.rule.map(ptr::from_ref);
        ptr::eq(self.chain, other.chain) && rule(self) == rule(other) && self.effect == other.effect
    }
}

impl Mark<'_> {
    pub(super) fn to_step(&self) -> Step {
        Step {
            table: format!("{} {}", self.table.span.as_str(), self.table.name),
            chain: self.chain.name.clone(),
            rule: self.rule.map(|rule| rule.words.clone()),
            effect: self.effect.clone(),
        }
    }
}
