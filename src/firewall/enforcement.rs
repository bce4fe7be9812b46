//! What the helper enforces and observes, as plain values that both processes and the pages share.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    Action, AddressRange, Family, InterfaceName, Line, Moment, bits,
    simulate::{Packet, Route},
};

/// What is in the kernel, and what will be if nobody acts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enforcement {
    /// What kind of ruleset is in force.
    pub mode: Mode,
    /// The last confirmed revision; none before the first.
    pub confirmed: Option<u64>,
    /// An applied revision that waits for its confirmation; it is the one in the kernel.
    pub pending: Option<Pending>,
    /// The revision that was rolled back last, and why.
    pub rolled_back: Option<RolledBack>,
    /// Something an administrator must know: the state on disk was broken and what was done about it.
    pub notice: Option<String>,
}

/// What kind of ruleset is in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing of Portreeve is in the kernel.
    #[default]
    Off,
    /// The pending revision if there is one, else the confirmed one.
    Enforcing,
    /// The same, but that revision only observes: everything passes, and what it would turn away gives a receipt.
    Observing,
    /// Root ordered that nothing new comes in.
    Panic,
    /// The built-in safe ruleset: SSH, the panel and what is established. Ordered by root, or because no revision could
    /// be read after a restart.
    Rescue,
}

impl Mode {
    /// Whether a revision is in the kernel, whatever it does there.
    #[must_use]
    pub const fn is_of_revision(self) -> bool {
        matches!(self, Self::Enforcing | Self::Observing)
    }
}

/// An applied revision within its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// Its number.
    pub revision: u64,
    /// How long until it is rolled back, by a clock that nobody can set.
    pub millis_left: u64,
    /// How long it was or is to live in all, extensions included.
    pub window_seconds: u32,
}

/// How a revision ended that wasn't confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolledBack {
    /// Its number.
    pub revision: u64,
    /// Why.
    pub cause: RollBackCause,
    /// When.
    pub at: Moment,
}

/// Why a revision was rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollBackCause {
    /// Nobody confirmed it within its window.
    Silence,
    /// Somebody asked for it.
    Asked,
    /// The helper or the whole host was stopped or restarted within the window.
    Restart,
    /// Another revision was applied, or root ordered an emergency, within the window.
    Superseded,
}

/// What a line of the ruleset did since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The line.
    pub line: Line,
    /// Packets it decided.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A source that is dropped before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ban {
    /// Who.
    pub addresses: AddressRange,
    /// For how many seconds from now; for ever if there is no number.
    pub seconds: Option<u32>,
}

/// The host's place in its networks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// Every interface.
    pub interfaces: Vec<InterfaceName>,
    /// Every address of every interface but loopback's, with the network it is in.
    pub addresses: Vec<OwnAddress>,
    /// The main routing table.
    pub routes: Vec<Route>,
}

/// The interface of a host of which nothing is known.
const SOME_INTERFACE: &str = "eth0";

impl Survey {
    /// The interface towards an address; a packet from there that came in by another one would count as forged.
    ///
    /// # Panics
    /// Never: the names that stand in for what isn't known are names.
    #[must_use]
    pub fn towards(&self, address: IpAddr) -> InterfaceName {
        let name = |text| InterfaceName::parse(text).expect("a constant of the right form");
        if self.addresses.iter().any(|own| own.address == address) || address.is_loopback() {
            return name("lo");
        }
        let fitting = self.routes.iter().filter(|route| route.network.contains(address));
        let narrowest = fitting.min_by_key(|route| bits(route.network.last()) - bits(route.network.first()));
        let route = narrowest.map(|route| route.interface.clone());
        let route = route.or_else(|| self.addresses.first().map(|own| own.interface.clone()));
        route.unwrap_or_else(|| name(SOME_INTERFACE))
    }

    /// The address by which somebody at this address knows this host: one of the interface towards him, or one that no
    /// rule names.
    #[must_use]
    pub fn facing(&self, address: IpAddr) -> IpAddr {
        let (family, interface) = (Family::of(address), self.towards(address));
        let own = || self.addresses.iter().filter(|own| Family::of(own.address) == family);
        let facing = own().find(|own| own.interface == interface).or_else(|| own().next());
        facing.map_or_else(|| family.address(0), |own| own.address)
    }

    /// The networks this host has an address in: what `own-networks` means.
    #[must_use]
    pub fn networks(&self) -> Vec<AddressRange> {
        self.addresses.iter().map(|own| own.network).collect()
    }
}

/// One address of this host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnAddress {
    /// The interface that has it.
    pub interface: InterfaceName,
    /// The address.
    pub address: IpAddr,
    /// The network it is in.
    pub network: AddressRange,
}

/// The tables of others, as the programs print them that know them. Whoever reads them must expect anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignTables {
    /// nft's terse JSON listing, without our table unless it was asked for.
    pub nft: serde_json::Value,
    /// What iptables has to say for IPv4.
    pub iptables: Iptables,
    /// The same for IPv6.
    pub ip6tables: Iptables,
}

/// The tables of iptables for one family, whose rules nft can't or can't fully print.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iptables {
    /// Those that it keeps in nftables. In nft's listing they stand as well, but not with everything that matters.
    pub nft: Saved,
    /// Those of the old iptables, which nft's listing doesn't have.
    pub legacy: Saved,
}

/// The output of `iptables-save`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Saved {
    /// The kernel has no such tables, so it wasn't asked for.
    #[default]
    Absent,
    /// What it says.
    Text(String),
    /// The kernel has such tables, but why they couldn't be read.
    Unread(String),
}

/// A packet about which the simulator and the kernel disagree. Nothing is applied then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disagreement {
    /// The packet that was really sent.
    pub packet: Packet,
    /// What the simulator says becomes of it.
    pub simulated: Action,
    /// Whether the kernel let it pass.
    pub passed: bool,
}

/// What differs between our table in the kernel and what was committed: somebody else changed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// Whether it is there and shouldn't be, or the other way round.
    pub is_foreign: bool,
    /// The chain it is in, or the name of the chain, set or counter that it is.
    pub place: String,
    /// The line of the ruleset that it belongs to, where it names one.
    pub line: Option<Line>,
    /// What it is, as nft's JSON.
    pub content: String,
}
