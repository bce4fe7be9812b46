//! The base policy: what holds before, behind and besides the rules. `docs/policy.md` tells the order.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::{Action, Rate};

/// Defaults and protections. Every one that is on is a line of its own in the order of evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch of the page")]
pub struct Policy {
    /// What no rule decides and wants in, published ports of containers included.
    pub incoming: Action,
    /// What no rule decides and goes out.
    pub outgoing: Action,
    /// What no rule decides and passes through.
    pub forwarded: Action,
    /// Drop packets that conntrack can't attribute to any connection.
    pub invalid: bool,
    /// Drop TCP packets whose flags no honest sender combines.
    pub tcp_flags: bool,
    /// Drop packets whose source wouldn't be answered through the interface they came in by.
    pub reverse_path: bool,
    /// Let in the answers of `DHCPv6` servers, without which a host can lose its IPv6 address.
    pub dhcpv6: bool,
    /// New TCP connections of each source; what is above is dropped.
    #[serde(with = "off")]
    pub syn_flood: Option<Rate>,
    /// Connections of each source at once; what is above is dropped.
    #[serde(with = "off")]
    pub connections: Option<NonZeroU32>,
    /// Answer pings, so many of each source. Without it pings are left to the rules.
    #[serde(with = "off")]
    pub ping: Option<Rate>,
    /// Only observe: what would be dropped or rejected passes, with its receipt.
    pub observe: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            incoming: Action::Drop,
            outgoing: Action::Allow,
            forwarded: Action::Allow,
            invalid: true,
            tcp_flags: true,
            reverse_path: true,
            dhcpv6: true,
            syn_flood: Rate::parse("200/second burst 400").ok(),
            connections: None,
            ping: Rate::parse("10/second burst 20").ok(),
            observe: false,
        }
    }
}

/// `"off"` for nothing, because TOML has no word for it and a missing field means the default.
mod off {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Off,
    }

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "isn't what this limit is written like, nor \"off\"")]
    enum Switch<T> {
        Off(Word),
        On(T),
    }

    #[expect(clippy::ref_option, reason = "the signature serde asks for")]
    pub(super) fn serialize<T: Serialize, S: Serializer>(limit: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match limit {
            Some(limit) => limit.serialize(serializer),
            None => Word::Off.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        Ok(match Switch::deserialize(deserializer)? {
            Switch::Off(Word::Off) => None,
            Switch::On(limit) => Some(limit),
        })
    }
}
