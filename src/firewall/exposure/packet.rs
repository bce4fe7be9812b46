//! The first packet of a connection as far as its sender has no choice, and those from whom it may come.

use std::net::IpAddr;

use super::{
    doubt::{Doubt, Doubts},
    path::Mark,
    ranges::Ranges,
};
use crate::firewall::{Family, listener::Transport};

/// What is the same for a packet on all of its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    pub(super) family: Family,
    pub(super) content: Content,
    /// Whether this host itself sends it.
    pub(super) is_own: bool,
}

impl Opening {
    pub(super) const fn protocol(self) -> u8 {
        match self.content {
            Content::First(Transport::Tcp) => 6,
            Content::First(Transport::Udp) => 17,
            Content::Neighbour(_) => 58,
        }
    }

    /// What conntrack makes of it once it sees it.
    pub(super) const fn tracking(self) -> Tracking {
        match self.content {
            Content::First(_) => Tracking::New,
            Content::Neighbour(_) => Tracking::Not,
        }
    }
}

/// What a packet carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// The beginning of a connection or exchange.
    First(Transport),
    /// What hosts on a link say to find each other: a type of `ICMPv6` that conntrack leaves alone.
    Neighbour(u8),
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

impl State<'_> {
    /// That of a packet that nothing has touched.
    pub(super) const fn fresh(address: IpAddr, port: u16) -> Self {
        Self {
            input: None,
            output: None,
            address,
            port,
            original: None,
            mark: Some(0),
            connection_mark: Some(0),
            tracking: Tracking::Before,
            is_bound: false,
        }
    }
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

/// Packets that are alike and differ only in their source.
#[derive(Debug, Clone)]
pub(super) struct Flow<'a> {
    pub(super) state: State<'a>,
    /// Whose packets may be here.
    pub(super) may: Ranges,
    /// Whose packets are here for certain.
    pub(super) sure: Ranges,
    /// Why those aren't the same.
    pub(super) doubts: Doubts,
    pub(super) path: Vec<Mark<'a>>,
}

impl Flow<'_> {
    pub(super) fn doubt(&mut self, doubt: &Doubt) {
        self.doubts.add(&self.may, doubt);
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
        self.doubts.join(&self.may, (other.doubts, &other.may));
        self.may.add(&other.may);
        self.sure.add(&other.sure);
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
