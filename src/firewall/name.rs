//! Names and notes: what a person may call a thing.

use std::{fmt, num::NonZeroU32};

use serde::{Deserialize, Serialize};

use super::{ParseError, parse_error::text_form, untrusted};

/// The name of a rule that never changes and is never used again. Printed `r12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(NonZeroU32);

impl RuleId {
    /// The id with this number; there is no rule 0.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// Reads `r12`.
    ///
    /// # Errors
    /// When it isn't an `r` and a number from 1.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let digits = text.strip_prefix('r').filter(|digits| !digits.starts_with(['+', '0']));
        let number = digits.and_then(|digits| digits.parse().ok());
        number.map(Self).ok_or_else(|| ParseError::new(text, "isn't a rule id like r12"))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "r{}", self.0)
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $check:expr, $reason:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        text_form!($type);

        impl $type {
            /// Reads the name.
            ///
            /// # Errors
            /// When it breaks the grammar of such names.
            pub fn parse(text: &str) -> Result<Self, ParseError> {
                let allowed: fn(&str) -> bool = $check;
                if allowed(text) { Ok(Self(text.to_owned())) } else { Err(ParseError::new(text, $reason)) }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    };
}

name!(
    /// The name of a list of addresses: `office`, `deny`, `feed-drop`.
    ListName,
    is_slug,
    "isn't a list name: 1 to 32 lower-case letters, digits and dashes, a letter first"
);

name!(
    /// The name of a service: `ssh`, `https`.
    ServiceName,
    is_slug,
    "isn't a service name: 1 to 32 lower-case letters, digits and dashes, a letter first"
);

name!(
    /// A network interface by its exact name.
    InterfaceName,
    is_interface,
    "isn't an interface name: 1 to 15 letters, digits and . _ - +, and not . or .."
);

name!(
    /// A line a person wrote: one line, up to 500 characters, none of which steers a terminal or deceives a reader.
    Text,
    is_text,
    "isn't allowed here: up to 500 characters on one line, no control, invisible or direction-changing characters"
);

impl Text {
    /// No text at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self(String::new())
    }

    /// Whether there is no text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_slug(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    let rest = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    first && rest && text.len() <= 32
}

/// Narrower than the kernel's rule, which only forbids `/`, `:` and spaces: a leading `@` names a set to nft and a
/// trailing `*` is a pattern.
fn is_interface(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte));
    plain && (1..=15).contains(&text.len()) && text != "." && text != ".."
}

fn is_text(text: &str) -> bool {
    text.chars().count() <= 500 && !text.chars().any(untrusted::steers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_grammar() {
        assert!(ListName::parse("feed-drop2").is_ok());
        for text in ["", "2a", "Office", "a_b", "a b", "ä", "a\n", &"a".repeat(33)] {
            assert!(ListName::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_interface_is_what_the_kernel_allows_and_no_pattern() {
        for text in ["lo", "eth0", "br-3f2a", "wg0.5", "enp0s31f6"] {
            assert!(InterfaceName::parse(text).is_ok(), "{text}");
        }
        for text in ["", ".", "..", "eth*", "@ban", "a/b", "a:b", "a b", "a\"b", "sixteen-letters-"] {
            assert!(InterfaceName::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_note_is_one_line_that_reads_in_one_direction() {
        assert!(Text::parse("Anna's büro, für 2 Wochen").is_ok());
        for text in ["a\nb", "a\u{1b}[31m", "a\u{202e}b", "a\u{2066}b", "a\u{7f}", &"x".repeat(501)] {
            assert!(Text::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_rule_id_starts_at_one() {
        assert_eq!(RuleId::parse("r12"), Ok(RuleId::new(12).expect("not 0")));
        for text in ["r0", "12", "r", "r-1", "r+1", "r01", "r4294967296"] {
            assert!(RuleId::parse(text).is_err(), "{text}");
        }
    }
}
