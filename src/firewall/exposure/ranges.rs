//! Sets of addresses of one family, as numbers.

use crate::firewall::{AddressRange, Family, bits, merge};

/// In order, neither overlapping nor touching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    pub(super) fn of(ranges: &[AddressRange], family: Family) -> Self {
        Self(merge(ranges, family).iter().map(|range| (bits(range.first()), bits(range.last()))).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn to_addresses(&self, family: Family) -> Vec<AddressRange> {
        let range = |&(first, last): &(u128, u128)| AddressRange::between(family.address(first), family.address(last));
        self.0.iter().filter_map(range).collect()
    }

    pub(super) fn intersect(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        let (mut left, mut right) = (self.from(other), other.from(self));
        while let (Some((one, ones)), Some((two, twos))) = (left.split_first(), right.split_first()) {
            let (first, last) = (one.0.max(two.0), one.1.min(two.1));
            if first <= last {
                both.push((first, last));
            }
            if one.1 < two.1 { left = ones } else { right = twos }
        }
        Self(both)
    }

    /// The ranges from the first on that can meet the other's.
    fn from(&self, other: &Self) -> &[(u128, u128)] {
        let start = other.0.first().map_or(0, |first| self.0.partition_point(|range| range.1 < first.0));
        &self.0[start..]
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        let mut rest = Vec::with_capacity(self.len() + 1);
        let mut cuts = other.0.as_slice();
        for &(mut first, last) in &self.0 {
            let skipped = cuts.iter().take_while(|cut| cut.1 < first).count();
            cuts = &cuts[skipped..];
            let mut is_used_up = false;
            for cut in cuts.iter().take_while(|cut| cut.0 <= last) {
                if cut.0 > first {
                    rest.push((first, cut.0 - 1));
                }
                is_used_up = cut.1 >= last;
                first = cut.1.saturating_add(1);
            }
            if !is_used_up {
                rest.push((first, last));
            }
        }
        Self(rest)
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        let mut all = [self.0.as_slice(), &other.0].concat();
        all.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        Self(joined)
    }

    pub(super) fn add(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        } else if self != other {
            *self = self.union(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn some() -> impl Strategy<Value = (Ranges, BTreeSet<u128>)> {
        prop::collection::vec(0_u128..60, 0..40).prop_map(|numbers| {
            let set: BTreeSet<u128> = numbers.into_iter().collect();
            (set.iter().fold(Ranges::default(), |all, one| all.union(&Ranges(vec![(*one, *one)]))), set)
        })
    }

    fn members(ranges: &Ranges) -> BTreeSet<u128> {
        assert!(ranges.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{ranges:?}");
        ranges.0.iter().flat_map(|(first, last)| *first..=*last).collect()
    }

    proptest! {
        #[test]
        fn the_algebra_is_that_of_sets(one in some(), two in some()) {
            prop_assert_eq!(members(&one.0.intersect(&two.0)), &one.1 & &two.1);
            prop_assert_eq!(members(&one.0.minus(&two.0)), &one.1 - &two.1);
            prop_assert_eq!(members(&one.0.union(&two.0)), &one.1 | &two.1);
        }
    }

    #[test]
    fn the_ends_of_a_family_are_no_exception() {
        let all = Ranges::of(&[AddressRange::everything(Family::V6)], Family::V6);
        assert!(all.minus(&all).is_empty());
        let last =
            Ranges::of(&[AddressRange::parse("ffff::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").unwrap()], Family::V6);
        assert_eq!(all.minus(&last).union(&last), all);
    }
}
