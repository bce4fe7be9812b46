//! Why a text isn't what it should be, as one sentence a person can act on.

use std::fmt::Display;

/// A refused text, quoted and shortened so that it is safe to print, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{shown:?} {reason}")]
pub struct ParseError {
    shown: String,
    reason: String,
}

impl ParseError {
    /// The sentence is the quoted `text` followed by `reason`.
    #[must_use]
    pub fn new(text: impl Display, reason: impl Into<String>) -> Self {
        Self { shown: text.to_string().chars().take(60).collect(), reason: reason.into() }
    }
}

/// Gives a type that has `parse` and `Display` the conversions through which serde must go, so that nothing enters
/// unchecked.
macro_rules! text_form {
    ($type:ty) => {
        impl std::str::FromStr for $type {
            type Err = $crate::firewall::ParseError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
        impl TryFrom<String> for $type {
            type Error = $crate::firewall::ParseError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    };
}
pub(crate) use text_form;
