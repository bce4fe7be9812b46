//! The first account, made by whoever holds the setup token.

use std::fmt;

use super::{
    Actions, NewSession, Origin, hashing,
    password::{self, PasswordProblem},
    session,
    token::Token,
};
use crate::store::{
    Actor, AddressPrefix, Entry, Error, NameProblem, NewUser, PasswordHash, Role, TokenHash, UserName, Verb,
};

/// What the setup page sends.
#[derive(Clone, Copy)]
pub struct FirstAccount<'a> {
    /// The token of the setup link.
    pub setup_token: &'a str,
    /// The name chosen.
    pub name: &'a str,
    /// The password chosen.
    pub password: &'a str,
}

impl fmt::Debug for FirstAccount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstAccount(..)")
    }
}

/// Why there is no first account.
#[derive(Debug, thiserror::Error)]
pub enum FirstAccountError {
    /// The token isn't the one in force: mistyped, replaced by a newer one, or used.
    #[error("This setup link is not valid (any more). Run `portreeve setup-link` on the server to get a fresh one.")]
    Token,
    /// The form needs another look.
    #[error("The account could not be made with this name and password.")]
    Fields {
        /// What is wrong with the name.
        name: Option<NameProblem>,
        /// What is wrong with the password.
        password: Option<PasswordProblem>,
    },
    /// Too many hashes are waiting.
    #[error("The server is busy checking passwords. Try again in a few seconds.")]
    Busy,
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Actions {
    /// Makes the first account, an administrator, and signs it in. The token is judged before anything else, so that a
    /// stranger without it learns nothing and costs no hash.
    ///
    /// # Errors
    /// [`FirstAccountError`]; the token stays in force then.
    pub async fn create_first_account(
        &self,
        account: FirstAccount<'_>,
        origin: &Origin,
    ) -> Result<NewSession, FirstAccountError> {
        let token = Token::parse(account.setup_token).ok_or(FirstAccountError::Token)?.hash();
        if !self.store().is_setup_token(&token).await? {
            return Err(FirstAccountError::Token);
        }
        let name = check_fields(account)?;
        let turn = self.shared.hashing.known.enter(true).await.ok_or(FirstAccountError::Busy)?;
        let password_hash = hashing::hash(account.password).await;
        drop(turn);
        self.insert_first_account(&token, &name, &password_hash, origin).await
    }

    async fn insert_first_account(
        &self,
        token: &TokenHash,
        name: &UserName,
        password_hash: &PasswordHash,
        origin: &Origin,
    ) -> Result<NewSession, FirstAccountError> {
        let mut tx = self.store().write(Actor::Stranger { address: origin.address }, self.now()).await?;
        if !tx.delete_setup_token(token).await? || tx.has_users().await? {
            return Err(FirstAccountError::Token);
        }
        let user = tx.insert_user(&NewUser { name, password_hash, role: Role::Administrator }).await?;
        tx.identify(session::actor(&user, origin));
        tx.set_known_address(user.id, AddressPrefix::of(origin.address)).await?;
        let new = session::begin(&mut tx, user, origin, false).await?;
        tx.commit(Entry::done(Verb::CreateFirstAccount, name.as_str()).with_detail("with the setup link")).await?;
        Ok(new)
    }
}

fn check_fields(account: FirstAccount<'_>) -> Result<UserName, FirstAccountError> {
    let name = UserName::parse(account.name);
    // A password can be judged without a name too; both problems are shown at once.
    let password = password::check(account.password, name.as_ref().ok());
    match (name, password) {
        (Ok(name), Ok(())) => Ok(name),
        (name, password) => Err(FirstAccountError::Fields { name: name.err(), password: password.err() }),
    }
}
