//! The part of nftables that `compile` writes and `simulate` reads, as types with the JSON form of `nft -j`.
//!
//! Closed on purpose: a statement that can't be simulated can't be written.

mod batch;
mod key;
mod statement;
mod table;
mod value;

pub use batch::{Batch, Present};
pub use key::Key;
pub use statement::{Comparison, Limit, NFLOG_GROUP, Operand, RECEIPT_BYTES, Statement};
pub use table::{Base, Chain, Hook, Rule, Set, SetKind, Table};
pub use value::Value;
