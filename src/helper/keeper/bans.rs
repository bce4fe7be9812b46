//! The bans, kept for when the kernel has lost them: after a reboot, and when the table had to be made from nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    boundary::limits,
    firewall::{
        AddressRange, Family, Moment,
        compile::{Member, Members, apart, sets},
        enforcement::Ban,
    },
    helper::clock,
};

/// Who is banned until when; for ever without a moment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Bans(BTreeMap<AddressRange, Option<Moment>>);

/// Bans at once.
const MOST: usize = 100_000;

impl Bans {
    /// Adds and lifts, and forgets what is over.
    pub fn change(&mut self, add: &[Ban], remove: &[AddressRange]) {
        let now = clock::now();
        for range in remove {
            self.0.remove(range);
        }
        let until = |ban: &Ban| ban.seconds.map(|seconds| now.plus_seconds(seconds.into()));
        self.0.extend(add.iter().map(|ban| (ban.addresses, until(ban))));
        self.0.retain(|_, until| until.is_none_or(|until| until > now));
    }

    /// Whether exactly these addresses are banned, or were until a moment ago.
    pub fn has(&self, addresses: &AddressRange) -> bool {
        self.0.contains_key(addresses)
    }

    /// Whether they are too many: each takes memory of the kernel.
    pub fn are_too_many(&self) -> bool {
        self.0.len() > MOST
    }

    /// Those that aren't over, with the seconds they have left; as many as one answer holds.
    pub fn living(&self) -> Vec<Ban> {
        let now = clock::now();
        let ban = |(addresses, until): (&AddressRange, &Option<Moment>)| {
            let left = until.map(|until| until.seconds_since(now));
            let seconds = left.map(|left| u32::try_from(left).unwrap_or(0));
            (seconds != Some(0)).then_some(Ban { addresses: *addresses, seconds })
        };
        self.0.iter().filter_map(ban).take(limits::BANS).collect()
    }

    /// The members of the sets of bans.
    pub fn members(&self) -> Vec<Members> {
        let of = |family, single: bool| -> Vec<_> {
            let fits = |range: &AddressRange| range.family() == family && (range.first() == range.last()) == single;
            self.0.iter().filter(|(range, _)| fits(range)).map(|(range, until)| (*range, *until)).collect()
        };
        let both = |family| {
            let alone = |(range, expires_at)| Member { range, expires_at };
            let single = of(family, true).into_iter().map(alone).collect();
            let ranges = apart(&of(family, false), family);
            [(sets::ban(family), single), (sets::ban_net(family), ranges)]
                .map(|(set, members)| Members { set, members })
        };
        Family::BOTH.into_iter().flat_map(both).collect()
    }
}
