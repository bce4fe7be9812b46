//! Choosing a new password while signed in.

use super::{
    Actions, NewSession, Origin, Right, SignedIn, hashing,
    password::{self, PasswordProblem},
    session,
    sign_in::{NotTried, to_the_end},
    throttle::Caller,
};
use crate::store::{AddressPrefix, Entry, Error, PasswordHash, Verb};

/// Why the password stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The account may not.
    #[error("your account may not do this")]
    Forbidden,
    /// The current password was typed wrong.
    #[error("The current password is wrong.")]
    WrongCurrent,
    /// The new one can't be used.
    #[error(transparent)]
    New(#[from] PasswordProblem),
    /// The current password was typed wrong too often.
    #[error("Too many attempts have failed. Wait {seconds} seconds, then try again.")]
    Wait {
        /// How long, at least 1.
        seconds: u32,
    },
    /// Too many hashes are waiting.
    #[error("The server is busy checking passwords. Try again in a few seconds.")]
    Busy,
    /// The session ended or the password was changed elsewhere meanwhile.
    #[error("Your session has ended. Sign in again.")]
    SessionEnded,
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<NotTried> for ChangePasswordError {
    fn from(not_tried: NotTried) -> Self {
        match not_tried {
            NotTried::Wait { seconds } => Self::Wait { seconds },
            NotTried::Busy => Self::Busy,
        }
    }
}

impl Actions {
    /// Sets a new password, ends all sessions of the user, forgets his other addresses and begins a new session for this
    /// browser. Asks for the current password, so that a borrowed session can't take the account over, and counts
    /// failures like a sign-in: also when the caller hangs up before the answer.
    ///
    /// # Errors
    /// [`ChangePasswordError`]; nothing has changed then.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        current: &str,
        new: &str,
        origin: &Origin,
    ) -> Result<NewSession, ChangePasswordError> {
        let (actions, signed_in, origin) = (self.clone(), signed_in.clone(), origin.clone());
        let (current, new) = (current.to_owned(), new.to_owned());
        to_the_end(async move { actions.judge_change(&signed_in, &current, &new, &origin).await }).await
    }

    async fn judge_change(
        &self,
        signed_in: &SignedIn,
        current: &str,
        new: &str,
        origin: &Origin,
    ) -> Result<NewSession, ChangePasswordError> {
        signed_in.need(Right::OwnAccount).ok_or(ChangePasswordError::Forbidden)?;
        let user = &signed_in.user;
        password::check(new, Some(&user.name))?;
        let from = AddressPrefix::of(origin.address);
        let Some(credentials) = self.store().find_credentials(&user.name, from).await? else {
            return Err(ChangePasswordError::SessionEnded);
        };
        let caller = Caller::Known { user: user.id, from };
        if !self.try_password(&caller, current, Some(&credentials)).await? {
            self.note_wrong_current(signed_in, origin).await;
            return Err(ChangePasswordError::WrongCurrent);
        }
        if current == new {
            return Err(PasswordProblem::Unchanged.into());
        }
        let turn = self.shared.hashing.known.enter(true).await.ok_or(ChangePasswordError::Busy)?;
        let hash = hashing::hash(new).await;
        drop(turn);
        self.replace_password(signed_in, &credentials.password_hash, &hash, origin).await
    }

    /// Writes down that the password was guessed at. The caller's growing wait keeps the rows few. A log that can't be
    /// written must not turn a refusal into another answer.
    async fn note_wrong_current(&self, signed_in: &SignedIn, origin: &Origin) {
        let entry = Entry::refused(Verb::ChangePassword, signed_in.user.name.as_str());
        let written = async {
            let tx = self.store().write(signed_in.actor(origin), self.now()).await?;
            tx.commit(entry.with_detail("the current password was wrong")).await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "a refused change of password could not be written to the audit log");
        }
    }

    async fn replace_password(
        &self,
        signed_in: &SignedIn,
        old: &PasswordHash,
        new: &PasswordHash,
        origin: &Origin,
    ) -> Result<NewSession, ChangePasswordError> {
        let mut user = signed_in.user.clone();
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        match tx.delete_session(signed_in.session).await {
            Err(Error::RowsAffected { actual: 0, .. }) => return Err(ChangePasswordError::SessionEnded),
            ended => ended?,
        }
        if !tx.has_password(user.id, old).await? {
            return Err(ChangePasswordError::SessionEnded);
        }
        tx.set_password(user.id, new).await?;
        user.password_changed_at = tx.now();
        let others = tx.delete_sessions(user.id, 0).await?;
        tx.delete_known_addresses(user.id).await?;
        tx.set_known_address(user.id, AddressPrefix::of(origin.address)).await?;
        let entry = Entry::done(Verb::ChangePassword, user.name.as_str());
        let new = session::begin(&mut tx, user, origin, signed_in.by_code).await?;
        tx.commit(entry.with_detail(format!("other sessions ended: {others}"))).await?;
        Ok(new)
    }
}
