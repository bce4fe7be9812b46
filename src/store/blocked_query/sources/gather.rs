//! Sums by source over what SQLite hands over as a few long texts. It would take longer to sort and count a hundred thousand
//! sources itself, or to hand over a row for each, than all the rest of a page takes.

use super::{LISTED, NetworkSum, SourceSum, SourceSums};
use crate::{
    firewall::{
        AddressRange, Family,
        blocked::{Source, address_from_bytes},
    },
    store::Error,
};

/// Networks that are listed.
const NETWORKS: usize = 5;

/// Cells that may wait to be merged.
const WAITING: usize = 100_000;

const WRONG: Error = Error::Inconsistent { table: "blocked", column: "source" };

/// A source as its bytes, so that those of a network stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    is_six: bool,
    bytes: [u8; 16],
    length: usize,
}

/// What the sources sent.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    cells: Vec<(Key, u64)>,
    merged: usize,
}

impl Key {
    fn read(digits: &str) -> Option<Self> {
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        let (mut bytes, length) = ([0; 16], pairs.len());
        for (byte, pair) in bytes.get_mut(..length)?.iter_mut().zip(pairs) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        rest.is_empty().then_some(Self { is_six: length > 4, bytes, length })
    }

    /// Of "many" the bytes don't tell the family, and nobody can filter by it.
    fn source(&self) -> Option<Source> {
        Source::from_bytes(self.bytes.get(..self.length)?, Family::V4)
    }

    /// The /24 or /48; none for many.
    fn network(&self) -> Option<&[u8]> {
        if self.length == 0 { None } else { self.bytes.get(..if self.is_six { 6 } else { 3 }) }
    }

    fn is_of_network_of(&self, other: &Self) -> bool {
        self.is_six == other.is_six && self.network().is_some() && self.network() == other.network()
    }

