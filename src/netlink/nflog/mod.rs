//! What the kernel tells of packets that a rule logs to an NFLOG group. PURE; strangers make these bytes.

mod headers;
mod message;

pub use headers::Headers;
pub use message::{Logged, logged};
