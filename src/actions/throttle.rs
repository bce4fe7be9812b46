//! Who may try a password now. Pure: the time is handed in.
//!
//! A panel that makes everybody wait who tries an account under attack has given strangers a lock for its
//! administrator's door. So nobody's wait depends on what others do, but for one thing that only shortens patience:
//!
//! - **Known**: who tries an account from an address from which its user signed in during the last 30 days waits for
//!   his own failures from there alone, half a minute at most. Strangers can't reach these entries, nor the lane in
//!   which these passwords are hashed, so they can't lock such a user out.
//! - **Stranger**: everybody else waits for the failures of his own address, a quarter of an hour at most. Once an
//!   account has seen [`ATTACK`] failures of strangers, from however many addresses, strangers get one free try at it
//!   instead of three, and the waits begin at a minute.
//!
//! Hence an administrator at a new address while his account is under attack: his first try is checked at once, the
//! second a minute later, none later than a quarter of an hour after the one before, whatever the attacker does. What
//! remains is the queue of the strangers' lane: it has an end, so the wait in it is at most ten seconds, and half of it
//! is kept for addresses that haven't failed yet. To keep that half full an attacker has to bring more fresh addresses
//! each second than passwords are hashed (tens), each fresh once in [`STRANGERS_FORGIVEN`] seconds: over half a
//! million. Against that, `portreeve password` at the console and the known addresses remain.
//!
//! What an attacker gets: per address 96 tries a day, and all together no more than the lane hashes. The table of
//! strangers has room for so many addresses that one who fills it is limited by the lane and not by his delays; being
//! dropped from it wins him nothing.

use std::collections::BTreeSet;

use super::delays::{Curve, Delays};
use crate::{
    firewall::Moment,
    store::{AddressPrefix, UserId},
};

const KNOWN: Curve = Curve { free: 5, first: 2, most: 30 };
const CALM: Curve = Curve { free: 3, first: 2, most: 900 };
const ATTACKED: Curve = Curve { free: 1, first: 60, most: 900 };

/// Failures of strangers at one account that make it one under attack.
const ATTACK: u32 = 20;

const KNOWN_FORGIVEN: i64 = 3600;
const STRANGERS_FORGIVEN: i64 = 6 * 3600;
const ATTACK_FORGIVEN: i64 = 3600;

/// Who tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// Somebody at an address from which this user signed in lately.
    Known {
        /// The account tried.
        user: UserId,
        /// The address.
        from: AddressPrefix,
    },
    /// Somebody else, whether the account exists or not.
    Stranger {
        /// The account tried, in lower case; none for a name no account can have.
        account: Option<String>,
        /// The address.
        from: AddressPrefix,
    },
}

/// Why a password isn't looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotNow {
    /// Too soon after the last failure.
    Wait {
        /// How much too soon, at least 1.
        seconds: u32,
    },
    /// Another try of the same caller is being looked at.
    OneAtATime,
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    /// The password was right. Earlier failures stay, or an attacker with an account could wash his away.
    Right,
    /// It was wrong.
    Wrong,
    /// It was never looked at.
    Unseen,
}

#[derive(Debug)]
pub(super) struct Throttle {
    known: Delays<(UserId, AddressPrefix)>,
    strangers: Delays<AddressPrefix>,
    attacked: Delays<String>,
    trying: BTreeSet<(Option<UserId>, AddressPrefix)>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            known: Delays::new(4096, KNOWN_FORGIVEN),
            strangers: Delays::new(32_768, STRANGERS_FORGIVEN),
            attacked: Delays::new(4096, ATTACK_FORGIVEN),
            trying: BTreeSet::new(),
        }
    }
}

impl Throttle {
    /// Admits a try, which must be [`settled`](Self::settle) afterwards. True when the caller hasn't failed yet.
    pub(super) fn admit(&mut self, caller: &Caller, now: Moment) -> Result<bool, NotNow> {
        let seconds = self.wait(caller, now);
        if seconds > 0 {
            return Err(NotNow::Wait { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) });
        }
        if !self.trying.insert(caller.key()) {
            return Err(NotNow::OneAtATime);
        }
        Ok(match caller {
            Caller::Known { user, from } => self.known.count(&(*user, *from), now) == 0,
            Caller::Stranger { from, .. } => self.strangers.count(from, now) == 0,
        })
    }

    /// Ends a try that was admitted.
    pub(super) fn settle(&mut self, caller: &Caller, tried: Tried, now: Moment) {
        self.trying.remove(&caller.key());
        if tried != Tried::Wrong {
            return;
        }
        match caller {
            Caller::Known { user, from } => self.known.add(&(*user, *from), now),
            Caller::Stranger { account, from } => {
                self.strangers.add(from, now);
                if let Some(account) = account {
                    self.attacked.add(account, now);
                }
            }
        }
    }

    fn wait(&mut self, caller: &Caller, now: Moment) -> i64 {
        match caller {
            Caller::Known { user, from } => self.known.wait(&(*user, *from), KNOWN, now),
            Caller::Stranger { account, from } => {
                let failures = account.as_ref().map_or(0, |account| self.attacked.count(account, now));
                let curve = if failures < ATTACK { CALM } else { ATTACKED };
                self.strangers.wait(from, curve, now)
            }
        }
    }
}

impl Caller {
    fn key(&self) -> (Option<UserId>, AddressPrefix) {
        match self {
            Self::Known { user, from } => (Some(*user), *from),
            Self::Stranger { from, .. } => (None, *from),
        }
    }
}
