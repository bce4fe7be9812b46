//! Tables of other programs, as far as they decide who reaches what.
//!
//! Read from what the kernel lists, never written. What isn't understood is kept as words, so that whoever evaluates it
//! can say what he couldn't tell instead of guessing.

mod json;
mod statement;
mod table;

pub use statement::{Key, Operand, Statement, Translation, Verdict};
pub use table::{Base, Chain, Hook, Kind, Members, Rule, Set, Span, Table};

/// Everything in the kernel that isn't ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreign {
    /// The tables, in the order they were listed.
    pub tables: Vec<Table>,
    /// What could not be read at all, in words. Any of it may drop or accept anything.
    pub unreadable: Vec<String>,
}

impl Foreign {
    /// Reads what `nft --json --terse list ruleset` prints: libnftables-json(5). Sets are without their members there.
    #[must_use]
    pub fn from_nft(listing: &serde_json::Value) -> Self {
        json::read(listing)
    }
}
