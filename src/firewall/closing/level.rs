//! How far closing goes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far closing goes, from what is taken back most easily.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloseLevel {
    /// Nobody gets in; what listens goes on.
    Block,
    /// What listens is stopped, until it is started again or the host is.
    Stop,
    /// It is stopped and doesn't start with the host.
    Disable,
    /// It is stopped and nothing can start it.
    Mask,
}

impl CloseLevel {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Block, Self::Stop, Self::Disable, Self::Mask];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Stop => "stop",
            Self::Disable => "disable",
            Self::Mask => "mask",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

impl fmt::Display for CloseLevel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
