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
//! is kept for addresses that haven't failed yet. To keep that half full an attacker has to bring fresh addresses faster
//! than passwords are hashed (tens a second), and an address is fresh again only when [`STRANGERS`] others have failed
//! after it. Against so many, the known addresses remain.
//!
//! What an attacker gets: some 100 tries a day per address, and all together no more than the lane hashes. One who
//! fills the table of strangers holds so many addresses that the lane limits him more than his delays do: being dropped
//! from the table wins him nothing.

use std::{collections::BTreeSet, fmt};

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
/// Addresses of strangers that are kept in mind.
const STRANGERS: usize = 32_768;

const STRANGERS_FORGIVEN: i64 = 6 * 3600;
const ATTACK_FORGIVEN: i64 = 3600;

/// Who tries. Has no `Debug`, nor has what keeps it: a name that was typed may be a password.
#[derive(Clone, PartialEq, Eq)]
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

pub(super) struct Throttle {
    known: Delays<(UserId, AddressPrefix)>,
    strangers: Delays<AddressPrefix>,
    attacked: Delays<String>,
    trying: BTreeSet<(Option<UserId>, AddressPrefix)>,
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Throttle(..)")
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            known: Delays::new(4096, KNOWN_FORGIVEN),
            strangers: Delays::new(STRANGERS, STRANGERS_FORGIVEN),
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

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "192.0.2.10";

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(1_000_000_000_000).plus_seconds(seconds)
    }

    fn from(address: &str) -> AddressPrefix {
        AddressPrefix::of(address.parse().unwrap())
    }

    fn stranger(account: &str, address: &str) -> Caller {
        Caller::Stranger { account: Some(account.to_owned()), from: from(address) }
    }

    fn anna_at_home() -> Caller {
        Caller::Known { user: UserId::sample(1), from: from(HOME) }
    }

    /// Tries as soon as it is allowed and fails, `times` over; gives the seconds waited before each try.
    fn fail(throttle: &mut Throttle, caller: &Caller, start: i64, times: usize) -> Vec<u32> {
        let mut now = start;
        let mut waits = Vec::new();
        for _ in 0..times {
            let wait = match throttle.admit(caller, at(now)) {
                Err(NotNow::Wait { seconds }) => seconds,
                _ => 0,
            };
            now += i64::from(wait);
            if wait > 0 {
                throttle.admit(caller, at(now)).expect("the wait told is the wait meant");
            }
            throttle.settle(caller, Tried::Wrong, at(now));
            waits.push(wait);
        }
        waits
    }

    /// Ten thousand addresses that each fail five times at anna's account.
    fn attack() -> Throttle {
        let mut throttle = Throttle::default();
        for number in 0..10_000_u32 {
            let address = AddressPrefix::of(std::net::IpAddr::V4((0x0a00_0000 + number).into()));
            let caller = Caller::Stranger { account: Some("anna".to_owned()), from: address };
            (0..5).for_each(|_| throttle.settle(&caller, Tried::Wrong, at(0)));
        }
        throttle
    }

    #[test]
    fn a_stranger_waits_for_his_own_failures() {
        let mut throttle = Throttle::default();
        let waits = fail(&mut throttle, &stranger("anna", "203.0.113.9"), 0, 14);
        assert_eq!(waits, [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert!(throttle.admit(&stranger("anna", "203.0.113.10"), at(0)).is_ok());
        assert!(throttle.admit(&stranger("ben", "203.0.113.9"), at(2000)).is_err(), "another name is no way out");
    }

    #[test]
    fn a_stranger_in_one_ipv6_network_is_one_stranger() {
        let mut throttle = Throttle::default();
        fail(&mut throttle, &stranger("anna", "2001:db8:0:1::1"), 0, 4);
        assert!(throttle.admit(&stranger("anna", "2001:db8:0:1:ffff::2"), at(2)).is_err());
        assert!(throttle.admit(&stranger("anna", "2001:db8:0:2::1"), at(2)).is_ok());
    }

    #[test]
    fn no_attack_delays_a_user_at_home() {
        let mut throttle = attack();
        assert_eq!(fail(&mut throttle, &stranger("anna", HOME), 0, 3), [0, 60, 120], "even one from his own address");
        assert_eq!(throttle.admit(&anna_at_home(), at(0)), Ok(true));
    }

    #[test]
    fn a_user_at_home_who_fails_waits_half_a_minute_at_most() {
        let mut throttle = Throttle::default();
        let waits = fail(&mut throttle, &anna_at_home(), 0, 12);
        assert_eq!(waits, [0, 0, 0, 0, 0, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn an_administrator_at_a_new_address_gets_through_while_his_account_is_under_attack() {
        let mut throttle = attack();
        let waits = fail(&mut throttle, &stranger("anna", "198.51.100.7"), 0, 6);
        assert_eq!(waits, [0, 60, 120, 240, 480, 900]);
    }

    #[test]
    fn an_account_that_does_not_exist_comes_under_attack_like_one_that_does() {
        let mut throttle = Throttle::default();
        for number in 0..ATTACK {
            fail(&mut throttle, &stranger("nobody", &format!("203.0.113.{number}")), 0, 1);
        }
        assert_eq!(fail(&mut throttle, &stranger("nobody", "198.51.100.7"), 0, 2), [0, 60]);
        assert_eq!(fail(&mut throttle, &stranger("anna", "198.51.100.8"), 0, 3), [0, 0, 0]);
    }

    #[test]
    fn a_right_password_does_not_wash_failures_away() {
        let mut throttle = Throttle::default();
        let mallory = stranger("mallory", "203.0.113.9");
        fail(&mut throttle, &stranger("anna", "203.0.113.9"), 0, 4);
        throttle.admit(&mallory, at(100)).unwrap();
        throttle.settle(&mallory, Tried::Right, at(100));
        assert_eq!(fail(&mut throttle, &stranger("anna", "203.0.113.9"), 100, 2), [0, 8]);
    }

    #[test]
    fn a_caller_tries_one_password_at_a_time() {
        let mut throttle = Throttle::default();
        let caller = stranger("anna", "203.0.113.9");
        throttle.admit(&caller, at(0)).unwrap();
        assert_eq!(throttle.admit(&stranger("ben", "203.0.113.9"), at(0)), Err(NotNow::OneAtATime));
        throttle.settle(&caller, Tried::Unseen, at(0));
        assert_eq!(throttle.admit(&caller, at(0)), Ok(true), "what was never looked at is no failure");
    }

    #[test]
    fn a_flood_of_addresses_frees_nobody_who_earned_a_delay() {
        let mut throttle = Throttle::default();
        let attacker = stranger("anna", "203.0.113.9");
        fail(&mut throttle, &attacker, 0, 6);
        for number in 0..40_000_u32 {
            let from = AddressPrefix::of(std::net::IpAddr::V4((0x0a00_0000 + number).into()));
            throttle.settle(&Caller::Stranger { account: None, from }, Tried::Wrong, at(14));
        }
        assert_eq!(throttle.admit(&attacker, at(14)), Err(NotNow::Wait { seconds: 16 }));
    }
}
