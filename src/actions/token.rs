//! Secrets that open something: a session, or the setup of the first account.

use std::fmt;

use sha2::{Digest, Sha256};

use super::random;
use crate::store::TokenHash;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// 32 random bytes, written as 64 hexadecimal digits. Only its hash is stored.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    pub(super) fn random() -> Self {
        Self(random::bytes())
    }

    /// Reads what [`Self::expose`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// The secret itself, for the cookie or the link.
    #[must_use]
    pub fn expose(&self) -> String {
        self.0
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 0xf])
            .map(|half| char::from(DIGITS[usize::from(half)]))
            .collect()
    }

    pub(super) fn hash(&self) -> TokenHash {
        TokenHash::new(Sha256::digest(self.0).into())
    }
}

fn digit(character: u8) -> Option<u8> {
    DIGITS.iter().zip(0..).find(|(digit, _)| **digit == character).map(|(_, value)| value)
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_was_written_and_nothing_else_is_one() {
        let token = Token::random();
        let text = token.expose();
        assert_eq!(Token::parse(&text).unwrap().0, token.0);
        assert_ne!(Token::random().0, token.0);
        for wrong in ["", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "G"), &"\u{e9}".repeat(32)] {
            assert!(Token::parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", Token::random()), "Token(..)");
    }
}
