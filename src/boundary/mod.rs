//! THE WIRE between panel and helper: the closed set of requests and responses, and their framing.
//!
//! Neighbours: uses `firewall` for the values it carries; the helper serves it, `actions` and `cli` call it. It touches
//! only the reader and writer it is handed.
//!
//! Invariant: no field of a request is ever a command, a path or a chain name. What can't be decoded whole (unknown
//! verb, unknown field, trailing bytes, too long) is an error and the connection ends. `docs/protocol.md` describes
//! every verb; a test compares it with the types.

pub mod codec;
mod deadline;
mod fit;
pub mod limits;
pub mod passage;
mod request;
mod response;

pub use deadline::Deadline;
pub use fit::fit;
pub use request::Request;
pub use response::{Refusal, Response};

/// The version both ends must have. Bump it with every change to a request or response.
pub const VERSION: u32 = 3;
