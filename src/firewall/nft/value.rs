//! What a key is compared with.

use serde_json::{Value as Json, json};

use crate::firewall::{AddressRange, PortRange, bits};

/// A constant, or a range of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number.
    Number(u64),
    /// Every number from the first to the last.
    Numbers(u64, u64),
    /// A name: of an interface, a state, a status.
    Word(String),
    /// An address, a prefix or a range.
    Addresses(AddressRange),
    /// Yes or no.
    Flag(bool),
}

impl Value {
    /// A word from a literal.
    #[must_use]
    pub fn word(text: impl Into<String>) -> Self {
        Self::Word(text.into())
    }

    /// The first and last number of it; a word is no number and spans them all.
    #[must_use]
    pub fn span(&self) -> (u128, u128) {
        match self {
            Self::Number(number) => (u128::from(*number), u128::from(*number)),
            Self::Numbers(first, last) => (u128::from(*first), u128::from(*last)),
            Self::Addresses(range) => (bits(range.first()), bits(range.last())),
            Self::Flag(flag) => (u128::from(*flag), u128::from(*flag)),
            Self::Word(_) => (0, u128::MAX),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Number(number) => json!(number),
            Self::Numbers(first, last) => json!({"range": [first, last]}),
            Self::Word(word) => json!(word),
            Self::Addresses(range) => addresses(*range),
            Self::Flag(flag) => json!(flag),
        }
    }
}

impl From<u8> for Value {
    fn from(number: u8) -> Self {
        Self::Number(number.into())
    }
}

impl From<PortRange> for Value {
    fn from(range: PortRange) -> Self {
        if range.first() == range.last() {
            return Self::Number(range.first().into());
        }
        Self::Numbers(range.first().into(), range.last().into())
    }
}

pub(super) fn addresses(range: AddressRange) -> Json {
    if range.first() == range.last() {
        return json!(range.first());
    }
    match range.to_prefix() {
        Some(prefix) => json!({"prefix": {"addr": prefix.network(), "len": prefix.prefix_len()}}),
        None => json!({"range": [range.first(), range.last()]}),
    }
}
