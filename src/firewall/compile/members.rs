//! Who is in the sets: entries may overlap and end at different moments, intervals in the kernel may not overlap.

use std::collections::BTreeMap;

use super::sets;
use crate::firewall::{AddressRange, CheckedRuleset, Family, Moment, bits, list};

/// One interval of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The addresses.
    pub range: AddressRange,
    /// When they leave the set; never if there is no moment.
    pub expires_at: Option<Moment>,
}

/// All intervals of a set, in order and apart from each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// The set's name.
    pub set: String,
    /// The intervals.
    pub members: Vec<Member>,
}

impl Members {
    /// Those that haven't expired, with the seconds they have left; a part of one counts
    /// as a whole, or a ban of two seconds would last one.
    pub fn living(&self, now: Moment) -> impl Iterator<Item = (AddressRange, Option<u64>)> {
        let left = move |member: &Member| match member.expires_at {
            None => Some((member.range, None)),
            Some(moment) => {
                let millis = u64::try_from(moment.as_millis().saturating_sub(now.as_millis())).ok();
                millis.filter(|millis| *millis > 0).map(|millis| (member.range, Some(millis.div_ceil(1000))))
            }
        };
        self.members.iter().filter_map(left)
    }
}

pub(super) fn of(checked: &CheckedRuleset) -> Vec<Members> {
    let mut found = BTreeMap::new();
    for family in Family::BOTH {
        for name in [list::ALLOW, list::DENY] {
            found.insert(sets::list(name, family), Vec::new());
        }
        for list in &checked.ruleset().parts().lists {
            let entries: Vec<_> = list.entries.iter().map(|entry| (entry.addresses, entry.expires_at)).collect();
            found.insert(sets::list(list.name.as_str(), family), apart(&entries, family));
        }
    }
    found.extend(own_networks(checked.networks()).into_iter().map(|own| (own.set, own.members)));
    found.into_iter().map(|(set, members)| Members { set, members }).collect()
}

/// The sets of the networks that this host has an address in.
#[must_use]
pub fn own_networks(networks: &[AddressRange]) -> Vec<Members> {
    let own: Vec<_> = networks.iter().map(|range| (*range, None)).collect();
    let of = |family| Members { set: sets::own(family), members: apart(&own, family) };
    Family::BOTH.into_iter().map(of).collect()
}

/// Cuts entries where they overlap; the one that lasts longest wins.
#[must_use]
pub fn apart(entries: &[(AddressRange, Option<Moment>)], family: Family) -> Vec<Member> {
    // A missing moment is the end of time, so that it wins.
    const NEVER: Moment = Moment::from_millis(i64::MAX);
    let mut events: Vec<(u128, bool, Moment)> = Vec::new();
    for (range, expires_at) in entries.iter().filter(|(range, _)| range.family() == family) {
        let moment = expires_at.unwrap_or(NEVER);
        events.push((bits(range.first()), true, moment));
        if bits(range.last()) < family.last_bits() {
            events.push((bits(range.last()) + 1, false, moment));
        }
    }
    events.sort_unstable();
    let mut open: BTreeMap<Moment, usize> = BTreeMap::new();
    let mut pieces: Vec<(u128, u128, Moment)> = Vec::new();
    let mut events = events.into_iter().peekable();
    while let Some((position, starts, moment)) = events.next() {
        let count = open.entry(moment).or_insert(0);
        *count = if starts { *count + 1 } else { count.saturating_sub(1) };
        if *count == 0 {
            open.remove(&moment);
        }
        let next = events.peek().map(|(next, ..)| *next);
        let (Some(longest), true) = (open.keys().next_back(), next != Some(position)) else { continue };
        let last = next.map_or_else(|| family.last_bits(), |next| next - 1);
        match pieces.last_mut() {
            Some((_, end, until)) if until == longest && *end + 1 == position => *end = last,
            _ => pieces.push((position, last, *longest)),
        }
    }
    let member = |(first, last, until): (u128, u128, Moment)| {
        let range = AddressRange::between(family.address(first), family.address(last))?;
        Some(Member { range, expires_at: (until != NEVER).then_some(until) })
    };
    pieces.into_iter().filter_map(member).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(first: u8, last: u8) -> AddressRange {
        let address = |bits: u8| Family::V4.address(bits.into());
        AddressRange::between(address(first.min(last)), address(first.max(last))).expect("in order")
    }

    proptest! {
        #[test]
        fn intervals_are_apart_and_say_the_same_as_the_entries(
            entries in prop::collection::vec((any::<u8>(), any::<u8>(), prop::option::of(1i64..4)), 0..8)
        ) {
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(first, last, moment)| (range(first, last), moment.map(Moment::from_millis)))
                .collect();
            let members = apart(&entries, Family::V4);
            prop_assert!(members.windows(2).all(|pair| pair[0].range.last() < pair[1].range.first()));
            for byte in 0..=u8::MAX {
                let address = Family::V4.address(byte.into());
                let longest = entries.iter().filter(|(range, _)| range.contains(address));
                let longest = longest.map(|(_, moment)| moment.unwrap_or(Moment::from_millis(i64::MAX))).max();
                let member = members.iter().find(|member| member.range.contains(address));
                let found = member.map(|member| member.expires_at.unwrap_or(Moment::from_millis(i64::MAX)));
                prop_assert_eq!(found, longest);
            }
        }
    }

    #[test]
    fn the_whole_space_is_one_interval() {
        for family in Family::BOTH {
            let whole = AddressRange::everything(family);
            let members = apart(&[(whole, None), (whole, Some(Moment::from_millis(1)))], family);
            assert_eq!(members, [Member { range: whole, expires_at: None }]);
        }
    }
}
