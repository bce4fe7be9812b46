//! The part of an address behind the question mark, made from names and values.

use std::fmt::Write;

/// A query string under construction.
#[derive(Debug, Clone, Default)]
pub struct Query(String);

impl Query {
    /// Adds `name=value`; an empty value adds nothing.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            let separator = if self.0.is_empty() { '?' } else { '&' };
            self.0.push(separator);
            self.0.push_str(name);
            self.0.push('=');
            self.0.push_str(&encoded(value));
        }
        self
    }

    /// The address `path` with this query.
    #[must_use]
    pub fn on(&self, path: &str) -> String {
        format!("{path}{}", self.0)
    }
}

/// A value as it may stand in a query; a slash means nothing there and stays readable.
#[must_use]
pub fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a String takes every write");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_and_empty_ones_left_out() {
        let query = Query::default().with("q", "a b&c=\"é").with("bound", "").with("sort", "port");
        assert_eq!(query.on("/ports"), "/ports?q=a%20b%26c%3D%22%C3%A9&sort=port");
        assert_eq!(Query::default().on("/ports"), "/ports");
    }
}
