//! Named sets of addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AddressRange, ListName, Moment, ParseError, Text, instant, parse_error::text_form};

/// The list whose members are never banned and may reach everything.
pub const ALLOW: &str = "allow";

/// The list whose members are dropped before anything else.
pub const DENY: &str = "deny";

/// A list that rules can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// How rules name it.
    pub name: ListName,
    /// What it is for.
    #[serde(default = "Text::empty", skip_serializing_if = "Text::is_empty")]
    pub note: Text,
    /// Who is on it; entries may overlap.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// One entry of a list. Written `198.51.100.7 until 2026-11-23T10:00:00Z # Anna at home`; moment and note can be left
/// out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Entry {
    /// The addresses.
    pub addresses: AddressRange,
    /// From this moment on the entry does nothing.
    pub expires_at: Option<Moment>,
    /// Why they are on the list.
    pub note: Text,
}

text_form!(Entry);

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    /// When addresses, moment or note are wrong.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (rest, note) = text.split_once(" # ").unwrap_or((text, ""));
        let (addresses, moment) =
            rest.split_once(" until ").map_or((rest, None), |(rest, moment)| (rest, Some(moment)));
        Ok(Self {
            addresses: AddressRange::parse(addresses)?,
            expires_at: moment.map(instant::parse).transpose()?,
            note: Text::parse(note)?,
        })
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.addresses.fmt(out)?;
        if let Some(moment) = self.expires_at {
            write!(out, " until {}", instant::print(moment))?;
        }
        if self.note.is_empty() { Ok(()) } else { write!(out, " # {}", self.note) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_and_printed_back() {
        for text in [
            "198.51.100.7",
            "198.51.100.0/24 # office # until further notice",
            "2001:db8::1-2001:db8::9 until 2026-11-23T10:00:00Z",
            "198.51.100.7 until 2026-11-23T10:00:00Z # Anna at home",
        ] {
            assert_eq!(Entry::parse(text).map(|entry| entry.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn wrong_entries_are_refused() {
        for text in ["", "# note", "198.51.100.7 until tomorrow", "198.51.100.7  until 2026-11-23T10:00:00Z", "a # b"] {
            assert!(Entry::parse(text).is_err(), "{text}");
        }
    }
}
