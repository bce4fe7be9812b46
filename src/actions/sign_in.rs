//! Opening a session with name and password.

use std::{fmt, sync::PoisonError};

use super::{
    Actions, NewSession, Origin, hashing,
    refusals::Row,
    session,
    throttle::{Caller, NotNow, Throttle, Tried},
    token::Token,
};
use crate::{
    firewall::Moment,
    store::{Actor, AddressPrefix, Credentials, Entry, Error, UserName, Verb},
};

/// An address counts as a user's own this long after a sign-in from it.
pub(super) const KNOWN_SECONDS: i64 = 30 * 24 * 3600;

/// What the sign-in page sends.
#[derive(Clone, Copy)]
pub struct SignInAttempt<'a> {
    /// The name typed.
    pub name: &'a str,
    /// The password typed.
    pub password: &'a str,
}

impl fmt::Debug for SignInAttempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInAttempt(..)")
    }
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such account, or another password; which of the two is nobody's business.
    #[error("The name or the password is wrong.")]
    Wrong,
    /// The password is right; a code has to follow.
    #[error("Now the code of your second factor.")]
    Code {
        /// What [`Actions::sign_in_with_code`] takes along with the code.
        ticket: Token,
    },
    /// Too many failures; the password wasn't looked at.
    #[error("Too many attempts have failed. Wait {seconds} seconds, then try again.")]
    Wait {
        /// How long, at least 1.
        seconds: u32,
    },
    /// Too many attempts at once; the password wasn't looked at.
    #[error("The server is busy checking passwords. Try again in a few seconds.")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Actions {
    /// Opens a session. Takes the same work and gives the same answer whether the account or the password is wrong.
    ///
    /// Runs to its end even when the caller loses patience: hanging up early must not keep a guess out of the log.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(&self, attempt: SignInAttempt<'_>, origin: &Origin) -> Result<NewSession, SignInError> {
        let (actions, origin) = (self.clone(), origin.clone());
        let (name, password) = (UserName::parse(attempt.name).ok(), attempt.password.to_owned());
        to_the_end(async move { actions.judge_attempt(name, &password, &origin).await }).await
    }

    /// From where anybody signed in lately.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn known_addresses(&self) -> Result<Vec<AddressPrefix>, Error> {
        self.store().list_known_addresses(self.now().plus_seconds(-KNOWN_SECONDS)).await
    }

    async fn judge_attempt(
        &self,
        name: Option<UserName>,
        password: &str,
        origin: &Origin,
    ) -> Result<NewSession, SignInError> {
        let from = AddressPrefix::of(origin.address);
        let credentials = match &name {
            Some(name) => self.store().find_credentials(name, from).await?,
            None => None,
        };
        let caller = caller(name.as_ref(), credentials.as_ref(), from, self.now());
        let right = self.try_password(&caller, password, credentials.as_ref()).await;
        match (right, credentials) {
            (Ok(true), Some(credentials)) => self.open_session(credentials, origin).await,
            (right, credentials) => {
                self.note_refusal(origin, credentials.map(|credentials| credentials.user.name)).await;
                Err(right.err().map_or(SignInError::Wrong, SignInError::from))
            }
        }
    }

    /// Checks a password in the lane of its caller, against a hash that nothing matches where there is no account.
    pub(super) async fn try_password(
        &self,
        caller: &Caller,
        password: &str,
        credentials: Option<&Credentials>,
    ) -> Result<bool, NotTried> {
        let hashing = &self.shared.hashing;
        let fresh = self.throttle(|throttle| throttle.admit(caller, self.now()))?;
        let mut trial = Trial { actions: self, caller, tried: Tried::Wrong };
        let turn = match caller {
            Caller::Known { .. } => hashing.known.enter(fresh).await,
            Caller::Stranger { .. } => hashing.strangers.enter(fresh).await,
        };
        let Some(_turn) = turn else {
            trial.tried = Tried::Unseen;
            return Err(NotTried::Busy);
        };
        let hash = credentials.map_or(hashing.dummy(), |credentials| &credentials.password_hash);
        let is_open = credentials.is_some_and(|credentials| credentials.user.is_enabled);
        let right = hashing::verify(password, hash).await && is_open;
        if right {
            trial.tried = Tried::Right;
        }
        Ok(right)
    }

    async fn open_session(&self, credentials: Credentials, origin: &Origin) -> Result<NewSession, SignInError> {
        let Credentials { user, password_hash, last_signed_in_from_there_at } = credentials;
        let mut tx = self.store().write(session::actor(&user, origin), self.now()).await?;
        // The password may have been changed while it was being checked.
        if !tx.has_password(user.id, &password_hash).await? {
            return Err(SignInError::Wrong);
        }
        if tx.find_second_factor(user.id).await?.is_some() {
            let is_known = last_signed_in_from_there_at.is_some_and(|at| self.now().seconds_since(at) < KNOWN_SECONDS);
            return Err(SignInError::Code { ticket: self.ask_for_code(user, password_hash, is_known, origin) });
        }
        tx.set_known_address(user.id, AddressPrefix::of(origin.address)).await?;
        let entry = Entry::done(Verb::SignIn, user.name.as_str());
        let new = session::begin(&mut tx, user, origin, false).await?;
        let detail = if last_signed_in_from_there_at.is_none() { "from a new address" } else { "" };
        tx.commit(entry.with_detail(detail)).await?;
        Ok(new)
    }

    /// Writes what is due of refused sign-ins. A log that can't be written must not turn a refusal into another answer.
    pub(super) async fn note_refusal(&self, origin: &Origin, account: Option<UserName>) {
        let now = self.now();
        let rows = {
            let mut refusals = self.shared.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            refusals.note(origin.address, account, now)
        };
        if let Err(error) = self.write_refusals(rows).await {
            tracing::warn!(%error, "a refused sign-in could not be written to the audit log");
        }
    }

    /// Writes rows about refused sign-ins to the audit log.
    pub(super) async fn write_refusals(&self, rows: Vec<Row>) -> Result<(), Error> {
        for row in rows {
            let actor = row.address.map_or(Actor::System, |address| Actor::Stranger { address });
            let subject = match (&row.account, row.address) {
                (Some(account), _) => account.as_str(),
                (None, Some(_)) => "no such account",
                (None, None) => "various accounts, from various addresses",
            };
            let entry = Entry::refused(Verb::SignIn, subject).with_detail(row.count);
            self.store().write(actor, self.now()).await?.commit(entry).await?;
        }
        Ok(())
    }

    pub(super) fn throttle<T>(&self, act: impl FnOnce(&mut Throttle) -> T) -> T {
        // Each entry is whole at any time, so a table that a panic left behind is as good as any.
        act(&mut self.shared.throttle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Does the work whatever becomes of the caller.
pub(super) async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// A try that was admitted. However it ends, the caller hanging up included, it is settled; as wrong unless said
/// otherwise.
struct Trial<'a> {
    actions: &'a Actions,
    caller: &'a Caller,
    tried: Tried,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        self.actions.throttle(|throttle| throttle.settle(self.caller, self.tried, self.actions.now()));
    }
}

/// Why a password wasn't looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotTried {
    /// Too soon.
    Wait { seconds: u32 },
    /// Too many at once.
    Busy,
}

impl From<NotNow> for NotTried {
    fn from(not_now: NotNow) -> Self {
        match not_now {
            NotNow::Wait { seconds } => Self::Wait { seconds },
            NotNow::OneAtATime => Self::Busy,
        }
    }
}

impl From<NotTried> for SignInError {
    fn from(not_tried: NotTried) -> Self {
        match not_tried {
            NotTried::Wait { seconds } => Self::Wait { seconds },
            NotTried::Busy => Self::Busy,
        }
    }
}

fn caller(name: Option<&UserName>, credentials: Option<&Credentials>, from: AddressPrefix, now: Moment) -> Caller {
    let is_recent = |at: &Moment| now.seconds_since(*at) < KNOWN_SECONDS;
    match credentials {
        Some(found) if found.last_signed_in_from_there_at.as_ref().is_some_and(is_recent) => {
            Caller::Known { user: found.user.id, from }
        }
        _ => Caller::Stranger { account: name.map(|name| name.as_str().to_ascii_lowercase()), from },
    }
}
