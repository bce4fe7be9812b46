//! A fresh one-time setup link.

use super::{Actions, token::Token};
use crate::store::{Actor, Entry, Error, Verb};

impl Actions {
    /// Whether the panel still waits for its first account.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn needs_setup(&self) -> Result<bool, Error> {
        Ok(!self.store().has_users().await?)
    }

    /// Makes a token that lets its holder make the first account; the one before is void. None when there is an account.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn issue_setup_token(&self, actor: Actor) -> Result<Option<String>, Error> {
        let mut tx = self.store().write(actor, self.now()).await?;
        if tx.has_users().await? {
            return Ok(None);
        }
        let token = Token::random();
        tx.set_setup_token(&token.hash()).await?;
        tx.commit(Entry::done(Verb::IssueSetupToken, "first account")).await?;
        Ok(Some(token.expose()))
    }
}
