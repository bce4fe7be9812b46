//! The first packet of a connection as far as its sender has no choice, and those from whom it may come.

use std::net::IpAddr;

use super::{path::Mark, ranges::Ranges};
use crate::firewall::{Family, listener::Transport};

/// What is the same for a packet on all of its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    pub(super) family: Family,
    pub(super) transport: Transport,
    /// Whether this host itself sends it.
    pub(super) is_own: bool,
}

impl Opening {
    pub(super) const fn protocol(self) -> u8 {
        match self.transport {
            Transport::Tcp => 6,
            Transport::Udp => 17,
        }
    }
}

/// What changes on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State<'a> {
    pub(super) input: Option<&'a str>,
    pub(super) output: Option<&'a str>,
    pub(super) address: IpAddr,
    pub(super) port: u16,
    /// Where it wanted to go before it was translated.
    pub(super) original: Option<(IpAddr, u16)>,
    /// None if it can't be told.
    pub(super) mark: Option<u32>,
    pub(super) connection_mark: Option<u32>,
    /// What conntrack makes of it.
    pub(super) tracking: Tracking,
    /// Whether a chain of kind nat has decided at this hook.
    pub(super) is_bound: bool,
}

/// What conntrack makes of a first packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tracking {
    /// It hasn't seen it yet.
    Before,
    /// It is new.
    New,
    /// It was told not to look.
    Not,
}

/// Why it can't be told which way a packet goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// It depends on whether the sender is in a set whose members weren't read.
    Listed(String),
    /// It depends on what the sender chooses.
    Choice(String),
    /// Something isn't understood.
    Unknown(String),
}

/// Packets that are alike and differ only in their source.
#[derive(Debug, Clone)]
pub(super) struct Flow<'a> {
    pub(super) state: State<'a>,
    /// Whose packets may be here.
    pub(super) may: Ranges,
    /// Whose packets are here for certain.
    pub(super) sure: Ranges,
    /// Why those aren't the same.
    pub(super) doubts: Vec<Doubt>,
    pub(super) path: Vec<Mark<'a>>,
}

impl Flow<'_> {
    pub(super) fn doubt(&mut self, doubt: &Doubt) {
        if !self.doubts.contains(doubt) {
            self.doubts.push(doubt.clone());
        }
    }
}

/// Joins flows that differ only in their sources.
pub(super) fn join<'a>(flows: Vec<Flow<'a>>) -> Vec<Flow<'a>> {
    let mut joined: Vec<Flow<'a>> = Vec::with_capacity(flows.len());
    for flow in flows {
        match joined.iter_mut().find(|other| other.state == flow.state) {
            Some(other) => other.take(flow),
            None => joined.push(flow),
        }
    }
    joined
}

impl Flow<'_> {
    fn take(&mut self, other: Self) {
        self.may.add(&other.may);
        self.sure.add(&other.sure);
        other.doubts.iter().for_each(|doubt| self.doubt(doubt));
        for mark in other.path {
            if !self.path.contains(&mark) {
                self.path.push(mark);
            }
        }
    }
}

/// Whose packets are in any of these.
pub(super) fn sources(flows: &[Flow]) -> Ranges {
    flows.iter().fold(Ranges::default(), |mut all, flow| {
        all.add(&flow.may);
        all
    })
}
