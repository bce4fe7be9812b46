//! Reads each prefix once: there are as many as lines, and a flood has the same one all the time.

use std::collections::BTreeMap;

use crate::firewall::Receipt;

/// Prefixes that are remembered. Ours are fewer; others' are none of our business.
const MOST: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Receipts {
    last: Option<(Vec<u8>, Receipt)>,
    known: BTreeMap<Vec<u8>, Option<Receipt>>,
}

impl Receipts {
    /// The receipt; none if it isn't one of ours.
    pub(super) fn read(&mut self, prefix: &[u8]) -> Option<Receipt> {
        if let Some((_, receipt)) = self.last.as_ref().filter(|(last, _)| last == prefix) {
            return Some(*receipt);
        }
        let receipt = self.look_up(prefix)?;
        self.last = Some((prefix.to_vec(), receipt));
        Some(receipt)
    }

    fn look_up(&mut self, prefix: &[u8]) -> Option<Receipt> {
        if let Some(known) = self.known.get(prefix) {
            return *known;
        }
        let receipt = std::str::from_utf8(prefix).ok().and_then(|text| Receipt::parse(text).ok());
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(prefix.to_vec(), receipt);
        receipt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_are_read_and_others_are_not() {
        let mut receipts = Receipts::default();
        for _ in 0..2 {
            assert_eq!(receipts.read(b"pr:r1:41:drop"), Receipt::parse("pr:r1:41:drop").ok());
            assert_eq!(receipts.read(b"pr:default-in:41:reject"), Receipt::parse("pr:default-in:41:reject").ok());
            for foreign in [&b""[..], b"pr:r1:41", b"UFW BLOCK", b"pr:r1:41:drop\n", b"\xff\xfe"] {
                assert_eq!(receipts.read(foreign), None);
            }
        }
        for number in 0..2 * MOST {
            receipts.read(format!("foreign {number}").as_bytes());
        }
        assert!(receipts.known.len() <= MOST);
    }
}
