//! Who may read the panel's own figures: whoever shows the token that the administrator chose. Without one nobody may.

use std::sync::{PoisonError, RwLock};

use axum::http::HeaderValue;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The token's hash, which can be changed while the panel runs.
#[derive(Debug, Default)]
pub struct MetricsKey(RwLock<Option<[u8; 32]>>);

impl MetricsKey {
    /// From now on this token opens, and no other; none closes.
    pub fn set(&self, token: Option<&str>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = token.map(hash);
    }

    /// Whether nobody may read them.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.hash().is_none()
    }

    /// Whether an `Authorization` header shows the token.
    #[must_use]
    pub fn opens_by(&self, authorization: Option<&HeaderValue>) -> bool {
        let shown = authorization.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let (Some(shown), Some(expected)) = (shown, self.hash()) else { return false };
        hash(shown).ct_eq(&expected).into()
    }

    fn hash(&self) -> Option<[u8; 32]> {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_chosen_token_opens_and_without_one_nothing_does() {
        let key = MetricsKey::default();
        let shown = |text: &'static str| HeaderValue::from_static(text);
        assert!(key.is_off() && !key.opens_by(Some(&shown("Bearer "))) && !key.opens_by(None));
        key.set(Some("one"));
        assert!(key.opens_by(Some(&shown("Bearer one"))));
        for wrong in ["Bearer two", "Bearer one ", "bearer one", "one", "Basic one", ""] {
            assert!(!key.opens_by(Some(&shown(wrong))), "{wrong}");
        }
        key.set(None);
        assert!(!key.opens_by(Some(&shown("Bearer one"))));
    }
}
