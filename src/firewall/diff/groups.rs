//! Many pieces that change alike become few sentences.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    atoms::{self, Atom},
    pieces::Piece,
};
use crate::firewall::{AddressRange, Direction, Family, InterfaceName, addr::merge};

/// By which interface packets come or go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Through {
    /// It doesn't matter.
    Any,
    /// This one.
    Interface(InterfaceName),
    /// Every one that no rule names.
    Others,
}

/// Pieces that are told in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) direction: Direction,
    pub(super) through: Through,
    pub(super) who: Vec<AddressRange>,
    pub(super) to: Vec<Atom>,
    pub(super) at: Option<AddressRange>,
}

impl Group {
    /// One of its pieces.
    pub(super) fn piece(&self) -> Piece {
        let interface = match &self.through {
            Through::Any | Through::Others => None,
            Through::Interface(name) => Some(name.clone()),
        };
        Piece { direction: self.direction, who: self.who[0], to: self.to[0], interface, at: self.at }
    }
}

/// Joins pieces of one direction along one axis after the other. `axis` has all interfaces that were told apart.
pub(super) fn of(pieces: BTreeSet<Piece>, axis: &BTreeSet<Option<InterfaceName>>) -> Vec<Group> {
    let Some(direction) = pieces.first().map(|piece| piece.direction) else { return Vec::new() };
    let by_place = gather(pieces.into_iter().map(|piece| ((piece.interface, piece.to, piece.who), piece.at)));
    let placed = by_place.into_iter().flat_map(|((interface, to, who), at)| {
        places(&at, who.family()).into_iter().map(move |at| ((at, to, who), interface.clone()))
    });
    let by_way = gather(placed);
    let led = by_way.into_iter().flat_map(|((at, to, who), interfaces)| {
        ways(interfaces, axis).into_iter().map(move |through| ((through, at, to), who))
    });
    let by_what = gather(led).into_iter().map(|((through, at, to), who)| {
        let who: Vec<_> = Family::BOTH.into_iter().flat_map(|family| merge(&who, family)).collect();
        ((through, at, who), to)
    });
    let groups = gather(by_what).into_iter();
    groups.map(|((through, at, who), to)| Group { direction, through, who, to: atoms::join(to), at }).collect()
}

fn gather<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut gathered: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in pairs {
        gathered.entry(key).or_default().push(value);
    }
    gathered
}

/// None if the places together are everywhere.
fn places(at: &[Option<AddressRange>], family: Family) -> Vec<Option<AddressRange>> {
    let ranges: Vec<AddressRange> = at.iter().copied().flatten().collect();
    let merged = merge(&ranges, family);
    if ranges.len() < at.len() || merged == [AddressRange::everything(family)] {
        return vec![None];
    }
    merged.into_iter().map(Some).collect()
}

fn ways(interfaces: Vec<Option<InterfaceName>>, axis: &BTreeSet<Option<InterfaceName>>) -> Vec<Through> {
    if interfaces.iter().collect::<BTreeSet<_>>().len() == axis.len() {
        return vec![Through::Any];
    }
    interfaces.into_iter().map(|name| name.map_or(Through::Others, Through::Interface)).collect()
}
