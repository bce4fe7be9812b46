//! A link of the chain as it is logged: the number of its record and its hash.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use crate::{firewall::ParseError, store::Error};

/// What comes before the number and the hash in a log.
const MARK: &str = "audit head ";

/// The link of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// The record's number.
    pub id: i64,
    /// SHA-256 over the link before and the record.
    pub hash: [u8; 32],
}

impl AuditHead {
    /// Every head that a log tells of, whatever else is in its lines.
    pub fn all_in(log: &str) -> impl Iterator<Item = Self> {
        log.match_indices(MARK).filter_map(|(start, _)| {
            let rest = log.get(start..)?;
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let words: Vec<&str> = rest.get(..end)?.split_whitespace().take(4).collect();
            words.join(" ").parse().ok()
        })
    }

    /// The hash in hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        self.hash.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a String takes every write");
            hex
        })
    }

    pub(super) fn from_row(id: i64, hash: &[u8]) -> Result<Self, Error> {
        let hash = hash.try_into().map_err(|_| Error::Inconsistent { table: "audit_link", column: "hash" })?;
        Ok(Self { id, hash })
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{} {}", self.id, self.hex())
    }
}

impl FromStr for AuditHead {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        read(text).ok_or_else(|| ParseError::new(text, "isn't like “audit head 12 9f3a…” with all 64 digits"))
    }
}

fn read(text: &str) -> Option<AuditHead> {
    let (id, hex) = text.strip_prefix(MARK)?.split_once(' ')?;
    let is_hex = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let mut hash = [0; 32];
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * index..2 * index + 2).filter(|_| is_hex)?, 16).ok()?;
    }
    Some(AuditHead { id: id.parse().ok().filter(|id| *id > 0)?, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_found_among_other_words() {
        let heads = [AuditHead { id: 1, hash: [0xaf; 32] }, AuditHead { id: 12_345, hash: [0x07; 32] }];
        let log = format!("Nov 25 gate portreeve[7]: INFO {}\nother\n INFO {} .\n", heads[0], heads[1]);
        assert_eq!(AuditHead::all_in(&log).collect::<Vec<_>>(), heads);
    }

    #[test]
    fn nonsense_is_no_head() {
        let good = AuditHead { id: 7, hash: [0xab; 32] }.to_string();
        assert!(good.parse::<AuditHead>().is_ok());
        let cut = &good[..good.len() - 1];
        let (negative, signed) = (good.replace(" 7 ", " -7 "), good.replace("abab", "+bab"));
        for wrong in
            ["", "audit head", "audit head 7", cut, &negative, &signed, &good.replace('a', "é"), &good.to_uppercase()]
        {
            assert!(wrong.parse::<AuditHead>().is_err(), "{wrong}");
            assert_eq!(AuditHead::all_in(wrong).count(), 0, "{wrong}");
        }
    }
}
