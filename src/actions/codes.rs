//! Judging a code: of an app, or a recovery code.
//!
//! A code is short, so that guesses are what it has to be kept from. Wrong ones count for the caller, like wrong passwords,
//! and for the account, from wherever they come: somebody who has the password and ten thousand addresses gets a guess a
//! minute all the same, of which he needs some three hundred thousand. Codes are judged one at a time.

use std::sync::{Mutex, PoisonError};

use super::{
    Actions,
    delays::{Curve, Delays},
    recovery,
    sign_in::NotTried,
    throttle::{Caller, Tried},
    totp,
};
use crate::store::{Error, SecondFactor, UserId, WriteTx};

const CURVE: Curve = Curve { free: 10, first: 2, most: 60 };
const FORGIVEN: i64 = 3600;

/// Wrong codes of each account, and the turn in which codes are judged.
#[derive(Debug)]
pub(super) struct Codes {
    wrong: Mutex<Wrong>,
    pub(super) turn: tokio::sync::Mutex<()>,
}

struct Wrong(Delays<UserId>);

impl std::fmt::Debug for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wrong(..)")
    }
}

impl Default for Codes {
    fn default() -> Self {
        Self { wrong: Mutex::new(Wrong(Delays::new(4096, FORGIVEN))), turn: tokio::sync::Mutex::default() }
    }
}

/// What a code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// Of the app, for the first time.
    App,
    /// A recovery code, which is used up now.
    Recovery,
    /// Wrong, or used before. The clock of the app may be off by so many seconds.
    Wrong(Option<i64>),
}

impl Actions {
    /// Whether a code for an account may be looked at now.
    pub(super) fn admit_code(&self, user: UserId, caller: &Caller) -> Result<(), NotTried> {
        let now = self.now();
        let mut wrong = self.shared.codes.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = wrong.0.wait(&user, CURVE, now);
        if seconds > 0 {
            return Err(NotTried::Wait { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) });
        }
        drop(wrong);
        self.throttle(|throttle| throttle.admit(caller, now))?;
        Ok(())
    }

    /// Ends what [`Self::admit_code`] admitted.
    pub(super) fn settle_code(&self, user: UserId, caller: &Caller, is_right: bool) {
        let now = self.now();
        if !is_right {
            self.shared.codes.wrong.lock().unwrap_or_else(PoisonError::into_inner).0.add(&user, now);
        }
        let tried = if is_right { Tried::Right } else { Tried::Wrong };
        self.throttle(|throttle| throttle.settle(caller, tried, now));
    }
}

/// Judges a code and uses it up in the transaction.
pub(super) async fn judge(tx: &mut WriteTx, user: UserId, factor: &SecondFactor, typed: &str) -> Result<Judged, Error> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if !totp::is_code(&code) {
        let is_one = tx.take_recovery_code(user, &recovery::hash(&code)).await?;
        return Ok(if is_one { Judged::Recovery } else { Judged::Wrong(None) });
    }
    let now = tx.now();
    let skew = || totp::find_skew(&factor.secret, &code, now).filter(|skew| *skew != 0);
    match totp::find_step(&factor.secret, &code, now) {
        Some(step) if tx.use_step(user, step).await? => Ok(Judged::App),
        Some(_) => Ok(Judged::Wrong(None)),
        None => Ok(Judged::Wrong(skew())),
    }
}
