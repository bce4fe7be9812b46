//! Proof that a change comes from a form of ours.
//!
//! Three checks, because each has a hole that another fills: what the browser says about the sender (`Sec-Fetch-Site`,
//! `Origin`), the cookies' `SameSite`, and a token in the form that only a page of ours can have carried.

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, header},
};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::time::timeout;

use super::{Fault, Visit, hex};
use crate::web::server::limits;

/// The value that the forms of one session, or of one visitor who isn't signed in, carry in their field `csrf`.
#[derive(Clone)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// Derives the token from a secret of the browser's cookies. It can be shown in a page, because the secret can't be
    /// found from it.
    #[must_use]
    pub(super) fn derive(secret: &str) -> Self {
        let digest = Sha256::new().chain_update("portreeve form token 1\0").chain_update(secret).finalize();
        Self(hex::encode(digest))
    }

    /// The value of the field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn matches(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// A form whose token was right. There is no other way to read a form.
#[derive(Debug)]
pub struct ProtectedForm<T>(pub T);

/// The body of a request that passed [`verify`].
#[derive(Debug, Clone)]
pub(super) struct Verified(Bytes);

impl Verified {
    /// The names and values of the form, without its token.
    pub(super) async fn fields(self, headers: &HeaderMap) -> Vec<(String, String)> {
        let fields: Vec<(String, String)> = decode(headers, &self.0).await.unwrap_or_default();
        fields.into_iter().filter(|(name, _)| name != "csrf").collect()
    }
}

#[derive(Deserialize)]
struct Token {
    csrf: String,
}

/// Whether a request of this method is to change nothing.
pub(super) const fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Reads the body, within the limits, and lets the request pass only with the right token from the right place.
pub(super) async fn verify(request: Request, visit: &Visit) -> Result<Request, Fault> {
    if !comes_from_us(request.headers(), visit.authority()) {
        return Err(Fault::StaleForm);
    }
    let (mut parts, body) = request.into_parts();
    let longest = if visit.signed_in().is_some() { limits::BODY_BYTES } else { limits::STRANGER_BODY_BYTES };
    let body = read(body, longest).await?;
    let is_right = decode::<Token>(&parts.headers, &body).await.is_ok_and(|token| visit.csrf().matches(&token.csrf));
    if !is_right {
        return Err(Fault::StaleForm);
    }
    parts.extensions.insert(Verified(body));
    Ok(Request::from_parts(parts, Body::empty()))
}

/// Every browser of the last years sends at least one of the two headers with a form; a request without either isn't
/// from a browser that we could protect.
fn comes_from_us(headers: &HeaderMap, authority: &str) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let own = format!("https://{authority}");
    let site_is_own = site.is_none_or(|site| site == b"same-origin" || site == b"none");
    let origin_is_own = origin.is_none_or(|origin| origin.eq_ignore_ascii_case(own.as_bytes()));
    site_is_own && origin_is_own && (site.is_some() || origin.is_some())
}

/// A body that is announced as too long isn't waited for.
async fn read(body: Body, longest: usize) -> Result<Bytes, Fault> {
    if usize::try_from(body.size_hint().lower()).is_ok_and(|announced| announced > longest) {
        return Err(Fault::TooLarge);
    }
    match timeout(limits::BODY_TIME, to_bytes(body, longest)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Fault::TooLarge),
        Err(_) => Err(Fault::TooSlow),
    }
}

#[expect(clippy::disallowed_types, reason = "the one place that forms are read, after or for the check of the token")]
async fn decode<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Fault> {
    let mut request = Request::new(Body::from(body.clone()));
    *request.method_mut() = Method::POST;
    *request.headers_mut() = headers.clone();
    let form = axum::Form::<T>::from_request(request, &()).await;
    form.map(|axum::Form(form)| form).map_err(|_| Fault::Unreadable)
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ProtectedForm<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let (mut parts, _) = request.into_parts();
        let verified = axum::Extension::<Verified>::from_request_parts(&mut parts, state).await;
        let axum::Extension(Verified(body)) = verified.map_err(|error| Fault::internal(&error))?;
        Ok(Self(decode(&parts.headers, &body).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (axum::http::HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        comes_from_us(&pairs.iter().map(pair).collect(), "panel.example:8470")
    }

    #[test]
    fn only_our_own_pages_and_the_person_may_send_forms() {
        assert!(check(&[("sec-fetch-site", "same-origin")]));
        assert!(check(&[("sec-fetch-site", "none")]));
        assert!(check(&[("origin", "https://panel.example:8470")]));
        assert!(check(&[("sec-fetch-site", "same-origin"), ("origin", "https://Panel.example:8470")]));
        let foreign: [&[_]; 8] = [
            &[],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site")],
            &[("origin", "null")],
            &[("origin", "http://panel.example:8470")],
            &[("origin", "https://panel.example")],
            &[("origin", "https://panel.example:8470.evil.example")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        ];
        for headers in foreign {
            assert!(!check(headers), "{headers:?}");
        }
    }

    #[test]
    fn a_token_depends_on_its_secret_and_does_not_show_it() {
        let token = CsrfToken::derive("secret");
        assert!(token.matches(CsrfToken::derive("secret").as_str()));
        assert!(!token.matches(CsrfToken::derive("Secret").as_str()) && !token.matches(""));
        assert!(!token.as_str().contains("secret"));
    }
}
