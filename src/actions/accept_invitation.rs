//! Choosing the password of one's account with a link from an administrator.

use super::{
    Actions, NewSession, Origin, SessionToken, hashing,
    password::{self, PasswordProblem},
    session,
};
use crate::store::{self, Actor, AddressPrefix, Entry, PasswordHash, TokenHash, User, Verb};

/// Why no password was set.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The token isn't one in force: mistyped, too old, replaced by a newer one, or used.
    #[error("This link is not valid (any more). Ask an administrator for a new one.")]
    Token,
    /// The password can't be used.
    #[error(transparent)]
    Password(#[from] PasswordProblem),
    /// Too many hashes are waiting.
    #[error("The server is busy checking passwords. Try again in a few seconds.")]
    Busy,
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Actions {
    /// For which account the holder of a token may choose a password.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn invited(&self, token: &str) -> Result<Option<User>, store::Error> {
        let Some(token) = SessionToken::parse(token) else { return Ok(None) };
        self.store().find_invited(&token.hash(), self.now()).await
    }

    /// Sets the password of the account that the token is for, and signs in, unless a second factor has to be shown too. The token is judged before anything else, so
    /// that a stranger without it costs no hash.
    ///
    /// # Errors
    /// [`InvitationError`]; the token stays in force then.
    pub async fn accept_invitation(
        &self,
        token: &str,
        new: &str,
        origin: &Origin,
    ) -> Result<Option<NewSession>, InvitationError> {
        let user = self.invited(token).await?.ok_or(InvitationError::Token)?;
        password::check(new, Some(&user.name))?;
        let turn = self.shared.hashing.known.enter(true).await.ok_or(InvitationError::Busy)?;
        let hash = hashing::hash(new).await;
        drop(turn);
        let token = SessionToken::parse(token).ok_or(InvitationError::Token)?.hash();
        self.set_chosen_password(&token, &hash, origin).await
    }

    async fn set_chosen_password(
        &self,
        token: &TokenHash,
        hash: &PasswordHash,
        origin: &Origin,
    ) -> Result<Option<NewSession>, InvitationError> {
        let mut tx = self.store().write(Actor::Stranger { address: origin.address }, self.now()).await?;
        let user = tx.take_invitation(token).await?.ok_or(InvitationError::Token)?;
        tx.identify(session::actor(&user, origin));
        tx.set_password(user.id, hash).await?;
        tx.delete_sessions(user.id, 0).await?;
        tx.set_known_address(user.id, AddressPrefix::of(origin.address)).await?;
        let entry = Entry::done(Verb::AcceptInvitation, user.name.as_str());
        if tx.find_second_factor(user.id).await?.is_some() {
            tx.commit(entry).await?;
            return Ok(None);
        }
        let new = session::begin(&mut tx, user, origin, false).await?;
        tx.commit(entry).await?;
        Ok(Some(new))
    }
}
