//! What the helper answers.

use serde::{Deserialize, Serialize};

use crate::firewall::Listing;

/// The answer to one request, in the order the requests came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Response {
    /// The versions match.
    Hello {
        /// The helper's [`super::VERSION`].
        version: u32,
    },
    /// What the helper enforces.
    State(State),
    /// Every socket that accepts.
    Listeners(Listing),
    /// The request was understood or not, but wasn't carried out.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// What the helper enforces. There is no enforcing state yet, because there is no verb that could bring it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing of Portreeve is in the kernel.
    Off,
}

/// Why a request wasn't carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Refusal {
    /// The two programs aren't of one version.
    #[error("the helper speaks protocol version {helper}: install panel and helper from the same package")]
    Version {
        /// The helper's version.
        helper: u32,
    },
    /// The first request wasn't `Hello`, or `Hello` came twice.
    #[error("the conversation must open with one Hello")]
    OutOfTurn,
    /// The bytes aren't a request.
    #[error("the request could not be understood")]
    Malformed,
    /// The helper could not read what it needs from the kernel.
    #[error("the helper could not read the kernel's state: {reason}")]
    Kernel {
        /// The system's message.
        reason: String,
    },
}
