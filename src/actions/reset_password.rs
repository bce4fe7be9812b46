//! Setting somebody's password at the host's command line, for when it is forgotten.

use super::{
    Actions, hashing,
    password::{self, PasswordProblem},
};
use crate::store::{Actor, Entry, Error, UserName, Verb};

/// Why the password stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// There is no such account.
    #[error("there is no account of that name")]
    NoSuchUser,
    /// The new one can't be used.
    #[error(transparent)]
    New(#[from] PasswordProblem),
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Actions {
    /// Sets a user's password, ends all his sessions and forgets his addresses. The caller has shown by being at the console that he may.
    ///
    /// # Errors
    /// [`ResetPasswordError`]; nothing has changed then.
    pub async fn reset_password(&self, name: &str, new: &str, uid: u32) -> Result<(), ResetPasswordError> {
        let name = UserName::parse(name).map_err(|_| ResetPasswordError::NoSuchUser)?;
        password::check(new, Some(&name))?;
        let hash = hashing::hash(new).await;
        let mut tx = self.store().write(Actor::Console { uid }, self.now()).await?;
        let user = tx.find_user(&name).await?.ok_or(ResetPasswordError::NoSuchUser)?;
        tx.set_password(user.id, &hash).await?;
        let ended = tx.delete_sessions(user.id, 0).await?;
        tx.delete_known_addresses(user.id).await?;
        let entry = Entry::done(Verb::ResetPassword, user.name.as_str());
        Ok(tx.commit(entry.with_detail(format!("sessions ended: {ended}"))).await?)
    }
}
