//! The name of a unit, by systemd's own grammar.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::firewall::{ParseError, parse_error::text_form};

/// What may end a name.
const KINDS: [&str; 11] = [
    ".service",
    ".socket",
    ".device",
    ".mount",
    ".automount",
    ".swap",
    ".target",
    ".path",
    ".timer",
    ".slice",
    ".scope",
];

/// systemd's own limit, with the end.
const MOST: usize = 255;

/// A unit or an instance of a template, for example `nginx.service` or `postfix@-.service`. Never a template itself, and
/// never what a program could take for an option.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitName(String);

text_form!(UnitName);

impl UnitName {
    /// Reads the name.
    ///
    /// # Errors
    /// When it breaks the grammar of systemd.unit(5).
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if is_name(text) { Ok(Self(text.to_owned())) } else { Err(ParseError::new(text, REASON)) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is: `service`, `socket`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.rsplit_once('.').map_or("", |(_, kind)| kind)
    }

    /// The name without its kind.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.0.rsplit_once('.').map_or(&self.0, |(stem, _)| stem)
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

const REASON: &str =
    "isn't the name of a unit: letters, digits and : - _ . \\ @, then its kind, for example nginx.service";

fn is_name(text: &str) -> bool {
    let stem = KINDS.iter().find_map(|kind| text.strip_suffix(kind)).unwrap_or_default();
    let plain = stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte));
    plain && text.len() <= MOST && !stem.is_empty() && !stem.starts_with(['-', '@']) && !stem.ends_with('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_systemd_allows_and_no_option_path_or_template() {
        for text in [
            "nginx.service",
            "postfix@-.service",
            "getty@tty1.service",
            "a:b_c.d-e.socket",
            "system-getty.slice",
            "dev-disk-by\\x2duuid-1.swap",
            &format!("{}.service", "a".repeat(247)),
        ] {
            assert_eq!(UnitName::parse(text).map(String::from).as_deref(), Ok(text));
        }
        for text in [
            "",
            "nginx",
            ".service",
            "-H.service",
            "--root=x.service",
            "../x.service",
            "a/b.service",
            "a b.service",
            "a;b.service",
            "a\n.service",
            "ä.service",
            "a*.service",
            "foo@.service",
            "@x.service",
            "nginx.services",
            "nginx.service ",
            &format!("{}.service", "a".repeat(248)),
        ] {
            UnitName::parse(text).unwrap_err();
        }
    }

    #[test]
    fn a_name_has_a_stem_and_a_kind() {
        let name = UnitName::parse("my.own@a.b.socket").unwrap();
        assert_eq!((name.stem(), name.kind()), ("my.own@a.b", "socket"));
    }
}
