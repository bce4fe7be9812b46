//! What a user may be called.

use std::fmt;

/// An account's name: 1 to 32 ASCII letters, digits, `.`, `_` and `-`, a letter first. ASCII alone, because two names
/// that look the same must be the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserName(String);

/// Why a text is no account name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing was typed.
    #[error("Choose a name.")]
    Empty,
    /// Too long.
    #[error("A name has at most 32 characters.")]
    TooLong,
    /// Starts with something else than a letter.
    #[error("A name starts with a letter from A to Z.")]
    NoLetterFirst,
    /// Holds a character outside the alphabet.
    #[error("A name has only letters from A to Z, digits, dots, underscores and hyphens.")]
    BadCharacter,
}

impl UserName {
    /// The most characters a name has.
    pub const MAX: usize = 32;

    /// Reads a name.
    ///
    /// # Errors
    /// The first [`NameProblem`] found.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        let first = text.chars().next().ok_or(NameProblem::Empty)?;
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
            return Err(NameProblem::BadCharacter);
        }
        if !first.is_ascii_alphabetic() {
            return Err(NameProblem::NoLetterFirst);
        }
        if text.len() > Self::MAX {
            return Err(NameProblem::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it was typed when the account was made.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_short() {
        for name in ["a", "anna", "Anna.B_c-9", &"x".repeat(32)] {
            assert_eq!(UserName::parse(name).unwrap().as_str(), name);
        }
        let wrong = [
            ("", NameProblem::Empty),
            (" anna", NameProblem::BadCharacter),
            ("anna\0", NameProblem::BadCharacter),
            ("an\u{2028}na", NameProblem::BadCharacter),
            ("\u{430}nna", NameProblem::BadCharacter),
            ("<b>", NameProblem::BadCharacter),
            ("1anna", NameProblem::NoLetterFirst),
            (".anna", NameProblem::NoLetterFirst),
            (&"x".repeat(33), NameProblem::TooLong),
        ];
        for (name, problem) in wrong {
            assert_eq!(UserName::parse(name), Err(problem), "{name:?}");
        }
    }
}
