//! Everything that is known of the host's ports, gathered for one page.

use crate::{
    actions::{Exposures, Units},
    firewall::{
        Listener, Moment, Ruleset,
        exposure::Exposure,
        package::{Package, Packages},
        unit::UnitFacts,
        usage::{Connected, Connections, ListenerNews, PortUse, PortUses},
    },
    store::Closure,
};

use super::published;

/// What the panel knows of the host's sockets, as it was last told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Snapshot<'a> {
    /// The sockets.
    pub listeners: &'a [Listener],
    /// How many more there are than one reading can carry.
    pub omitted: u32,
    /// When they were read; absent when they never were.
    pub taken_at: Option<Moment>,
    /// Why the last reading failed, as a sentence.
    pub fault: Option<&'a str>,
    /// From where they can be reached.
    pub exposures: Option<&'a Exposures>,
    /// Who is connected.
    pub connections: Option<&'a Connections>,
    /// Who was.
    pub uses: Option<&'a PortUses>,
    /// Which packages the programs come from.
    pub packages: Option<&'a Packages>,
    /// What is known of the units behind them.
    pub units: Option<&'a Units>,
    /// What came and went since the viewer looked last.
    pub news: Option<&'a ListenerNews>,
    /// The rules in force.
    pub running: Option<&'a Ruleset>,
    /// What was closed lately, newest first.
    pub closures: &'a [Closure],
    /// Whether rules are enforced; absent when that isn't known.
    pub is_on: Option<bool>,
    /// Whether the viewer may change anything.
    pub can_act: bool,
}

impl<'a> Snapshot<'a> {
    pub(super) fn exposure(&self, listener: &Listener) -> Option<&'a Exposure> {
        self.exposures.and_then(|exposures| exposures.of(listener))
    }

    pub(super) fn published(&self) -> Vec<(Listener, &'a Exposure)> {
        self.exposures.map(|exposures| published::listeners(exposures.published())).unwrap_or_default()
    }

    pub(super) fn connected(&self, listener: &Listener) -> Option<&'a Connected> {
        self.connections.and_then(|connections| connections.at(listener.port, listener.transport))
    }

    pub(super) fn used(&self, listener: &Listener) -> Option<&'a PortUse> {
        self.uses.and_then(|uses| uses.of(listener.port, listener.transport))
    }

    pub(super) fn package(&self, executable: &str) -> Option<&'a Package> {
        self.packages.and_then(|packages| packages.of(executable))
    }

    pub(super) fn unit(&self, name: &str) -> Option<&'a UnitFacts> {
        self.units.and_then(|units| units.get(name))
    }

    pub(super) fn is_new(&self, listener: &Listener) -> bool {
        self.news.is_some_and(|news| news.is_new(listener))
    }
}
