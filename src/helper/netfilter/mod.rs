//! What is done in the kernel without starting a program: elements of sets, and connections.
//!
//! `nft` reads every set of the host before it adds one element, which takes seconds beside a long list, and it takes
//! 1.4 GB for a million members. One message takes microseconds.

pub mod conntrack;
pub mod nflog;
mod socket;
mod transaction;

pub use transaction::Transaction;
