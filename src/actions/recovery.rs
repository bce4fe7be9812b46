//! Codes for the day when the app is lost: each works once, and only its hash is kept.

use sha2::{Digest, Sha256};

use super::{random, totp};
use crate::store::TokenHash;

/// How many there are.
const CODES: usize = 10;

/// Codes that were just made, the only copy: `abcd-efgh-ijkl-mnop`.
#[derive(Clone)]
pub struct RecoveryCodes(Vec<String>);

impl RecoveryCodes {
    pub(super) fn random() -> Self {
        let code = |_| {
            let text = totp::to_base32(&random::bytes::<10>()).to_ascii_lowercase();
            format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..])
        };
        Self((0..CODES).map(code).collect())
    }

    /// The codes, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &[String] {
        &self.0
    }

    pub(super) fn hashes(&self) -> Vec<TokenHash> {
        self.0.iter().map(|code| hash(code)).collect()
    }
}

impl std::fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCodes(..)")
    }
}

/// Eighty random bits need no slow hash. Hyphens, spaces and capitals are as they are typed.
pub(super) fn hash(code: &str) -> TokenHash {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    TokenHash::new(Sha256::digest(plain).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_different_codes_are_known_however_they_are_typed() {
        let codes = RecoveryCodes::random();
        let mut texts = codes.expose().to_vec();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!((texts.len(), texts[0].len()), (CODES, 19));
        assert!(hash(&texts[0]) == hash(&texts[0].replace('-', " ").to_uppercase()));
        assert!(hash(&texts[0]) != hash(&texts[1]));
        assert_eq!(format!("{codes:?}"), "RecoveryCodes(..)");
    }
}