    fn range(&self) -> Option<AddressRange> {
        let mut whole = [0; 16];
        let network = self.network()?;
        whole.get_mut(..network.len())?.copy_from_slice(network);
        let (width, length) = if self.is_six { (16, 48) } else { (4, 24) };
        AddressRange::network(address_from_bytes(whole.get(..width)?)?, length)
    }
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl Gathered {
    /// Reads texts like `CB007101:3,CB0071:17`. A source may come more than once.
    pub(super) fn read(pieces: impl IntoIterator<Item = Option<String>>) -> Result<Self, Error> {
        let mut gathered = Self::default();
        for piece in pieces.into_iter().flatten() {
            gathered.add(&piece)?;
        }
        gathered.merge();
        Ok(gathered)
    }

    fn add(&mut self, piece: &str) -> Result<(), Error> {
        for cell in piece.split(',') {
            let (source, packets) = cell.split_once(':').ok_or(WRONG)?;
            let packets = packets.parse().map_err(|_| WRONG)?;
            if packets > 0 {
                self.cells.push((Key::read(source).ok_or(WRONG)?, packets));
            }
        }
        if self.cells.len() > self.merged + self.merged.max(WAITING) {
            self.merge();
        }
        Ok(())
    }

    fn merge(&mut self) {
        self.cells.sort_unstable();
        self.cells.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 = if is_same { kept.1.saturating_add(next.1) } else { kept.1 };
            is_same
        });
        self.merged = self.cells.len();
    }

    /// All of them, those that sent most, and the networks of several that sent most.
    pub(super) fn sums(self) -> SourceSums {
        let packets = self.cells.iter().fold(0, |sum: u64, (_, packets)| sum.saturating_add(*packets));
        SourceSums {
            sources: u64::try_from(self.cells.len()).ok(),
            packets,
            networks: self.networks(),
            most: self.most(),
            since: None,
        }
    }

    fn networks(&self) -> Vec<NetworkSum> {
        let several = self.cells.chunk_by(|(one, _), (next, _)| next.is_of_network_of(one)).filter(|one| one.len() > 1);
        let mut found: Vec<(u64, &[(Key, u64)])> = several
            .map(|cells| (cells.iter().fold(0, |sum: u64, (_, packets)| sum.saturating_add(*packets)), cells))
            .collect();
        found.sort_by_key(|(packets, _)| std::cmp::Reverse(*packets));
        let sum = |(packets, cells): (u64, &[(Key, u64)])| {
            let network = cells.first()?.0.range()?;
            Some(NetworkSum { network, sources: u64::try_from(cells.len()).ok()?, packets })
        };
        found.into_iter().take(NETWORKS).filter_map(sum).collect()
    }

    fn most(mut self) -> Vec<SourceSum> {
        let listed = usize::try_from(LISTED).unwrap_or(usize::MAX);
        let largest_first = |one: &(Key, u64), other: &(Key, u64)| other.1.cmp(&one.1).then(one.0.cmp(&other.0));
        if self.cells.len() > listed {
            self.cells.select_nth_unstable_by(listed, largest_first);
            self.cells.truncate(listed);
        }
        self.cells.sort_unstable_by(largest_first);
        let sum = |(key, packets): (Key, u64)| key.source().map(|source| SourceSum { source, packets });
        self.cells.into_iter().filter_map(sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(pieces: &[&str]) -> SourceSums {
        Gathered::read(pieces.iter().map(|piece| Some((*piece).to_owned()))).unwrap().sums()
    }

    #[test]
    fn pieces_are_merged_and_the_largest_come_first() {
        let found =
            sums(&["CB007101:3,CB007102:1,:7", "CB007101:2,CB0071:1,C6336407:0", "20010DB8000000000000000000000001:4"]);
        let most: Vec<(String, u64)> = found
            .most
            .iter()
            .map(|sum| (sum.source.addresses().map_or("many".to_owned(), |range| range.to_string()), sum.packets))
            .collect();
        let expected = [("many", 7), ("203.0.113.1", 5), ("2001:db8::1", 4), ("203.0.113.0/24", 1), ("203.0.113.2", 1)];
        assert_eq!(most, expected.map(|(source, packets)| (source.to_owned(), packets)));
        assert_eq!((found.sources, found.packets), (Some(5), 18));
        let networks: Vec<(String, u64, u64)> =
            found.networks.iter().map(|sum| (sum.network.to_string(), sum.sources, sum.packets)).collect();
        assert_eq!(networks, [("203.0.113.0/24".to_owned(), 3, 7)]);
    }

    #[test]
    fn families_with_the_same_bytes_are_apart() {
        let found = sums(&["20010D01:1,20010D02:1,20010D0000000000:1,20010D0000010000:1,20010D0000010001:5"]);
        let networks: Vec<(String, u64)> =
            found.networks.iter().map(|sum| (sum.network.to_string(), sum.sources)).collect();
        assert_eq!(networks, [("2001:d00:1::/48".to_owned(), 2), ("32.1.13.0/24".to_owned(), 2)]);
    }

    #[test]
    fn more_than_are_listed_are_counted_all_the_same() {
        let piece: Vec<String> = (0..1000_u32).map(|number| format!("{number:08X}:{}", number + 1)).collect();
        let found = sums(&[&piece.join(",")]);
        assert_eq!((found.sources, found.most.len()), (Some(1000), 50));
        assert_eq!((found.most[0].packets, found.most[49].packets), (1000, 951));
    }

    #[test]
    fn what_the_store_never_writes_is_refused() {
        for piece in ["", "CB007101", "CB007101:x", "CB00710:1", "zz:1", &format!("{}:1", "AB".repeat(17))] {
            assert!(Gathered::read([Some(piece.to_owned())]).is_err(), "{piece}");
        }
        assert_eq!(Gathered::read([None]).unwrap().sums(), SourceSums { sources: Some(0), ..SourceSums::default() });
    }
}
