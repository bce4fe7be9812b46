//! Reads what was turned away: rows, sums, a histogram and facets, each for the same filter.
//!
//! The tables hold ten million rows, so no statement may look at all of them. What a filter leaves open decides which way
//! is taken: by the key, which tells the time; by the index of sources; or by the roll-ups. Where even that would be too
//! much, the newest rows are looked at and the answer says how far back.
//!
//! Each statement takes its parameters as one JSON object, because most of them have the same dozen.

mod facets;
mod filter;
mod histogram;
mod parameters;
mod port_bars;
mod rows;
mod sample;
mod scans;
mod seen;
mod sources;

pub use facets::{DoorSums, PortSum};
pub use filter::{BlockedFilter, Treatment};
pub use histogram::Bar;
pub use port_bars::PortBar;
pub use rows::BlockedPage;
pub use scans::ScanCell;
pub use sources::{NetworkSum, SourceSum, SourceSums};
