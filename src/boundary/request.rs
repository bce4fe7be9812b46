//! What the panel may ask of the helper.

use serde::{Deserialize, Serialize};

/// A verb with its fields. The first request of a connection must be `Hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Request {
    /// Opens the conversation; a different version is refused and the connection closed.
    Hello {
        /// The sender's [`super::VERSION`].
        version: u32,
    },
    /// Asks what the helper enforces now.
    ReadState {},
    /// Asks for every socket of the host that accepts.
    ListListeners {},
}
